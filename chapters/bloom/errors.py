"""What can go wrong with a Bloom filter.

    KitError
    ├── Definite
    │   └── DamagedFilter   these bytes are no filter, or not all of one: build it again
    └── UsageError
        └── BadRate         a rate of false positives that no filter can have

Page: docs/chapters/bloom.md
"""

from chapters.errors import Definite, UsageError


class DamagedFilter(Definite):
    """The bytes are not those that `to_bytes` wrote; a filter with a bit missing would lie."""


class BadRate(UsageError):
    """A rate of false positives must lie between 0 and 1, and be neither."""
