"""Squares of equal size, and rings of them around whoever asks. For things that move all the time.

    2 2 2 2 2      ring 0 is the square of the question, ring 1 the eight around it, …
    2 1 1 1 2
    2 1 0 1 2      after ring r everybody within r squares' width, and what is left to the
    2 1 1 1 2      nearest border of one's own square, has been seen
    2 2 2 2 2

Invariant: `nearest` is exact. It ends with the first ring after which whoever has not been seen is
further than the last of those that are wanted. A move within a square changes one entry; across
a border, two dictionaries. Page: docs/chapters/geo.md
"""

from collections.abc import Iterator
from math import floor, hypot

from chapters.geo.near import Near
from chapters.geo.place import Place
from chapters.geo.plane import Plane
from chapters.sim.errors import at_least

CELL_M = 250.0
Square = tuple[int, int]


class Grid:
    """Places on a plane, by squares of `cell_m` metres."""

    def __init__(self, plane: Plane, cell_m: float = CELL_M) -> None:
        at_least(1, cell_m=cell_m)
        self._plane, self._cell_m = plane, cell_m
        self._squares: dict[Square, dict[str, tuple[float, float]]] = {}
        self._square_of: dict[str, Square] = {}
        self.looked = 0

    def put(self, id: str, place: Place) -> None:
        """Set where somebody is. O(1)."""
        x, y = self._plane.xy(place)
        square = floor(x / self._cell_m), floor(y / self._cell_m)
        if self._square_of.get(id) != square:
            self.remove(id)
            self._square_of[id] = square
            self._squares.setdefault(square, {})
        self._squares[square][id] = x, y

    def remove(self, id: str) -> None:
        """Forget somebody. O(1)."""
        if id in self._square_of:
            square = self._square_of.pop(id)
            del self._squares[square][id]
            if not self._squares[square]:
                del self._squares[square]

    def nearest(self, place: Place, count: int) -> list[Near]:
        """Return the `count` nearest, the nearest first."""
        x, y = self._plane.xy(place)
        found: list[tuple[float, str]] = []
        for ring, squares in enumerate(self._rings(x, y)):
            for square in squares:
                if here := self._squares.get(square):
                    found += [(hypot(a - x, b - y), id) for id, (a, b) in here.items()]
            if len(found) >= count:
                found.sort()
                if found[count - 1][0] <= self._seen_m(x, y, ring):
                    break
        self.looked += len(found)
        return [Near(*each) for each in sorted(found)[:count]]

    def _seen_m(self, x: float, y: float, ring: int) -> float:
        """How far everybody has been seen, after the ring of that number."""
        to_west, to_south = x % self._cell_m, y % self._cell_m
        to_border = min(to_west, to_south, self._cell_m - to_west, self._cell_m - to_south)
        return ring * self._cell_m + to_border

    def _rings(self, x: float, y: float) -> Iterator[list[Square]]:
        """The squares of each ring, in which there may be somebody."""
        column, row = floor(x / self._cell_m), floor(y / self._cell_m)
        ring = 0
        while 8 * ring <= len(self._squares):
            yield _ring(column, row, ring)
            ring += 1
        yield [  # further out there are more squares in a ring than squares with somebody in them
            (a, b) for a, b in self._squares if max(abs(a - column), abs(b - row)) >= ring
        ]


def _ring(column: int, row: int, ring: int) -> list[Square]:
    """The squares at `ring` squares from one, across corners too."""
    if ring == 0:
        return [(column, row)]
    found = []
    for step in range(-ring, ring):
        found += [
            (column + step, row + ring),
            (column + ring, row - step),
            (column - step, row - ring),
            (column - ring, row + step),
        ]
    return found
