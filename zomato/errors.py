"""What can go wrong in the service.

    KitError
    └── UsageError
        ├── BadFile         a file of an instance or a solution that cannot be read, with line and field
        ├── BadMap          a map of roads that cannot be read, or has no roads
        ├── UnknownNode     a junction that a road network does not have, or a place far from all of them
        └── NoWay           two junctions, and no way from the one to the other

Page: docs/zomato/index.md
"""

from chapters.errors import UsageError


class BadFile(UsageError):
    """The message names the file, the line, the field, and what it should be."""


class BadMap(UsageError):
    """The message names the file, and what is wrong with it."""


class UnknownNode(UsageError):
    """The message says which nodes there are."""


class NoWay(UsageError):
    """A one-way street, an island, the rim of the map."""
