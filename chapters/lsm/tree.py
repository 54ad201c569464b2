"""The tree: new entries in memory, old ones in sorted files, and a reader who asks the newest first.

    apply ──► memtable                     in memory, sorted
                 │ flush, when full
                 ▼
              table 9   table 8   table 3       on disk, immutable, newest first
                 └────┬────┘
                      └── compact ──► table 10

Nothing on disk is ever changed in place: random writes become a few long sequential ones.

There is no log in here. The log is the truth, and the tree is its index: whoever uses it keeps their
own log (Raft's, or a file of extents), applies from it with ascending sequences, and after a crash
applies again what comes after `flushed`. One log, not two, is written for each change.

Invariant: `get` and `scan` answer as a dict would after every batch up to `applied`; after a crash,
after every batch up to `flushed`. Not thread-safe: callers lock. Source: O'Neil et al., "The
Log-Structured Merge-Tree", Acta Informatica 1996; Chang et al., "Bigtable", OSDI 2006, §5.3.
Page: docs/chapters/lsm.md
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from chapters.errors import Definite
from chapters.lsm.block import Entry
from chapters.lsm.cache import BlockCache
from chapters.lsm.compaction import Compaction, tables_to_merge
from chapters.lsm.errors import EntryTooLarge, TreeUnsure, UnsortedItems
from chapters.lsm.manifest import Manifest, open_manifest, remove_orphans
from chapters.lsm.memtable import Memtable
from chapters.lsm.merge import merge
from chapters.lsm.table import Table
from chapters.lsm.writer import TableWriter
from chapters.sim.disk import Disk

MEMTABLE_BYTES_MAX = 4 * 1024 * 1024
CACHE_BYTES_MAX = 4 * 1024 * 1024
KEY_BYTES_MAX = 64 * 1024
VALUE_BYTES_MAX = 16 * 1024 * 1024
TABLES_MAX = 32  # with so many, a flush waits for merges
STEP_ENTRIES = 4096  # merged at a time: some ten milliseconds
PACE = 16  # entries merged for each one applied, while there is something to merge


class Tree:
    """A sorted map of bytes to bytes on `disk`. Opening it recovers it from its manifest."""

    def __init__(
        self,
        *,
        disk: Disk,
        name: str = "tree",
        memtable_bytes_max: int = MEMTABLE_BYTES_MAX,
        cache_bytes_max: int = CACHE_BYTES_MAX,
        has_filters: bool = True,
    ) -> None:
        self._disk = disk
        self._name = name
        self._memtable_bytes_max = memtable_bytes_max
        self._has_filters = has_filters
        self._cache = BlockCache(cache_bytes_max)
        self._memtable = Memtable()
        manifest = open_manifest(disk, name)
        self._tables = [
            Table(disk=disk, tree=name, number=number, cache=self._cache)
            for number in manifest.tables
        ]
        self._next_number = remove_orphans(disk, name, manifest)
        self._compactions: list[Compaction] = []  # each of tables newer than the one before
        self._unpaid_entries = 0
        self._obsolete: list[Table] = []
        self._is_unsure = False
        self.flushed = manifest.flushed
        self.applied = manifest.flushed

    @property
    def tables(self) -> list[int]:
        """How many entries each table holds, newest first."""
        return [table.entries_count for table in self._tables]

    def apply(self, sequence: int, batch: Sequence[Entry]) -> None:
        """Apply all of `batch` in memory, as one; None deletes. `sequence` is above `applied`.

        Makes room first, by a flush and some merging if need be; so if it raises a *definite*
        error (`DiskFull`, `EntryTooLarge`), nothing of the batch was applied.
        """
        assert sequence > self.applied, f"batch {sequence} was applied: {self.applied} is the last"
        self._make_room(len(batch), sum(_checked_bytes(key, value) for key, value in batch))
        self._memtable.put(batch)
        self.applied = sequence

    def _make_room(self, entries: int, size_bytes: int) -> None:
        if self._memtable.size_bytes + size_bytes > self._memtable_bytes_max:
            self.flush()
        # Merging is paid for bit by bit, by those who write, so nobody waits for all of it.
        self._unpaid_entries += entries * PACE
        if self._unpaid_entries >= STEP_ENTRIES:
            self.compact(self._unpaid_entries)
            self._unpaid_entries = 0

    def get(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None: the newest word on it counts."""
        found = self._memtable.get(key)
        if found is not None:
            return found[1]
        for table in self._tables:
            found = table.get(key)
            if found is not None:
                return found[1]
        return None

    def scan(
        self, start: bytes, stop: bytes | None = None, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Return the first `limit` live entries in [start, stop); with `reverse`, the last ones.

        Costs a read for each table, and then for each block passed.
        """
        runs = [
            self._memtable.entries(start, stop, reverse=reverse),
            *(table.entries(start, stop, reverse=reverse) for table in self._tables),
        ]
        return list(islice(_live(runs, reverse), limit))

    def flush(self) -> int:
        """Write the memtable to a table; return `flushed`, which is then what `applied` is.

        When writing the table fails, it is removed and the tree is as before. When changing the
        manifest fails (`SyncFailed`), the tree is still readable, but nobody knows which of the
        two a crash would leave: it refuses to write (`TreeUnsure`) until it is opened again.
        """
        if self.applied > self.flushed:
            self.compact(STEP_ENTRIES)
            while len(self._tables) >= TABLES_MAX and self.compact(STEP_ENTRIES):
                pass
            with self._writing() as writer:
                entries = merge([self._memtable.entries()], tombstones=bool(self._tables))
                table = _written(writer, entries, self._cache)
                self._commit(self.applied, [*table, *self._tables])
            self._memtable = Memtable()
        self._drop(())
        return self.flushed

    def compact(self, entries_max: int = STEP_ENTRIES) -> bool:
        """Merge up to `entries_max` entries of the tables; return whether there was a need to.

        For idle time: `apply` does enough of it by itself. Call it until it returns False.
        """
        self._plan()
        if not self._compactions:
            return False
        compaction = self._compactions.pop()
        with self._writing(compaction.writer) as writer:
            if not compaction.step(entries_max):
                self._compactions.append(compaction)
                return True
            merged = [writer.finish(self._cache)] if writer.entries_count else []
            first = self._tables.index(compaction.inputs[0])
            rest = self._tables[first + len(compaction.inputs) :]
            self._commit(self.flushed, [*self._tables[:first], *merged, *rest])
        self._drop(compaction.inputs)
        return True

    def dump(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every live entry in order, as of this call, whatever is applied meanwhile.

        Tables that are merged meanwhile stay on disk until the iterator is used up or closed, and
        the next flush or merge clears them away.
        """
        tables = list(self._tables)
        memtable = list(self._memtable.entries())
        for table in tables:
            table.readers += 1
        return self._dumping(memtable, tables)

    def replace(self, sequence: int, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Make `items`, ascending by key, the whole content, as of `sequence`; durable on return.

        A crash leaves the old content or the new. Raises `UnsortedItems`, having changed nothing.
        """
        with self._writing() as writer:
            table = _written(writer, _ascending(items), self._cache)
            old = self._tables
            self._commit(sequence, table)
        self._memtable = Memtable()
        self.applied = sequence
        while self._compactions:
            self._compactions.pop().writer.abandon()
        self._drop(old)

    def _plan(self) -> None:
        """Begin a merge of the newest tables if they need it, be an older merge under way or not.

        It goes first: while a long merge waits, the new tables are few.
        """
        busy = self._compactions[-1].inputs[0] if self._compactions else None
        free = self._tables.index(busy) if busy else len(self._tables)
        count = tables_to_merge(self.tables[:free])
        if count:
            inputs, is_oldest = self._tables[:count], count == len(self._tables)
            self._compactions.append(Compaction(inputs, self._new_writer(), is_oldest=is_oldest))

    def _new_writer(self) -> TableWriter:
        self._next_number += 1
        return TableWriter(
            disk=self._disk,
            tree=self._name,
            number=self._next_number - 1,
            has_filters=self._has_filters,
        )

    @contextmanager
    def _writing(self, writer: TableWriter | None = None) -> Iterator[TableWriter]:
        """Lend a writer; whatever fails before the commit, what it wrote goes and the tree stays."""
        if self._is_unsure:
            raise TreeUnsure(
                f"{self._name}: an earlier flush or merge failed half-way; open the tree again "
                f"and apply what comes after its `flushed`"
            )
        writer = writer or self._new_writer()
        try:
            yield writer
        except BaseException:
            if not self._is_unsure:
                writer.abandon()
            raise

    def _commit(self, flushed: int, tables: list[Table]) -> None:
        """Make `tables` the tree: this is the moment at which it changes, on disk and here."""
        self._is_unsure = True
        try:
            # A table's name must be safe before a manifest names it: not every file system
            # keeps names in order.
            self._disk.sync_names()
            Manifest(flushed, tuple(table.number for table in tables)).save(self._disk, self._name)
        except Definite:
            self._is_unsure = False
            raise
        self._is_unsure = False
        self._tables, self.flushed = tables, flushed

    def _dumping(self, memtable: list[Entry], tables: list[Table]) -> Iterator[tuple[bytes, bytes]]:
        try:
            yield from _live([memtable, *(table.entries(keep=False) for table in tables)])
        finally:
            # Whoever forgets the iterator ends here at some odd moment: no time to touch the disk.
            for table in tables:
                table.readers -= 1

    def _drop(self, tables: Iterable[Table]) -> None:
        """Remove the files of tables that are no longer part of the tree, once nobody reads them."""
        self._obsolete += tables
        free = [table for table in self._obsolete if not table.readers]
        self._obsolete = [table for table in self._obsolete if table.readers]
        for table in free:
            self._disk.remove(table.name)


def _live(runs: Sequence[Iterable[Entry]], reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
    for key, value in merge(runs, tombstones=False, reverse=reverse):
        assert value is not None
        yield key, value


def _written(writer: TableWriter, entries: Iterable[Entry], cache: BlockCache) -> list[Table]:
    """Return the table that holds `entries`; no table if there are none."""
    for key, value in entries:
        writer.add(key, value)
    return [writer.finish(cache)] if writer.entries_count else []


def _checked_bytes(key: bytes, value: bytes | None) -> int:
    size = len(value or b"")
    if len(key) > KEY_BYTES_MAX or size > VALUE_BYTES_MAX:
        raise EntryTooLarge(
            f"a key of {len(key)} bytes with a value of {size} is over the limit of "
            f"{KEY_BYTES_MAX} and {VALUE_BYTES_MAX}; keep the value elsewhere and its place here"
        )
    return len(key) + size


def _ascending(items: Iterable[tuple[bytes, bytes]]) -> Iterator[Entry]:
    last: bytes | None = None
    for key, value in items:
        if last is not None and key <= last:
            raise UnsortedItems(
                f"key {key!r} comes after {last!r}; give the items in ascending order"
            )
        last = key
        yield key, value
