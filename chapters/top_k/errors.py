"""What can go wrong when one counts who is most frequent.

    KitError
    └── UsageError
        ├── BadError        an error, or a chance of it, that no sketch can have
        └── Unmergeable     two counters of different shapes: their numbers mean different things

Page: docs/chapters/top_k.md
"""

from chapters.errors import UsageError


class BadError(UsageError):
    """Error and chance must lie between 0 and 1, and leave the sketch within its bounds."""


class Unmergeable(UsageError):
    """Only counters that were made alike can be merged."""
