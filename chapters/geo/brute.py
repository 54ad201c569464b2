"""The naive one: everybody is looked at. It is never wrong, and what the others are compared with.

Page: docs/chapters/geo.md
"""

from math import hypot

from chapters.geo.near import Near, best
from chapters.geo.place import Place
from chapters.geo.plane import Plane


class Brute:
    """Places in a dictionary. O(n) a question."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._at: dict[str, tuple[float, float]] = {}
        self.looked = 0

    def put(self, id: str, place: Place) -> None:
        """Set where somebody is."""
        self._at[id] = self._plane.xy(place)

    def remove(self, id: str) -> None:
        """Forget somebody."""
        self._at.pop(id, None)

    def nearest(self, place: Place, count: int) -> list[Near]:
        """Return the `count` nearest, the nearest first."""
        x, y = self._plane.xy(place)
        self.looked += len(self._at)
        return best((Near(hypot(a - x, b - y), id) for id, (a, b) in self._at.items()), count)
