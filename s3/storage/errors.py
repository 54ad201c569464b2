"""What can go wrong between an object and the disks that hold it.

    Definite
    ├── NoSuchShard      404  this node has no shard of that name
    ├── DamagedShard     410  it has one, and it fails its checksum: not a byte of it is given out
    ├── Unreachable      503  the node cannot be reached, or refuses: nothing was done
    └── Busy (s3.errors)
        └── LostQuorum   503  too few nodes are left: SlowDown for the one who asked
    Indefinite
    └── NoAnswer         504  the node was asked and did not answer: a shard may be there or not
    UsageError
    └── BadShard         400  a name or a size that no shard may have

A full disk is `chapters.sim.errors.DiskFull` (507), a failed sync its `SyncFailed` (500).
Page: docs/s3/storage.md
"""

from chapters.errors import Definite, Indefinite, UsageError
from s3.errors import Busy


class NoSuchShard(Definite):
    """This node has no shard of that name."""


class DamagedShard(Definite):
    """The shard's bytes are not the ones that were stored; repair makes it anew from the others."""


class Unreachable(Definite):
    """The node did nothing: it cannot be reached, or it refuses."""


class NoAnswer(Indefinite):
    """The node was asked and no answer came; what it did is unknown."""


class LostQuorum(Busy):
    """Too few nodes are left to read or to write safely; nothing was acknowledged."""


class BadShard(UsageError):
    """A shard's name or size is out of bounds."""
