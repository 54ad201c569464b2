"""What can go wrong with a tree: nothing was changed, or the tree must be opened again to see.

    Definite
    ├── CorruptTable     a block, an index or the manifest is damaged or missing
    ├── EntryTooLarge    a key or a value over its limit
    └── UnsortedItems    what `replace` was given is not in ascending order
    Indefinite
    └── TreeUnsure       an earlier write failed half-way: open the tree again

Page: docs/chapters/lsm.md
"""

from chapters.errors import Definite, Indefinite


class CorruptTable(Definite):
    """Bytes that were durable are damaged; what they held must come from a copy."""

    def __init__(self, file: str, offset: int, why: str) -> None:
        super().__init__(
            f"{file} is damaged at byte {offset}: {why}. Restore this tree from a copy; "
            f"nothing was changed"
        )
        self.file = file
        self.offset = offset


class EntryTooLarge(Definite):
    """A key or a value is over its limit; nothing of its batch was applied."""


class UnsortedItems(Definite):
    """The items of a replacement are not in strictly ascending order of their keys."""


class TreeUnsure(Indefinite):
    """A flush or a merge failed half-way, so the next one may not build on it."""
