"""From each of many to each of many: every goal leaves a note wherever it comes by.

    goal 3:  up from below, against the arcs, noting "3, so long" at each junction   buckets
    start:   up from below, reading what is noted there                              one row of the matrix

As many searches as there are starts and goals, instead of one for each pair. Source: Knopp, Sanders,
Schultes, Schulz and Wagner 2007. Page: docs/zomato/roads.md
"""

from collections.abc import Iterator, Sequence

from zomato.roads.graph import no_way
from zomato.roads.hierarchy import NEVER, End, Hierarchy


def matrix(hierarchy: Hierarchy, starts: Sequence[int], goals: Sequence[int]) -> list[list[int]]:
    """Return the milliseconds from each start (a row) to each goal. Raises `UnknownNode`, `NoWay`."""
    buckets: dict[int, list[tuple[int, int]]] = {}
    for column, goal in enumerate(goals):
        for node, ms in _seen(hierarchy.inward(goal)):
            buckets.setdefault(node, []).append((column, ms))
    found = []
    for start in starts:
        row = [NEVER] * len(goals)
        for node, ms in _seen(hierarchy.outward(start)):
            for column, more in buckets.get(node, ()):
                if ms + more < row[column]:
                    row[column] = ms + more
        if NEVER in row:
            raise no_way(start, goals[row.index(NEVER)])
        found.append(row)
    return found


def _seen(end: End) -> Iterator[tuple[int, int]]:
    """All that a search upwards looks at, and how far each is."""
    while end.next_ms < NEVER:
        end.look()
    return ((node, end.best[node]) for node in end.looked)
