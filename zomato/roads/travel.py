"""Minutes from place to place by road, for a dispatcher who knew straight lines alone.

Page: docs/zomato/roads.md
"""

from collections.abc import Iterable

from zomato.roads.graph import Graph
from zomato.roads.hierarchy import Hierarchy
from zomato.roads.matrix import matrix
from zomato.roads.snap import Snap

ASIDE_M_A_MIN = 200.0  # between a door and its junction: somebody looks for the number
MS_A_MIN = 60_000
KEPT_MAX = 1_000_000  # ways that are kept; then it begins anew
Spot = tuple[float, float]


class ByRoad:
    """A way of measuring for `zomato.dispatch.instance.Instance`. What was asked once is kept.

    `pace` is how many times as long as a car a rider takes.
    """

    def __init__(self, hierarchy: Hierarchy, pace: float = 1.0) -> None:
        self._hierarchy, self.pace = hierarchy, pace
        self._snap = Snap(hierarchy.graph)
        self._nodes: dict[Spot, tuple[int, float]] = {}
        self._ms: dict[tuple[int, int], int] = {}

    def minutes(self, one: Spot, other: Spot) -> float:
        """Return minutes from one place to the other. Raises `UnknownNode`, `NoWay`."""
        (start, aside), (goal, beside) = self._node(one), self._node(other)
        if one == other:
            return 0.0
        if (start, goal) not in self._ms:
            if len(self._ms) >= KEPT_MAX:
                self._ms.clear()
            self._ms[start, goal] = self._hierarchy.ms(start, goal)
        return self.pace * self._ms[start, goal] / MS_A_MIN + (aside + beside) / ASIDE_M_A_MIN

    def way(self, one: Spot, other: Spot) -> list[Spot]:
        """Return the places that one passes from one to the other. Raises `UnknownNode`, `NoWay`."""
        (start, _), (goal, _) = self._node(one), self._node(other)
        graph = self._hierarchy.graph
        passed = [
            (graph.xs[node], graph.ys[node]) for node in self._hierarchy.route(start, goal).nodes
        ]
        return [one, *passed, other]

    @property
    def graph(self) -> Graph:
        """Return the roads."""
        return self._hierarchy.graph

    def prepare(self, spots: Iterable[Spot]) -> None:
        """Find all ways between places that are known beforehand, at once. Raises as `minutes`."""
        nodes = sorted({self._node(each)[0] for each in spots})
        for start, row in zip(nodes, matrix(self._hierarchy, nodes, nodes), strict=True):
            self._ms.update(((start, goal), ms) for goal, ms in zip(nodes, row, strict=True))

    def _node(self, spot: Spot) -> tuple[int, float]:
        if spot not in self._nodes:
            self._nodes[spot] = self._snap.nearest(*spot)
        return self._nodes[spot]
