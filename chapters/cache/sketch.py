"""A count-min sketch: about how often has this key come by, in a few bits for each.

    hash 1   0 3 0 0 7 0        add(x): one more in a cell of each row
    hash 2   1 0 0 9 0 0        estimate(x): the least of its cells; others may have raised some,
    hash 3   0 0 4 0 0 1        hardly ever all of them

Invariant: an estimate is never too low, until counts are halved: every so many additions all cells lose
half, so that the past fades. Source: Cormode and Muthukrishnan, "An Improved Data Stream Summary: The
Count-Min Sketch", 2005; halving and four bits: Einziger, Friedman and Manes, "TinyLFU", 2017.
Page: docs/chapters/cache.md
"""

from array import array

from chapters.consistent_hashing.murmur import hash64

ROWS = 4
COUNT_MAX = 15  # four bits
CELLS_A_KEY = 4  # in each row, so that keys seldom meet
ADDITIONS_A_KEY = 10  # between two halvings


class Sketch:
    """Approximate counts for a cache of `keys` keys."""

    def __init__(self, keys: int) -> None:
        width = 1
        while width < keys * CELLS_A_KEY:
            width *= 2
        self._mask = width - 1
        self._rows = [array("B", bytes(width)) for _ in range(ROWS)]
        self._additions, self._additions_max = 0, max(1, keys * ADDITIONS_A_KEY)

    def add(self, key: bytes) -> bool:
        """Count one more of `key`; return whether this halved all counts."""
        for row, cell in zip(self._rows, self._cells(key), strict=True):
            if row[cell] < COUNT_MAX:
                row[cell] += 1
        self._additions += 1
        if self._additions < self._additions_max:
            return False
        self._rows = [array("B", (count // 2 for count in row)) for row in self._rows]
        self._additions //= 2
        return True

    def estimate(self, key: bytes) -> int:
        """Return about how often `key` was added: that, or more."""
        return min(row[cell] for row, cell in zip(self._rows, self._cells(key), strict=True))

    def _cells(self, key: bytes) -> list[int]:
        """The key's cell in each row: from one hash, by double hashing."""
        code = hash64(key)
        first, step = code & 0xFFFFFFFF, code >> 32 | 1
        return [(first + row * step) & self._mask for row in range(ROWS)]
