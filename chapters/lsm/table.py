"""A table answers from disk: one search in memory says which block, one read fetches it.

    index:   apple@0   grape@4096   melon@8192                    in memory, one key a block
                          │
    get("kiwi") ──────────┘  grape ≤ kiwi < melon: if it is here, it is in the second block
                             filter says no?  not even read

Invariant: the file never changes, so whatever was read of it stays true. In memory are the first key
of each block and the filters, some 4 % of the file; blocks are read one at a time and verified.
Cost: `get` one read at most, none for 99 % of the keys that are not here; `entries` one read for each
block it passes. Source: Chang et al., "Bigtable", OSDI 2006, §4 (the SSTable).
Page: docs/chapters/lsm.md
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from chapters.bloom import Bloom
from chapters.lsm.block import Entry, between, decode, find, verify
from chapters.lsm.cache import BlockCache
from chapters.lsm.errors import CorruptTable
from chapters.lsm.layout import (
    BLOCKS_PER_FILTER,
    FOOTER_BYTES,
    Footer,
    decode_footer,
    table_name,
)
from chapters.sim.disk import Disk
from chapters.sim.errors import NoSuchFile


class Table:
    """One immutable sorted file. Opening reads and verifies footer, index and filters."""

    def __init__(self, *, disk: Disk, tree: str, number: int, cache: BlockCache) -> None:
        self._disk = disk
        self._cache = cache
        self.name = table_name(tree, number)
        self.number = number
        footer, footer_offset = self._footer()
        index = decode(self._read(footer.index_offset, footer_offset))
        self._first_keys = [key for key, _ in index]
        self._offsets = [int.from_bytes(offset or b"", "little") for _, offset in index]
        self._offsets.append(footer.filters_offset)
        filters = decode(self._read(footer.filters_offset, footer.index_offset))
        self._filters = [Bloom.from_bytes(data or b"") for _, data in filters]
        self.entries_count = footer.entries
        self.readers = 0  # who would miss the file

    def _footer(self) -> tuple[Footer, int]:
        try:
            offset = self._disk.size(self.name) - FOOTER_BYTES
        except NoSuchFile:
            raise CorruptTable(self.name, 0, "the manifest names it and it is gone") from None
        data = self._disk.read(self.name, max(0, offset), FOOTER_BYTES)
        return decode_footer(data, self.name, offset), offset

    def get(self, key: bytes) -> Entry | None:
        """Return the entry of `key`, be it a tombstone; None if it has none. One read at most."""
        number = bisect_right(self._first_keys, key) - 1
        if number < 0:
            return None
        if self._filters and key not in self._filters[number // BLOCKS_PER_FILTER]:
            return None
        return find(self._block(number), key)

    def entries(
        self,
        start: bytes = b"",
        stop: bytes | None = None,
        *,
        reverse: bool = False,
        keep: bool = True,
    ) -> Iterator[Entry]:
        """Yield the entries in [start, stop), ascending, or descending with `reverse`.

        Without `keep`, blocks that are read are not cached: for one who passes by only once.
        """
        low = max(0, bisect_right(self._first_keys, start) - 1)
        high = len(self._first_keys) if stop is None else bisect_left(self._first_keys, stop)
        numbers = range(low, high)
        for number in reversed(numbers) if reverse else numbers:
            found = between(decode(self._block(number, keep)), start, stop)
            yield from reversed(found) if reverse else found

    def _block(self, number: int, keep: bool = True) -> bytes:
        """Return the block, verified, from the cache or from disk."""
        block = self._cache.get(self.number, number)
        if block is None:
            block = self._read(self._offsets[number], self._offsets[number + 1])
            if keep:
                self._cache.put(self.number, number, block)
        return block

    def _read(self, start: int, end: int) -> bytes:
        data = self._disk.read(self.name, start, end - start)
        return verify(data, end - start, self.name, start)
