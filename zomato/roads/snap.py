"""The junction next to a place: roads begin and end at junctions, and people live between them.

Page: docs/zomato/roads.md
"""

from chapters.geo import Grid, Place, Plane
from zomato.errors import UnknownNode
from zomato.roads.graph import Graph

REACH_M = 500.0  # further from every road than that, a place is not in this city
CELL_M = 200.0
FLAT = Plane(Place(0, 0))  # metres are metres: where on Earth they are plays no part


class Snap:
    """The junctions of a network by place, in a grid (chapters/geo)."""

    def __init__(self, graph: Graph) -> None:
        self._grid = Grid(FLAT, CELL_M)
        for node in range(len(graph)):
            self._grid.put(f"{node}", FLAT.place(graph.xs[node], graph.ys[node]))

    def nearest(self, x: float, y: float) -> tuple[int, float]:
        """Return the nearest junction, and how far it is in metres. Raises `UnknownNode`, `BadPlace`."""
        found = self._grid.nearest(FLAT.place(x, y), 1)
        if not found or found[0].metres > REACH_M:
            raise UnknownNode(f"no road within {REACH_M:.0f} m of {x:.0f} m east, {y:.0f} m north")
        return int(found[0].id), found[0].metres
