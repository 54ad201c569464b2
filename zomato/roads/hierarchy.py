"""A question put to a contracted network: up from both ends, until they can no longer meet lower.

    important        ┌──► m ◄──┐        each quickest way, with shortcuts, first goes up and then down;
                   ┌─► x       y ◄─┐    so look upwards from the start, and upwards against the
    unimportant  start            goal  arcs from the goal: the best junction in common is on it

Each end looks at a hundred or so of a hundred thousand junctions. The first one in common is seldom the
best: only when neither end has anything nearer left than the best meeting is in all, it is found.
A junction that is reached sooner from above than from below is on no quickest way, and is not gone on from
(stall on demand). Source: Geisberger and others 2008. Page: docs/zomato/roads.md
"""

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import pairwise

from zomato.roads.contraction import contract
from zomato.roads.graph import Graph, Route, no_way, traced

Rows = Sequence[Sequence[tuple[int, int]]]  # of each junction: others, and milliseconds
NEVER = 1 << 60  # milliseconds


class End:
    """A search upwards from one end. `against` are the arcs that come down to a junction from above."""

    def __init__(self, start: int, rows: Rows, against: Rows) -> None:
        self._rows, self._against = rows, against
        self.best, self.came, self.looked = {start: 0}, {start: start}, list[int]()
        self._queue = [(0, start)]

    @property
    def next_ms(self) -> int:
        """Return how near the next junction is that would be looked at; `NEVER` if there is none."""
        return self._queue[0][0] if self._queue else NEVER

    def look(self) -> int:
        """Look at the next junction and return it."""
        ms, node = heappop(self._queue)
        if ms == self.best[node] and not self._is_stalled(node, ms):
            self.looked.append(node)
            for head, more in self._rows[node]:
                there = ms + more
                if there < self.best.get(head, NEVER):
                    self.best[head], self.came[head] = there, node
                    heappush(self._queue, (there, head))
        return node

    def _is_stalled(self, node: int, ms: int) -> bool:
        """Whether there is a better way to it from above, which upward arcs alone do not find."""
        best = self.best
        return any(best.get(above, NEVER) + more < ms for above, more in self._against[node])


def meet(one: End, other: End) -> tuple[int, int]:
    """Return how long the quickest way is in all, and where both ends meet on it; else `NEVER`."""
    best_ms, where = NEVER, -1
    while min(one.next_ms, other.next_ms) < best_ms:
        near, far = (one, other) if one.next_ms <= other.next_ms else (other, one)
        node = near.look()
        in_all = near.best[node] + far.best.get(node, NEVER)
        if in_all < best_ms:
            best_ms, where = in_all, node
    return best_ms, where


class Hierarchy:
    """Answers by a network that is contracted once."""

    def __init__(self, graph: Graph) -> None:
        self.graph, made = graph, contract(graph)
        self._middle = made.middle
        self.up: Rows = [tuple(each.items()) for each in made.up]
        self.down: Rows = [tuple(each.items()) for each in made.down]

    def outward(self, start: int) -> End:
        """Return a search upwards from a start. Raises `UnknownNode`."""
        return End(self.graph.known(start), self.up, self.down)

    def inward(self, goal: int) -> End:
        """Return a search upwards, against the arcs, from a goal. Raises `UnknownNode`."""
        return End(self.graph.known(goal), self.down, self.up)

    def ms(self, start: int, goal: int) -> int:
        """Return how long the quickest way takes. Raises `UnknownNode`, `NoWay`."""
        found, _ = meet(self.outward(start), self.inward(goal))
        if found >= NEVER:
            raise no_way(start, goal)
        return found

    def route(self, start: int, goal: int) -> Route:
        """Return the quickest way. Raises `UnknownNode`, `NoWay`."""
        one, other = self.outward(start), self.inward(goal)
        ms, where = meet(one, other)
        if ms >= NEVER:
            raise no_way(start, goal)
        over = traced(one.came, where) + traced(other.came, where)[-2::-1]
        return Route(ms, self._unpacked(over), (*one.looked, *other.looked))

    def _unpacked(self, over: tuple[int, ...]) -> tuple[int, ...]:
        """All junctions of a way with shortcuts: each stands for two arcs, and those may be such again."""
        nodes, open_arcs = [over[0]], [*pairwise(over)][::-1]
        while open_arcs:
            tail, head = open_arcs.pop()
            middle = self._middle.get((tail, head))
            if middle is None:
                nodes.append(head)
            else:
                open_arcs += [(middle, head), (tail, middle)]
        return tuple(nodes)
