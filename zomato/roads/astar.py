"""Towards the goal first: what is settled next is what may still be part of the quickest way.

    queue of Dijkstra   by   how long so far
    queue of A*         by   how long so far + at least so long from there

The bound may say too little, never too much: then the first time the goal leaves the queue is the right
one. As the crow flies, at the speed of the quickest arc of all, is such a bound; and it is consistent, no
arc makes it fall by more than the arc takes, so what is settled is final, as with Dijkstra.
Source: Hart, Nilsson and Raphael 1968. Page: docs/zomato/roads.md
"""

from heapq import heappop, heappush

from zomato.roads.graph import Graph, Route, no_way, traced

MARGIN = 1e-9  # as a share: sums of floats may be off by less than that


class Astar:
    """Answers, knowing the quickest arc."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.fastest = metres_a_ms_most(graph)

    def least_ms(self, node: int, goal: int) -> int:
        """Return milliseconds that any way from a node to the goal takes at least."""
        return int(self.graph.metres(node, goal) / self.fastest)

    def route(self, start: int, goal: int) -> Route:
        """Return the quickest way. Raises `UnknownNode`, `NoWay`."""
        graph = self.graph
        best = {graph.known(start): 0}
        came, settled = {start: start}, dict[int, int]()
        queue = [(self.least_ms(start, graph.known(goal)), start)]
        while queue and goal not in settled:
            _, node = heappop(queue)
            if node in settled:
                continue
            settled[node] = best[node]
            for arc in range(graph.first[node], graph.first[node + 1]):
                head, there = graph.heads[arc], best[node] + graph.ms[arc]
                if head not in best or there < best[head]:
                    best[head], came[head] = there, node
                    heappush(queue, (there + self.least_ms(head, goal), head))
        if goal not in settled:
            raise no_way(start, goal)
        return Route(settled[goal], traced(came, goal), tuple(settled))


def metres_a_ms_most(graph: Graph) -> float:
    """Return the speed of the quickest arc of all, as the crow flies, and a trifle more."""
    speeds = (graph.metres(each.tail, each.head) / each.ms for each in graph.arcs())
    return max(speeds, default=1.0) * (1 + MARGIN) or 1.0
