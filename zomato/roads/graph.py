"""A road network: junctions on a flat city, and arcs in compressed rows.

    node        0        1     2              first  0     2  3     5      the arcs of node v are
    arcs      →1 →2     →2    →0 →1           heads  1  2  2  0  1         first[v] up to first[v + 1]

Time is whole milliseconds, so that two ways of adding up the same route never differ in the last digit.
An arc has one direction; a street that may be used both ways is two. Page: docs/zomato/roads.md
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import NamedTuple, Protocol

from zomato.errors import NoWay, UnknownNode


class Arc(NamedTuple):
    """From one junction to another, without one between them."""

    tail: int
    head: int
    ms: int
    street: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """The quickest way, junction by junction, and which ones were looked at to find it."""

    ms: int
    nodes: tuple[int, ...]
    looked: tuple[int, ...] = field(repr=False)  # in order; what both ends look at, twice


class Router(Protocol):
    """Whoever answers questions about ways."""

    def route(self, start: int, goal: int) -> Route:
        """Return the quickest way. Raises `UnknownNode`, `NoWay`."""


class Graph:
    """A network, which does not change. `xs` and `ys` are metres east and north; O(nodes + arcs) memory."""

    def __init__(self, spots: Sequence[tuple[float, float]], arcs: Iterable[Arc]) -> None:
        """Sort the arcs into rows. Raises `UnknownNode`."""
        self.xs, self.ys = [x for x, _ in spots], [y for _, y in spots]
        rows: list[list[Arc]] = [[] for _ in spots]
        for arc in arcs:
            assert arc.ms > 0, arc  # all three searches rely on it
            self.known(arc.head)
            rows[self.known(arc.tail)].append(arc)
        self.first, self.heads, self.ms, self.streets = [0], list[int](), list[int](), list[str]()
        for row in rows:
            for arc in row:
                self.heads.append(arc.head)
                self.ms.append(arc.ms)
                self.streets.append(arc.street)
            self.first.append(len(self.heads))

    def __len__(self) -> int:
        return len(self.xs)

    def arcs(self) -> Iterator[Arc]:
        """Yield every arc, in the order of rows."""
        for tail in range(len(self)):
            for at in range(self.first[tail], self.first[tail + 1]):
                yield Arc(tail, self.heads[at], self.ms[at], self.streets[at])

    def known(self, node: int) -> int:
        """Return the node. Raises `UnknownNode` if there is none of that number."""
        if not 0 <= node < len(self.xs):
            there = f"has 0 to {len(self.xs) - 1}" if self.xs else "is empty"
            raise UnknownNode(f"there is no node {node}; this network {there}")
        return node

    def metres(self, one: int, other: int) -> float:
        """Return how far it is in a straight line."""
        return hypot(self.xs[one] - self.xs[other], self.ys[one] - self.ys[other])


def traced(came: dict[int, int], goal: int) -> tuple[int, ...]:
    """Return the nodes up to `goal`, from where each was come to; the first came from itself."""
    nodes = [goal]
    while came[nodes[-1]] != nodes[-1]:
        nodes.append(came[nodes[-1]])
    return tuple(reversed(nodes))


def no_way(start: int, goal: int) -> NoWay:
    """Return the error that says so."""
    return NoWay(
        f"there is no way from node {start} to {goal}; parts.largest() leaves no such pair"
    )
