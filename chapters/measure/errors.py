"""What can go wrong while measuring.

    KitError
    └── UsageError
        ├── BadModel        a capacity model whose formulas or units do not fit together
        └── NothingMeasured a percentile, a plot or a ratio of no values at all

Page: docs/chapters/measure.md
"""

from chapters.errors import UsageError


class BadModel(UsageError):
    """A formula that cannot be evaluated, or whose unit is not the one that it claims."""


class NothingMeasured(UsageError):
    """A question about no values."""
