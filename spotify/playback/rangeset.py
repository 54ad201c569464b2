"""Which bytes of a file are here: a set of ranges that never touch.

    add(0, 4)  add(8, 12)     [0,4) [8,12)
    add(4, 8)                 [0,12)

A file that is sought in has holes; what is missing of a range is what to ask for, and nothing twice.
Invariant: ranges are sorted, not empty, and between two there is at least one byte. O(log n) to look,
O(n) to add. Page: docs/spotify/playback.md
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from chapters.errors import UsageError


class RangeSet:
    """Half-open ranges of bytes, [first, end)."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._ends: list[int] = []

    def add(self, first: int, end: int) -> None:
        """Put a range in; what it overlaps or touches becomes one with it. Raises `UsageError`."""
        if not 0 <= first <= end:
            raise UsageError(f"the range {first} to {end} is none; 0 <= first <= end")
        if first == end:
            return
        low = bisect_left(self._ends, first)
        high = bisect_right(self._firsts, end)
        if low < high:
            first, end = min(first, self._firsts[low]), max(end, self._ends[high - 1])
        self._firsts[low:high], self._ends[low:high] = [first], [end]

    def missing(self, first: int, end: int) -> list[tuple[int, int]]:
        """Return the parts of a range that are not here, in order."""
        found, at = [], first
        for begin, stop in self:
            if stop <= at:
                continue
            if begin >= end:
                break
            if begin > at:
                found.append((at, begin))
            at = stop
        if at < end:
            found.append((at, end))
        return found

    def covers(self, first: int, end: int) -> bool:
        """Return whether all of a range is here; an empty one always is."""
        place = bisect_right(self._firsts, first) - 1
        return first >= end or (place >= 0 and self._ends[place] >= end)

    @property
    def size(self) -> int:
        """Return how many bytes are here."""
        return sum(end - first for first, end in self)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(zip(self._firsts, self._ends, strict=True))
