"""Ten riders near a restaurant, of twenty thousand in a city: five ways to find them.

Page: docs/chapters/geo.md
"""

from collections.abc import Mapping
from random import Random

from chapters.geo.brute import Brute
from chapters.geo.geohash import encode
from chapters.geo.grid import Grid
from chapters.geo.near import Index, Near, best
from chapters.geo.place import Place, metres
from chapters.geo.plane import Plane
from chapters.geo.prefixes import Prefixes
from chapters.geo.quadtree import Quadtree
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

TITLE = "Geo"
CITY = Place(12.9716, 77.5946)  # Bengaluru
SIZE_M = 17_000.0  # from the middle to the edge
QUARTERS, SPREAD_M = 12, 1_500.0  # where most people are, and how far around
SHARE_OUTSIDE = 0.3


class OwnCell:
    """Whoever has the same geohash, and nobody else: what one tries first."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._in: dict[str, dict[str, Place]] = {}
        self._cell_of: dict[str, str] = {}
        self.looked = 0

    def put(self, id: str, place: Place) -> None:
        """Set where somebody is."""
        self.remove(id)
        self._cell_of[id] = encode(place, self._length)
        self._in.setdefault(self._cell_of[id], {})[id] = place

    def remove(self, id: str) -> None:
        """Forget somebody."""
        if id in self._cell_of:
            del self._in[self._cell_of.pop(id)][id]

    def nearest(self, place: Place, count: int) -> list[Near]:
        """Return the nearest within the cell of the question. Wrong near every border."""
        own = self._in.get(encode(place, self._length), {})
        self.looked += len(own)
        return best((Near(metres(place, each), id) for id, each in own.items()), count)


def city(rng: Random, count: int, plane: Plane) -> list[Place]:
    """Return places of a city: most in a few quarters, some anywhere."""
    middles = [[rng.uniform(-SIZE_M, SIZE_M) * 0.7 for _ in "xy"] for _ in range(QUARTERS)]
    found = []
    for _ in range(count):
        x, y = rng.choice(middles)
        if rng.random() < SHARE_OUTSIDE:
            x, y = rng.uniform(-SIZE_M, SIZE_M), rng.uniform(-SIZE_M, SIZE_M)
        found.append(plane.place(x + rng.gauss(0, SPREAD_M), y + rng.gauss(0, SPREAD_M)))
    return found


def indexes(plane: Plane, cell_m: float) -> dict[str, Index]:
    """Return the five, empty."""
    return {
        "everybody": Brute(plane),
        "the same geohash, of 6": OwnCell(6),
        "geohashes around, in order": Prefixes(),
        "quadtree": Quadtree(plane),
        f"grid of {cell_m:g} m": Grid(plane, cell_m),
    }


def demo(
    *, seed: int = 7, riders: int = 20_000, questions: int = 200, count: int = 10, cell: float = 250
) -> None:
    """Ask each index who is near, and compare with looking at everybody."""
    at_least(1, riders=riders, questions=questions, count=count, cell=cell)
    rng, plane = Chance(seed).stream("city"), Plane(CITY)
    ways = indexes(plane, cell)
    for number, place in enumerate(city(rng, riders, plane)):
        for index in ways.values():
            index.put(f"rider-{number:05}", place)
    asked = city(rng, questions, plane)
    print(f"{count} nearest of {riders:,} riders, {questions} questions\n")
    print(f"  {'':28} looked at   right, of {count}")
    for name, right in compared(ways, asked, count).items():
        print(f"  {name:28} {ways[name].looked / questions:9,.0f}   {right:6.2f}")


def compared(
    ways: Mapping[str, Index],
    asked: list[Place],
    count: int,
) -> dict[str, float]:
    """Return how many of the truly nearest each finds, on average: the first one is the truth."""
    right = dict.fromkeys(ways, 0)
    for place in asked:
        truth: set[str] = set()
        for name, index in ways.items():
            found = index.nearest(place, count)
            truth = truth or {each.id for each in found}
            right[name] += len(truth & {each.id for each in found})
    return {name: total / len(asked) for name, total in right.items()}


if __name__ == "__main__":
    demo()
