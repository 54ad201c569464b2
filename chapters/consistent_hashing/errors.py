"""What can go wrong when a key is given to nodes.

    KitError
    ├── Definite
    │   ├── EmptyRing       there is no node to own anything
    │   ├── UnknownNode     a node is to leave that never joined
    │   └── TooFewNodes     more owners wanted than there are, or than the zones may hold
    └── UsageError
        └── BadWeight       a weight that is no share of anything

Page: docs/chapters/consistent_hashing.md
"""

from chapters.errors import Definite, UsageError


class EmptyRing(Definite):
    """There are no nodes, so nobody owns the key."""


class UnknownNode(Definite):
    """No node of that name is on the ring."""


class TooFewNodes(Definite):
    """There are not as many distinct nodes as were asked for."""


class BadWeight(UsageError):
    """A weight is a share of the load: not negative, and finite."""
