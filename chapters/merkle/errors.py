"""What can go wrong when two trees are compared.

    KitError
    ├── Definite
    │   ├── DifferentShapes   the trees cut the key space differently: nothing can be said
    │   └── BadAnswer         the other side sent something that is no answer
    └── UsageError
        └── BadShape          a number of buckets that makes no tree

Page: docs/chapters/merkle.md
"""

from chapters.errors import Definite, UsageError


class DifferentShapes(Definite):
    """Two trees with different numbers of buckets have no digest in common."""


class BadAnswer(Definite):
    """The other replica's answer has the wrong form; ask it again, or ask another one."""


class BadShape(UsageError):
    """The number of buckets must be a power of the fan-out, within the limit."""
