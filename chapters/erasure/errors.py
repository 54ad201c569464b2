"""What can go wrong with an erasure code: nothing was rebuilt, or the code cannot exist.

    KitError
    ├── Definite
    │   ├── NotEnoughShards   what is left does not determine what is lost
    │   ├── UnequalShards     the shards of one stripe differ in length
    │   └── Singular          a matrix that has no inverse
    └── UsageError
        ├── BadCode           no such code: too few shards, too many, or one that is not there
        └── NoSuchBackend     a coder that is unknown, or not installed

Page: docs/chapters/erasure.md
"""

from chapters.errors import Definite, UsageError


class NotEnoughShards(Definite):
    """What is left does not determine what is lost; the bytes are gone until a shard comes back."""


class UnequalShards(Definite):
    """The shards of one stripe must have one length; one of them was cut, or is of another stripe."""


class Singular(Definite):
    """The matrix has no inverse: one of its rows is a combination of the others."""


class BadCode(UsageError):
    """A code that cannot be built, or a shard that it does not have."""


class NoSuchBackend(UsageError):
    """A coder that nobody has written, or whose library is not installed."""
