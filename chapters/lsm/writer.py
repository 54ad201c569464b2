"""A table is written from front to back, block after block, and is nobody's until it is synced.

Invariant: keys come in strictly ascending order. In memory is one block, what waits to be written
together, and what goes to the end of the file, as only then all of it is known: one key for each
block, and the filters. Cost: about three microseconds an entry, of which the filter takes two.
Page: docs/chapters/lsm.md
"""

from chapters.bloom import Bloom
from chapters.lsm.block import Entry, encode, entry_bytes
from chapters.lsm.cache import BlockCache
from chapters.lsm.layout import BLOCK_BYTES, BLOCKS_PER_FILTER, OFFSET_BYTES, Footer, table_name
from chapters.lsm.table import Table
from chapters.sim.disk import Disk

WRITE_BYTES = 256 * 1024  # blocks written together
FALSE_POSITIVES = 0.01  # of a filter: ten bits a key, and one needless read in a hundred


class TableWriter:
    """Writes one table: `add` in order, then `finish`, or `abandon`."""

    def __init__(self, *, disk: Disk, tree: str, number: int, has_filters: bool) -> None:
        self._disk = disk
        self._tree = tree
        self._number = number
        self._name = table_name(tree, number)
        self._block: list[Entry] = []
        self._block_bytes = 0
        self._index: list[Entry] = []
        self._has_filters = has_filters
        self._filter_keys: list[bytes] = []
        self._filters: list[Entry] = []
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._offset = 0
        self.entries_count = 0

    def add(self, key: bytes, value: bytes | None) -> None:
        """Take the next entry, whose key is behind all that came before."""
        size = entry_bytes(key, value)
        if self._block and self._block_bytes + size > BLOCK_BYTES:
            self._end_block()
        self._block.append((key, value))
        self._block_bytes += size
        self.entries_count += 1

    def finish(self, cache: BlockCache) -> Table:
        """Return the table, whose bytes (not yet its name) would survive a crash."""
        self._end_block()
        self._end_filter()
        filters_offset = self._put(encode(self._filters))
        index_offset = self._put(encode(self._index))
        self._put(Footer(self.entries_count, filters_offset, index_offset).encode())
        self._write()
        self._disk.sync(self._name)
        return Table(disk=self._disk, tree=self._tree, number=self._number, cache=cache)

    def abandon(self) -> None:
        """Remove what was written so far."""
        if self._name in self._disk.names(self._name):
            self._disk.remove(self._name)

    def _end_block(self) -> None:
        offset = self._put(encode(self._block))
        self._index.append((self._block[0][0], offset.to_bytes(OFFSET_BYTES, "little")))
        self._filter_keys += [key for key, _ in self._block]
        self._block.clear()
        self._block_bytes = 0
        if len(self._index) % BLOCKS_PER_FILTER == 0:
            self._end_filter()

    def _end_filter(self) -> None:
        """Make the filter of the last blocks, tombstones' keys included: they must be found too."""
        if self._has_filters and self._filter_keys:
            bloom = Bloom.for_keys(len(self._filter_keys), FALSE_POSITIVES)
            for key in self._filter_keys:
                bloom.add(key)
            self._filters.append((len(self._filters).to_bytes(4, "big"), bloom.to_bytes()))
        self._filter_keys.clear()

    def _put(self, data: bytes) -> int:
        """Line `data` up for writing; return the offset that it will have."""
        offset = self._offset
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        self._offset += len(data)
        if self._waiting_bytes >= WRITE_BYTES:
            self._write()
        return offset

    def _write(self) -> None:
        self._disk.append(self._name, b"".join(self._waiting))
        self._waiting.clear()
        self._waiting_bytes = 0
