"""Compaction: tables that together outweigh the next older one are merged with it.

    newest                      oldest
      3    2    9    40               2 ≤ 3, so merge them; 9 > 5 and 40 > 14 may stay
      └─5──┘    9    40               9 > 5, 40 > 14: rest

Invariant, at rest: each table has more entries than all newer ones together. So there are at most
log₂(entries) tables, twice that while merges are under way, which bounds what a read must look at; all
but the oldest hold less than half of the entries, which bounds the space that dead ones waste; and an
entry is rewritten only into a table at least twice as large as its last, which bounds the writing.

Only neighbours in age are merged, since a table's age is what says whose word counts. A tombstone is
dropped only in a merge with the oldest table: anywhere else, what it deletes may lie beneath and would
come back. Entries are counted, not bytes, so that a tombstone weighs as much as what it buries.

This is size-tiered compaction. Leveled compaction wastes less space, and rewrites more, for a second
mechanism (which table of a level, which overlap below): not worth it at our sizes.
Source: Bentley & Saxe, "Decomposable Searching Problems I", 1980 (the doubling); O'Neil et al., "The
Log-Structured Merge-Tree", 1996. Page: docs/chapters/lsm.md
"""

from collections.abc import Sequence
from itertools import islice

from chapters.lsm.merge import merge
from chapters.lsm.table import Table
from chapters.lsm.writer import TableWriter

TABLE_ENTRIES_LEAST = 1024  # a smaller table weighs as much: merging it costs less than keeping it


def tables_to_merge(entries: Sequence[int]) -> int:
    """Return how many of the newest tables should become one, given their entries, newest first.

    0 if the tables are at rest.
    """
    newer = chosen = 0
    for index, count in enumerate(entries):
        weight = max(count, TABLE_ENTRIES_LEAST)
        if weight <= newer:
            chosen = index + 1
        newer += weight
    return chosen


class Compaction:
    """A merge under way: its inputs stay in use until the table that replaces them is complete."""

    def __init__(self, inputs: Sequence[Table], writer: TableWriter, *, is_oldest: bool) -> None:
        self.inputs = tuple(inputs)
        self.writer = writer
        self._keeps_tombstones = not is_oldest
        self._merged = merge([table.entries(keep=False) for table in inputs], tombstones=True)

    def step(self, entries_max: int) -> bool:
        """Merge that many entries more; return whether these were the last."""
        entries = list(islice(self._merged, entries_max))
        for key, value in entries:
            if value is not None or self._keeps_tombstones:
                self.writer.add(key, value)
        return len(entries) < entries_max
