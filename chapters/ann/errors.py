"""What can be wrong with vectors, or with the plan of an index.

    KitError
    └── UsageError
        ├── BadVectors    no matrix, another width, or a row that is not of length 1
        └── BadPlan       more cells or poles than there are vectors, or a number out of its limits

Page: docs/chapters/ann.md
"""

from chapters.errors import UsageError


class BadVectors(UsageError):
    """Says which row or shape; `unit` makes rows of length 1."""


class BadPlan(UsageError):
    """A setting that no index of these vectors can have."""


def within(low: int, high: int, **settings: int) -> None:
    """Raise `BadPlan` for the first setting outside low … high."""
    for name, value in settings.items():
        if not low <= value <= high:
            raise BadPlan(f"{name} is {value}; it must be from {low} to {high}")
