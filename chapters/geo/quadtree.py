"""A square that is divided in four where many are, and again where there still are many.

    ┌───────┬───┬───┐
    │       │ · │ ··│     dense quarters are small, empty ones large: it fits itself to the city
    │   ·   ├───┼───┤
    │       │···│ · │     the nearest are found by opening the box that could hold the nearest first
    ├───────┼───┴───┤
    │       │   ·   │
    └───────┴───────┘

Invariant: each leaf holds at most LEAF places, unless it is DEPTH deep (many at one spot). Source:
Finkel & Bentley 1974; the order of opening: Hjaltason & Samet 1999. Page: docs/chapters/geo.md
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import hypot

from chapters.geo.near import Near
from chapters.geo.place import Place
from chapters.geo.plane import REACH_M, Plane

LEAF, DEPTH = 16, 24
Spot = tuple[float, float]


@dataclass(slots=True)
class Box:
    """A square by its middle and half its width: a leaf with places, or divided in four."""

    x: float
    y: float
    half: float
    depth: int
    spots: dict[str, Spot] = field(default_factory=dict)
    quarters: "list[Box]" = field(default_factory=list)

    def quarter(self, spot: Spot) -> "Box":
        """Return the quarter that holds a spot."""
        return self.quarters[(spot[0] >= self.x) + 2 * (spot[1] >= self.y)]

    def away(self, x: float, y: float) -> float:
        """Return how far the nearest corner or side is from a spot; 0 within."""
        return hypot(max(0.0, abs(x - self.x) - self.half), max(0.0, abs(y - self.y) - self.half))


class Quadtree:
    """Places on a plane, in boxes."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._root = Box(0.0, 0.0, REACH_M, 0)
        self._at: dict[str, Spot] = {}
        self.looked = 0

    def put(self, id: str, place: Place) -> None:
        """Set where somebody is. O(depth)."""
        self.remove(id)
        spot = self._plane.xy(place)
        self._at[id] = spot
        box = self._leaf(spot)
        box.spots[id] = spot
        while len(box.spots) > LEAF and box.depth < DEPTH:
            _divide(box)
            box = max(box.quarters, key=lambda each: len(each.spots))

    def remove(self, id: str) -> None:
        """Forget somebody. O(depth). Boxes stay divided: where many were, many will be again."""
        if id in self._at:
            del self._leaf(self._at[id]).spots[id]
            del self._at[id]

    def nearest(self, place: Place, count: int) -> list[Near]:
        """Return the `count` nearest, the nearest first: open what could hold the nearest first."""
        x, y = self._plane.xy(place)
        found: list[Near] = []
        heap: list[tuple[float, str, int, Box | None]] = [
            (self._root.away(x, y), "", 0, self._root)
        ]
        pushed = 0
        while heap and len(found) < count:
            metres, id, _, box = heappop(heap)
            if box is None:
                found.append(Near(metres, id))  # nobody else, and no box, is nearer
                continue
            self.looked += len(box.spots)
            for id, (a, b) in box.spots.items():
                heappush(heap, (hypot(a - x, b - y), id, 0, None))
            for each in box.quarters:
                pushed += 1
                heappush(heap, (each.away(x, y), "", pushed, each))
        return found

    def leaves(self) -> list[Box]:
        """Return the boxes that are not divided."""
        found, boxes = [], [self._root]
        while boxes:
            box = boxes.pop()
            boxes += box.quarters
            if not box.quarters:
                found.append(box)
        return found

    def _leaf(self, spot: Spot) -> Box:
        box = self._root
        while box.quarters:
            box = box.quarter(spot)
        return box


def _divide(box: Box) -> None:
    """Make four of one; each place goes to its quarter."""
    half = box.half / 2
    box.quarters = [
        Box(box.x + east * half, box.y + north * half, half, box.depth + 1)
        for north in (-1, 1)
        for east in (-1, 1)
    ]
    for id, spot in box.spots.items():
        box.quarter(spot).spots[id] = spot
    box.spots = {}
