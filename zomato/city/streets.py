"""How long it takes from every junction to each restaurant, and from there to every door.

Restaurants stay where they are, so their ways can all be known before the day begins: one spread from
each, and one towards it on the network turned round. Two tables, and every ride of the day is a look into
one. O(restaurants × junctions) memory. Page: docs/zomato/city.md
"""

from array import array

from zomato.city.people import Cook
from zomato.roads.dijkstra import Dijkstra
from zomato.roads.graph import Arc, Graph

PACE = 1.6  # how many times as long as a car on an empty road a rider takes


class Streets:
    """Tables of whole milliseconds."""

    def __init__(self, graph: Graph, places: list[Cook]) -> None:
        spots = list(zip(graph.xs, graph.ys, strict=True))
        turned = Graph(spots, (Arc(each.head, each.tail, each.ms) for each in graph.arcs()))
        self._to = {each.id: _table(turned, each.node) for each in places}
        self._from = {each.id: _table(graph, each.node) for each in places}

    def fetch_ms(self, node: int, place: str) -> int:
        """Return the time of a ride from a junction to a restaurant, on dry roads."""
        return round(PACE * self._to[place][node])

    def bring_ms(self, place: str, node: int) -> int:
        """Return the time of a ride from a restaurant to a junction, on dry roads."""
        return round(PACE * self._from[place][node])


def _table(graph: Graph, node: int) -> "array[int]":
    found = Dijkstra(graph).to_all(node)
    return array("q", (found[each] for each in range(len(graph))))
