"""How often did this key come by? Any number of keys, in a table of fixed size.

    add(b"x", 5)     row 0   0 5 0 0 7 0 0 0        a cell of each row grows by 5
                     row 1   9 0 0 5 0 0 0 2
                     row 2   0 0 0 0 0 0 6 0        other keys grow the same cells,
    estimate(b"x")   min(5, 5, 6) = 5               hardly ever all of them: the least is nearest

Invariant: an estimate is never too low. It is too high by more than e/width × total with a chance of
at most e^−depth: in one row, the others put total/width into a cell on average, so e times that with
a chance of 1/e at most (Markov); and `depth` rows err independently.

Independently: so each row has a hash of its own. Two hashes, mixed anew for each row as a Bloom filter
may do, are not enough: keys that meet in two rows would meet in all.

Conservative update raises no cell further than the new estimate needs. Estimates get better, and the
invariant holds, but nothing can be subtracted any more, and a merged sketch is not the one that
would have seen both streams: it may be higher.
Source: Cormode & Muthukrishnan, "An Improved Data Stream Summary: The Count-Min Sketch and its
Applications", 2005; conservative update: Estan & Varghese, 2002. Page: docs/chapters/top_k.md
"""

from array import array
from math import ceil, e, log
from typing import Self

from chapters.consistent_hashing.murmur import hash64
from chapters.top_k.counted import NUMBER_BYTES
from chapters.top_k.errors import BadError, Unmergeable

DEPTH_MAX = 64  # a chance of e^−64 is less than that of a flipped bit
CELLS_MAX = 1 << 27  # 1 GiB


class CountMin:
    """Counts of any number of keys, never too low, in `width` × `depth` cells."""

    def __init__(self, width: int, depth: int, *, is_conservative: bool = False) -> None:
        assert width >= 1 and 1 <= depth <= DEPTH_MAX and width * depth <= CELLS_MAX, (width, depth)
        self.width, self.depth, self.is_conservative = width, depth, is_conservative
        self.total = 0
        self._rows = [array("Q", bytes(NUMBER_BYTES * width)) for _ in range(depth)]

    @classmethod
    def for_error(cls, epsilon: float, delta: float, *, is_conservative: bool = False) -> Self:
        """Return a sketch that errs by over `epsilon` × total with a chance of `delta` at most.

        e/epsilon cells in each of ln(1/delta) rows. Raises `BadError`.
        """
        if not (0 < epsilon < 1 and 0 < delta < 1):
            raise BadError(f"error {epsilon:g}, chance {delta:g}: say more than 0, under 1")
        width, depth = ceil(e / epsilon), ceil(log(1 / delta))
        if depth > DEPTH_MAX or width * depth > CELLS_MAX:
            raise BadError(
                f"error {epsilon:g}, chance {delta:g} take {depth} rows of {width} cells; the limit "
                f"is {DEPTH_MAX} rows and {CELLS_MAX} cells"
            )
        return cls(width, depth, is_conservative=is_conservative)

    @property
    def likely_error(self) -> int:
        """Return what an estimate is too high by at most, in all but e^−depth of the cases."""
        return int(e * self.total / self.width)

    def add(self, key: bytes, count: int = 1) -> None:
        """Count `count` more of `key`. O(depth)."""
        assert count > 0, count
        self.total += count
        places = list(zip(self._rows, self._cells(key), strict=True))
        enough = min(row[cell] for row, cell in places) + count
        for row, cell in places:
            row[cell] = max(row[cell], enough) if self.is_conservative else row[cell] + count

    def estimate(self, key: bytes) -> int:
        """Return a count of `key` that is never too low: the least of its cells. O(depth)."""
        return min(row[cell] for row, cell in zip(self._rows, self._cells(key), strict=True))

    def _cells(self, key: bytes) -> list[int]:
        """The key's cell in each row."""
        return [hash64(key, row) % self.width for row in range(self.depth)]

    def merge(self, other: "CountMin") -> None:
        """Add what `other` counted, as if both streams had come by here. Raises `Unmergeable`."""
        if (self.width, self.depth) != (other.width, other.depth):
            raise Unmergeable(
                f"a sketch of {other.depth} rows of {other.width} into one of {self.depth} rows of "
                f"{self.width}: make both alike"
            )
        self.total += other.total
        for row, added in zip(self._rows, other._rows, strict=True):
            for cell, count in enumerate(added):
                row[cell] += count

    @property
    def size_bytes(self) -> int:
        """Return what its numbers take; there are no keys."""
        return NUMBER_BYTES * self.width * self.depth
