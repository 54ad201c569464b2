"""What can go wrong with a lease: you do not have it, or you no longer have it.

    KitError
    ├── Definite
    │   ├── Held            somebody else has it: ask again when it is over
    │   ├── Lost            it was yours, and it is no longer the latest: stop, then ask anew
    │   ├── Fenced          the resource has seen a later epoch: nothing was done
    │   └── TooManyLeases   as many are running as the giver keeps
    └── UsageError
        └── BadTerm         a time to live that no lease can have

Page: docs/chapters/lease.md
"""

from chapters.errors import Definite, UsageError


class Held(Definite):
    """Somebody else holds the lease, and it has not run out."""


class Lost(Definite):
    """The epoch is not that of the name's latest lease: whoever still works under it must stop."""


class Fenced(Definite):
    """The resource has seen a later epoch, so this one's holder is no longer the holder."""


class TooManyLeases(Definite):
    """The giver keeps no more leases at a time; none of those running was touched."""


class BadTerm(UsageError):
    """A time to live must be above 0 and at most the longest that the giver would wait for."""
