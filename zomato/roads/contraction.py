"""Junctions taken away one after the other, the least important first, so that questions may skip them.

    before      u ──2──► v ──3──► w          v goes. If u─2─v─3─w is the only quickest way from u to w,
    after       u ───────5──────► w          a shortcut takes its place; if another one is as quick, none.

Invariant: after each step all quickest times between what is left are as they were. Which next? The one
that adds least, compared with what goes (edge difference), and whose neighbours have not gone already, so
that it happens evenly. A priority is found anew when its turn comes: if it has grown, it waits (lazy).
A witness search gives up after a while, and then a shortcut is made that may not be needed: slower, never
wrong. Source: Geisberger, Sanders, Schultes and Delling 2008. Page: docs/zomato/roads.md
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heappushpop

from zomato.roads.graph import Graph

LOOKED_MAX = 200  # junctions that a witness search settles before it gives up
ADDED_WEIGHT, GONE_WEIGHT, DEPTH_WEIGHT = (
    4,
    2,
    1,
)  # of shortcuts, of arcs that go, of what went below

Shortcut = tuple[int, int, int]  # from, to, milliseconds


class Remaining:
    """What is left of a network: for each junction its arcs out and in, at most one to each other one."""

    def __init__(self, graph: Graph) -> None:
        self.out: list[dict[int, int]] = [{} for _ in range(len(graph))]
        self.into: list[dict[int, int]] = [{} for _ in range(len(graph))]
        for tail, head, ms, _ in graph.arcs():
            if tail != head:
                self.add((tail, head, ms))

    def add(self, arc: Shortcut) -> bool:
        """Add an arc; return whether it is quicker than what was there."""
        tail, head, ms = arc
        if ms >= self.out[tail].get(head, ms + 1):
            return False
        self.out[tail][head] = self.into[head][tail] = ms
        return True

    def remove(self, node: int) -> None:
        """Take a junction away, with its arcs."""
        for head in self.out[node]:
            del self.into[head][node]
        for tail in self.into[node]:
            del self.out[tail][node]


def shortcuts(left: Remaining, node: int) -> list[Shortcut]:
    """Return the arcs that are needed once `node` is gone."""
    needed, out = [], left.out[node]
    slowest = max(out.values(), default=0)
    for tail, to_node in left.into[node].items():
        around = witnesses(left, tail, node, to_node + slowest)
        for head, from_node in out.items():
            through = to_node + from_node
            if around.get(head, through + 1) > through:
                needed.append((tail, head, through))
    return needed


def witnesses(left: Remaining, start: int, avoided: int, limit: int) -> dict[int, int]:
    """Return how soon others are reached from `start` without `avoided`, as far as was looked."""
    best, queue, looked = {start: 0}, [(0, start)], 0
    while queue and looked < LOOKED_MAX:
        ms, node = heappop(queue)
        if ms > limit:
            break
        if ms > best[node]:
            continue
        looked += 1
        for head, more in left.out[node].items():
            there = ms + more
            if head != avoided and there <= limit and there < best.get(head, there + 1):
                best[head] = there
                heappush(queue, (there, head))
    return best


@dataclass(frozen=True, slots=True)
class Contracted:
    """Every junction's arcs to those that went later, out and in; and what each shortcut stands for."""

    up: list[dict[int, int]]
    down: list[dict[int, int]]  # from those that went later, by their tails
    middle: dict[tuple[int, int], int]
    rank: list[int]


def contract(graph: Graph) -> Contracted:
    """Take all junctions away. A quarter of a minute or so for a hundred thousand of them."""
    left, middle = Remaining(graph), dict[tuple[int, int], int]()
    depth, rank = [0] * len(graph), [0] * len(graph)

    def priority(node: int) -> tuple[int, list[Shortcut]]:
        needed = shortcuts(left, node)
        gone = len(left.out[node]) + len(left.into[node])
        weight = ADDED_WEIGHT * len(needed) - GONE_WEIGHT * gone + DEPTH_WEIGHT * depth[node]
        return weight, needed

    queue = [(priority(node)[0], node) for node in range(len(graph))]
    heapify(queue)
    while queue:
        _, node = heappop(queue)
        weight, needed = priority(node)
        while queue and weight > queue[0][0]:
            _, node = heappushpop(queue, (weight, node))
            weight, needed = priority(node)
        left.remove(node)
        for each in {*left.out[node], *left.into[node]}:
            depth[each] = max(depth[each], depth[node] + 1)
        for arc in needed:
            if left.add(arc):
                middle[arc[:2]] = node
        rank[node] = len(graph) - len(queue) - 1
    return Contracted(left.out, left.into, middle, rank)
