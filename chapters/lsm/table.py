"""A table answers from disk: one search in memory says which block, one read fetches it.

    index:   apple@0   grape@4096   melon@8192                    in memory, one key a block
                          │
    get("kiwi") ──────────┘  grape ≤ kiwi < melon: if it is here, it is in the second block
                             filter says no?  not even read

Invariant: the file never changes, so whatever was read of it stays true. In memory are the first key
of each block and the filters, some 4 % of the file; each block that is read is verified.
Cost: `get` one read at most, none for 99 % of the keys that are not here; `entries` reads one block at
first, and then more at once the further it goes. Source: Chang et al., "Bigtable", OSDI 2006, §4 (the
SSTable). Page: docs/chapters/lsm.md
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from chapters.bloom import Bloom
from chapters.lsm.block import Entry, between, decode, find, verify
from chapters.lsm.cache import BlockCache
from chapters.lsm.errors import CorruptTable
from chapters.lsm.layout import (
    BLOCK_BYTES,
    BLOCKS_PER_FILTER,
    FOOTER_BYTES,
    Footer,
    decode_footer,
    table_name,
)
from chapters.sim.disk import Disk
from chapters.sim.errors import NoSuchFile

AHEAD_BYTES_MAX = 64 * 1024  # read at once, which takes little longer than 4 KiB do


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
        for block in self._walk(low, high, reverse, keep):
            found = between(decode(block), start, stop)
            yield from reversed(found) if reverse else found

    def _block(self, number: int) -> bytes:
        """Return the block, verified, from the cache or from disk."""
        block = self._cache.get(self.number, number)
        if block is None:
            block = self._read(self._offsets[number], self._offsets[number + 1])
            self._cache.put(self.number, number, block)
        return block

    def _walk(self, low: int, high: int, reverse: bool, keep: bool) -> Iterator[bytes]:
        """Yield the blocks from number `low` to before `high`, twice as much at once each time."""
        ahead_bytes = BLOCK_BYTES
        while low < high:
            first, last = self._next_run(low, high, reverse, ahead_bytes)
            run = self._blocks(first, last, keep)
            yield from reversed(run) if reverse else run
            low, high = (low, first) if reverse else (last, high)
            ahead_bytes = min(2 * ahead_bytes, AHEAD_BYTES_MAX)

    def _next_run(self, low: int, high: int, reverse: bool, ahead_bytes: int) -> tuple[int, int]:
        """Return which blocks to read next: as many as fit into `ahead_bytes`, and at least one."""
        if reverse:
            first = bisect_left(self._offsets, self._offsets[high] - ahead_bytes)
            return max(low, min(first, high - 1)), high
        last = bisect_right(self._offsets, self._offsets[low] + ahead_bytes) - 1
        return low, min(high, max(last, low + 1))

    def _blocks(self, first: int, last: int, keep: bool) -> list[bytes]:
        """Return the blocks from number `first` to before `last`, verified: cached, or by one read."""
        numbers = range(first, last)
        cached = [self._cache.get(self.number, number) for number in numbers]
        if None not in cached:
            return [block for block in cached if block is not None]
        start = self._offsets[first]
        data = self._disk.read(self.name, start, self._offsets[last] - start)
        ends = self._offsets[first : last + 1]
        found = [
            verify(data[low - start : high - start], high - low, self.name, low)
            for low, high in pairwise(ends)
        ]
        for number, known, block in zip(numbers, cached, found, strict=True):
            if keep and known is None:
                self._cache.put(self.number, number, block)
        return found

    def _read(self, start: int, end: int) -> bytes:
        data = self._disk.read(self.name, start, end - start)
        return verify(data, end - start, self.name, start)
