"""Names in order, by geohash: whoever is near has a name that begins alike, or is next door.

    …  tdr1y…  tdr1z…  │ tdr4b…  tdr4c…  tdr4d… │  tdr5…        one cell is one stretch of the list

Any sorted store can do this: a B-tree, an LSM tree, Redis (which keeps 52 bits of the same). A question
with a radius asks for nine stretches: the cell, and its neighbours, of cells that are at least as wide
as the radius. Page: docs/chapters/geo.md
"""

from collections.abc import Iterator

from sortedcontainers import SortedList

from chapters.geo.geohash import LENGTH_MAX, encode, length_for, neighbours
from chapters.geo.near import Near, best
from chapters.geo.place import EARTH_M, Place, metres

FIRST_M = 200.0  # where the search for the nearest begins
AROUND_M = 4 * EARTH_M  # further than anybody is from anybody


class Prefixes:
    """Places by geohash, in a sorted list; distances are those on the sphere."""

    def __init__(self) -> None:
        self._names: SortedList[tuple[str, str]] = SortedList()
        self._at: dict[str, tuple[str, Place]] = {}
        self.looked = 0

    def put(self, id: str, place: Place) -> None:
        """Set where somebody is. O(log n)."""
        self.remove(id)
        name = encode(place, LENGTH_MAX)
        self._at[id] = (name, place)
        self._names.add((name, id))

    def remove(self, id: str) -> None:
        """Forget somebody. O(log n)."""
        if id in self._at:
            name, _ = self._at.pop(id)
            self._names.remove((name, id))

    def within(self, place: Place, radius_m: float) -> list[Near]:
        """Return all within a radius, the nearest first."""
        length = length_for(radius_m, place.lat)
        if length == 0:
            cells = [""]
        else:
            own = encode(place, length)
            cells = [own, *neighbours(own)]
        found = (near for cell in cells for near in self._in(cell, place))
        return sorted(near for near in found if near.metres <= radius_m)

    def nearest(self, place: Place, count: int) -> list[Near]:
        """Return the `count` nearest: within a radius that doubles until there are enough."""
        radius_m, enough = FIRST_M, min(count, len(self._at))
        while len(found := self.within(place, radius_m)) < enough and radius_m < AROUND_M:
            radius_m *= 2
        return best(found, count)

    def _in(self, cell: str, place: Place) -> Iterator[Near]:
        """All in a cell: one stretch of the list. "~" comes after every letter."""
        for _, id in self._names.irange((cell, ""), (f"{cell}~", "")):
            self.looked += 1
            yield Near(metres(place, self._at[id][1]), id)
