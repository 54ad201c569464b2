"""What can go wrong with a key.

    KitError
    └── Definite
        ├── KeyReused    409: the key was used for another request
        └── BadKey       400: no key, or one that nobody would keep

Page: docs/chapters/idempotency.md
"""

from chapters.errors import Refused


class KeyReused(Refused):
    """The key stands for another request."""

    def __init__(self, message: str) -> None:
        super().__init__(409, message, "key_reused")


class BadKey(Refused):
    """A key has 1 to 200 characters."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message, "bad_key")
