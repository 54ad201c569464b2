"""Many sorted runs become one: of each key the newest word, and the dead hidden.

    newest   b=2        d=✝              b=2  f=6            what a reader sees
             a=1  b=1   d=4     f=6  ──► a=1  b=2  f=6       a is the oldest, d is deleted
    oldest        ...

Invariant: the result ascends (or descends) strictly, and a key's value is that of the newest run
that says anything about it; a tombstone is something said. Only the head of each run is in memory.
Cost: O(log runs) comparisons an entry, about a microsecond. Source: Knuth, The Art of Computer
Programming, vol. 3, §5.4.1. Page: docs/chapters/lsm.md
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from chapters.lsm.block import Entry


def merge(
    runs: Sequence[Iterable[Entry]], *, tombstones: bool, reverse: bool = False
) -> Iterator[Entry]:
    """Yield the newest entry of each key in `runs`, which are given newest first, each sorted.

    With `tombstones` a deletion is an entry like any other. Without, it hides what is older and
    is itself left out. With `reverse`, every run descends, and so does the result. Lazy: holds
    one entry of each run.
    """
    last: bytes | None = None
    # Equal keys come out in the order of their runs, so the first of them is the newest.
    for entry in heapq.merge(*runs, key=itemgetter(0), reverse=reverse):
        if entry[0] == last:
            continue
        last = entry[0]
        if tombstones or entry[1] is not None:
            yield entry
