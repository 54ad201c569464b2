"""Where things are: the files of a tree, and the parts of a table.

    tree/manifest                 which tables there are, newest first
    tree/000000000007.table       ┌─────────┬─────────┬───┬─────────┬───────┬────────┐
                                  │ block 0 │ block 1 │ … │ filters │ index │ footer │
                                  └─────────┴─────────┴───┴─────────┴───────┴────────┘

A table is written once, from front to back, and never changed. Filters and index are blocks
themselves: the index has an entry for each block, its first key and its offset; the filters, one for
every `BLOCKS_PER_FILTER` blocks. Each part ends where the next one begins. The footer has a fixed
size, so a reader begins there. Source: the layout of LevelDB's tables. Page: docs/chapters/lsm.md
"""

import struct
from dataclasses import dataclass

import google_crc32c

from chapters.lsm.errors import CorruptTable

BLOCK_BYTES = 4096  # larger blocks make `get` slower, smaller ones the index larger
BLOCKS_PER_FILTER = 64  # so a filter is sized by keys that were counted, not guessed

OFFSET_BYTES = 8
_FOOTER = struct.Struct("<8sQQQ")
_MAGIC = b"kit lsm1"
_CHECKSUM_BYTES = 4
FOOTER_BYTES = _FOOTER.size + _CHECKSUM_BYTES


def table_name(tree: str, number: int) -> str:
    """Return the file name of the table of that number; numbers are never used twice."""
    return f"{tree}/{number:012d}.table"


def table_number(tree: str, name: str) -> int | None:
    """Return the number in the file name of a table of `tree`, or None if it is none of those."""
    stem = name.removeprefix(f"{tree}/").removesuffix(".table")
    is_one = stem.isdecimal() and name == table_name(tree, int(stem))
    return int(stem) if is_one else None


@dataclass(frozen=True, slots=True)
class Footer:
    """Where filters and index are, and how many entries the table holds."""

    entries: int
    filters_offset: int
    index_offset: int

    def encode(self) -> bytes:
        """Return the last bytes of a table."""
        checked = _FOOTER.pack(_MAGIC, self.entries, self.filters_offset, self.index_offset)
        return checked + int(google_crc32c.value(checked)).to_bytes(_CHECKSUM_BYTES, "little")


def decode_footer(data: bytes, file: str, offset: int) -> Footer:
    """Return the footer in `data`, read at `offset` of `file`. Raises `CorruptTable`."""
    checked, checksum = data[: _FOOTER.size], data[_FOOTER.size :]
    if len(data) != FOOTER_BYTES or not checked.startswith(_MAGIC):
        raise CorruptTable(file, max(0, offset), "there is no footer")
    if google_crc32c.value(checked) != int.from_bytes(checksum, "little"):
        raise CorruptTable(file, offset, "the footer does not match its checksum")
    return Footer(*_FOOTER.unpack(checked)[1:])
