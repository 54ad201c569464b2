"""Every junction in the order of how soon it is reached: right, simple, and slow.

Invariant: what leaves the queue is final, as all ways that are still open are longer already, and no arc
takes less than nothing. O((nodes + arcs) log nodes). Source: Dijkstra 1959. Page: docs/zomato/roads.md
"""

from heapq import heappop, heappush

from zomato.roads.graph import Graph, Route, no_way, traced


class Dijkstra:
    """Answers without any preparation."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def route(self, start: int, goal: int) -> Route:
        """Return the quickest way. Raises `UnknownNode`, `NoWay`."""
        settled, came = self._spread(self.graph.known(start), self.graph.known(goal))
        if goal not in settled:
            raise no_way(start, goal)
        return Route(settled[goal], traced(came, goal), tuple(settled))

    def to_all(self, start: int) -> dict[int, int]:
        """Return the milliseconds to each junction that can be reached. Raises `UnknownNode`."""
        return self._spread(self.graph.known(start), None)[0]

    def _spread(self, start: int, goal: int | None) -> tuple[dict[int, int], dict[int, int]]:
        """The junctions up to `goal` as they are settled, and where each was come to from."""
        first, heads, cost = self.graph.first, self.graph.heads, self.graph.ms
        best, came, settled = {start: 0}, {start: start}, dict[int, int]()
        queue = [(0, start)]
        while queue:
            ms, node = heappop(queue)
            if node in settled:
                continue  # an older, longer way to it
            settled[node] = ms
            if node == goal:
                break
            for arc in range(first[node], first[node + 1]):
                head, there = heads[arc], ms + cost[arc]
                if head not in best or there < best[head]:
                    best[head], came[head] = there, node
                    heappush(queue, (there, head))
        return settled, came
