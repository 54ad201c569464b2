"""What can go wrong with a saga.

    KitError
    ├── Definite
    │   └── TooLate     it cannot be given up any more
    └── UsageError
        └── BadPlan     steps that could not be undone in the middle of the way

Page: docs/chapters/saga.md
"""

from chapters.errors import Definite, UsageError


class TooLate(Definite):
    """All is done, or so much that there is no way back."""


class BadPlan(UsageError):
    """Only the last steps may be without an undo, and no two steps have the same name."""
