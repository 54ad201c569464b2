"""What can go wrong with a page or a stream.

    KitError
    └── Definite
        └── PortInUse      the address is taken: choose another port

Page: docs/chapters/portal.md
"""

from chapters.errors import Definite


class PortInUse(Definite):
    """Nothing was started: something else listens at this address."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"port {port} on {host} is in use; choose another with --port")
