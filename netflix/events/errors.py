"""What can be wrong with what a player reports.

    KitError
    └── Definite
        └── Refused            400, 413
            ├── BadEvent       one event cannot be read: the whole batch is refused, so none is counted
            └── BatchTooLong   more events at once than a batch may have

Page: docs/netflix/events.md
"""

from netflix.errors import Refused


class BadEvent(Refused):
    """An event with a field that is missing or makes no sense."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message)


class BatchTooLong(Refused):
    """A batch of more events than are taken at once."""

    def __init__(self, message: str) -> None:
        super().__init__(413, message)
