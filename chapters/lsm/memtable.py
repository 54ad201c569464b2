"""The memtable: what was applied since the last flush, sorted as it arrives, in memory only.

It answers like a table does, `get` and `entries`, and like a table it keeps deletions as entries: an
older table may still hold what they delete. Invariant: at most one entry for each key, the newest.
Cost: O(log n), about two microseconds an entry. Page: docs/chapters/lsm.md
"""

from collections.abc import Iterator, Sequence

from sortedcontainers import SortedDict

from chapters.lsm.block import Entry

ENTRY_BYTES = 180  # two bytes objects, a slot of the dict and one of the list, in CPython


class Memtable:
    """A sorted map in memory that knows about how many bytes it takes up there."""

    def __init__(self) -> None:
        self._values: SortedDict = SortedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._values)

    def put(self, batch: Sequence[Entry]) -> None:
        """Take over the entries of `batch`; of two for one key, the later."""
        values = self._values
        for key, value in batch:
            if key in values:
                self.size_bytes -= len(values[key] or b"")
            else:
                self.size_bytes += ENTRY_BYTES + len(key)
            self.size_bytes += len(value or b"")
            values[key] = value

    def get(self, key: bytes) -> Entry | None:
        """Return the entry of `key`, be it a tombstone; None if it has none."""
        return (key, self._values[key]) if key in self._values else None

    def entries(
        self, start: bytes = b"", stop: bytes | None = None, *, reverse: bool = False
    ) -> Iterator[Entry]:
        """Yield the entries in [start, stop), ascending, or descending with `reverse`."""
        keys = self._values.irange(start, stop, inclusive=(True, False), reverse=reverse)
        values = self._values
        return ((key, values[key]) for key in keys)
