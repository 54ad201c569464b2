"""Ways through a city of 100,000 junctions: the hierarchy beside our own Dijkstra, and beside RoutingKit.

Compared is the time of every way from some starts to some goals, 10,000 pairs, with what Dijkstra's
algorithm finds from each start to everywhere. Speeds are ways a second of CPU, with all their junctions.
Page: docs/zomato/speed.md
"""

import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from random import Random
from typing import Any

from chapters.measure.findings import Figure, Finding, Missing
from zomato.roads.astar import Astar
from zomato.roads.dijkstra import Dijkstra
from zomato.roads.graph import Graph, Router
from zomato.roads.hierarchy import Hierarchy
from zomato.roads.matrix import matrix
from zomato.roads.town import town

NODES, NODES_QUICK = 101_000, 5_000
ENDS, ENDS_QUICK = 100, 20  # starts, and as many goals
FEW, MANY = 40, 1_000  # ways asked for, of the slow and of the quick
FASTER_LEAST = 50.0
Pairs = Sequence[tuple[int, int]]


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield whether the hierarchy is exact, what it costs to make, and what it is worth."""
    on_progress("a city")
    graph, rng = town(Random(7), NODES_QUICK if quick else NODES), Random(7)
    on_progress(f"contracting {len(graph):,} junctions")
    begun = time.process_time()
    hierarchy = Hierarchy(graph)
    yield Figure("roads: contracted junctions", len(graph), least=None if quick else 100_000)
    yield Figure("roads: contracting them took", time.process_time() - begun, "CPU s")
    ends = rng.sample(range(len(graph)), 2 * (ENDS_QUICK if quick else ENDS))
    starts, goals = ends[::2], ends[1::2]
    yield from _exact(hierarchy, starts, goals, on_progress)
    pairs = [(rng.randrange(len(graph)), rng.randrange(len(graph))) for _ in range(MANY)]
    on_progress("ways by each")
    ours = _a_second(hierarchy, pairs)
    slow, towards = (_a_second(each, pairs[:FEW]) for each in (Dijkstra(graph), Astar(graph)))
    yield Figure("roads: ways a CPU-second", ours)
    goal = None if quick else FASTER_LEAST
    yield Figure("roads: ways a CPU-second, times Dijkstra's", ours / slow, least=goal)
    yield Figure("roads: ways a CPU-second, times A*'s", ours / towards)
    on_progress("ways by RoutingKit")
    yield from _peer(graph, hierarchy, pairs, ours)


def _exact(
    hierarchy: Hierarchy,
    starts: Sequence[int],
    goals: Sequence[int],
    on_progress: Callable[[str], object],
) -> Iterator[Finding]:
    """How many pairs are as Dijkstra's algorithm finds them: one by one, and all in one table."""
    plain, table, same, same_table = (
        Dijkstra(hierarchy.graph),
        matrix(hierarchy, starts, goals),
        0,
        0,
    )
    for row, start in enumerate(starts):
        on_progress(f"everywhere from start {row + 1} of {len(starts)}")
        truth = plain.to_all(start)
        same += sum(hierarchy.ms(start, goal) == truth[goal] for goal in goals)
        same_table += sum(table[row][at] == truth[goal] for at, goal in enumerate(goals))
    pairs = len(starts) * len(goals)
    yield Figure("roads: pairs compared", pairs)
    yield Figure("roads: equal to Dijkstra's, one by one", same / pairs, least=1.0)
    yield Figure("roads: equal to Dijkstra's, in a table", same_table / pairs, least=1.0)


def _a_second(router: Router, pairs: Pairs) -> float:
    """How many ways in a second of this process's CPU."""
    begun = time.process_time()
    for each in pairs:
        router.route(*each)
    return len(pairs) / (time.process_time() - begun)


def _peer(graph: Graph, hierarchy: Hierarchy, pairs: Pairs, ours: float) -> Iterator[Finding]:
    """How many times as many RoutingKit finds, which is C++, and whether it agrees."""
    try:
        metric = _routingkit(graph)
    except ImportError:
        yield Missing("roads beside RoutingKit", "pip install pyroutingkit")
        return
    begun = time.process_time()
    found = [metric.query(*each)[0] for each in pairs]
    theirs = len(pairs) / (time.process_time() - begun)
    same = sum(ms == hierarchy.ms(*each) for ms, each in zip(found, pairs, strict=True))
    yield Figure("roads: equal to RoutingKit's", same / len(pairs), least=1.0)
    yield Figure("roads: RoutingKit's ways a CPU-second, times ours", theirs / ours)


def _routingkit(graph: Graph) -> Any:
    """The same network as RoutingKit's customizable hierarchy. Raises `ImportError`."""
    peer, np = import_module("pyroutingkit"), import_module("numpy")
    arcs = list(graph.arcs())
    topology = peer.CCHTopology()
    topology.build(
        np.array([each.tail for each in arcs], np.uint32),
        np.array([each.head for each in arcs], np.uint32),
        np.array(graph.ys, np.float32),
        np.array(graph.xs, np.float32),
        len(graph),
    )
    metric = peer.CCHMetric(topology)
    metric.customize(np.array([each.ms for each in arcs], np.uint32))
    return metric
