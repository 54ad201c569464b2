"""What the exercises on roads check: shortcuts that are needed, a bound that holds, and when to stop.

Page: docs/zomato/roads.md
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from chapters.checking import JSON, Case, Stage
from zomato.roads.astar import Astar
from zomato.roads.contraction import Remaining, shortcuts
from zomato.roads.dijkstra import Dijkstra
from zomato.roads.graph import Arc, Graph
from zomato.roads.hierarchy import NEVER, End, Hierarchy, meet
from zomato.roads.town import town

Links = Sequence[Sequence[int]]  # from, to, milliseconds
NODES, PAIRS = 300, 25
MORE_MOST = 1.5  # times as many arcs, or junctions looked at, as with ours
LESS_LEAST = 0.8  # of what Dijkstra looks at, A* may look at so much


def graph_of(spots: Sequence[Sequence[float]], links: Links) -> Graph:
    """Return a network of a case."""
    return Graph([(x, y) for x, y in spots], [Arc(tail, head, ms) for tail, head, ms in links])


def needed(links: Links, node: int) -> JSON:
    """Return the shortcuts that are needed once a junction is gone, in order."""
    count = 1 + max(max(each[:2]) for each in links)
    left = Remaining(graph_of([(0, 0)] * count, links))
    return [list(each) for each in sorted(shortcuts(left, node))]


def contracted(seed: str) -> JSON:
    """Contract a town; return whether its times are right, and how many shortcuts there are."""
    graph, rng = town(Random(seed), NODES), Random(seed)
    hierarchy, plain = Hierarchy(graph), Dijkstra(graph)
    start = rng.randrange(len(graph))
    is_right = all(hierarchy.ms(start, goal) == ms for goal, ms in plain.to_all(start).items())
    arcs = sum(len(row) for row in hierarchy.up) + sum(len(row) for row in hierarchy.down)
    return [is_right, arcs]


def is_small(args: Case, got: JSON, expected: JSON) -> bool:
    """Judge a contraction: right, and hardly more arcs than ours."""
    assert isinstance(got, list) and isinstance(expected, list)
    return got[0] is True and got[1] <= MORE_MOST * expected[1]


def bounds(spots: Sequence[Sequence[float]], links: Links, goal: int) -> JSON:
    """Return the milliseconds that A* expects from each junction, at least."""
    astar = Astar(graph_of(spots, links))
    return [astar.least_ms(node, goal) for node in range(len(spots))]


def is_near(args: Case, got: JSON, expected: JSON) -> bool:
    """Judge bounds: rounded in any way."""
    assert isinstance(got, list) and isinstance(expected, list)
    return len(got) == len(expected) and all(
        abs(a - b) <= 1 for a, b in zip(got, expected, strict=True)
    )


def too_much(seed: str) -> JSON:
    """Return from how many junctions of a town a bound is more than the way takes."""
    graph = town(Random(seed), NODES)
    astar, plain = Astar(graph), Dijkstra(graph)
    start = Random(seed).randrange(len(graph))
    return sum(astar.least_ms(start, goal) > ms for goal, ms in plain.to_all(start).items())


def spared(seed: str) -> JSON:
    """Ask for ways through a town; return whether A* is right, and looks at less than Dijkstra."""
    graph, rng = town(Random(seed), NODES), Random(seed)
    astar, plain = Astar(graph), Dijkstra(graph)
    pairs = [(rng.randrange(len(graph)), rng.randrange(len(graph))) for _ in range(PAIRS)]
    ours, theirs = ([way.route(*each) for each in pairs] for way in (astar, plain))
    is_right = [each.ms for each in ours] == [each.ms for each in theirs]
    looked, all_looked = (sum(len(each.looked) for each in ways) for ways in (ours, theirs))
    return [is_right, looked < LESS_LEAST * all_looked]


def explain_spared(args: Case, got: JSON, expected: JSON) -> str:
    """Say what the two answers are."""
    return f"as quick as Dijkstra's ways, looked at fewer: {got}; both must be true"


def met(up: Mapping[str, Links], down: Mapping[str, Links], start: int, goal: int) -> JSON:
    """Search from both ends of a small hierarchy; return how long it takes, and where they meet."""
    rows = [
        {int(node): [(a, ms) for a, ms in row] for node, row in way.items()} for way in (up, down)
    ]
    ups, downs = ([way.get(node, []) for node in range(10)] for way in rows)
    ms, where = meet(End(start, ups, downs), End(goal, downs, ups))
    return [ms, where] if ms < NEVER else "they do not meet"


def crossed(seed: str) -> JSON:
    """Ask for ways through a town and round the corner; return each one's time, and who was looked at."""
    graph, rng = town(Random(seed), NODES), Random(seed)
    hierarchy, found, looked = Hierarchy(graph), list[int](), 0
    for _ in range(PAIRS):
        start = rng.randrange(len(graph))
        beyond = graph.heads[graph.first[graph.heads[graph.first[start]]]]
        far, near = (
            hierarchy.route(start, rng.randrange(len(graph))),
            hierarchy.route(start, beyond),
        )
        found += [far.ms, near.ms]
        looked += len(near.looked)
    return [*found, looked]


def is_spare(args: Case, got: JSON, expected: JSON) -> bool:
    """Judge ways: as quick as ours, and hardly more looked at."""
    assert isinstance(got, list) and isinstance(expected, list)
    return got[:-1] == expected[:-1] and got[-1] <= MORE_MOST * expected[-1]


def no_other_way(rng: Random) -> Iterator[Case]:
    yield [[0, 1, 2], [1, 2, 3]], 1
    yield [[0, 1, 2], [1, 0, 3], [1, 2, 4], [2, 1, 5], [1, 3, 1]], 1
    yield [[0, 1, rng.randint(1, 9)], [2, 1, rng.randint(1, 9)]], 1


def another_way(rng: Random) -> Iterator[Case]:
    through = [[0, 1, 2], [1, 2, 3]]
    yield [*through, [0, 2, 1]], 1
    yield [*through, [0, 2, 4]], 1
    yield [*through, [0, 2, 5]], 1
    yield [*through, [0, 2, 6]], 1
    yield [*through, [0, 3, 1], [3, 4, 1], [4, 2, 2]], 1
    yield [*through, [0, 3, 1], [3, 4, 1], [4, 2, rng.randint(4, 9)]], 1
    yield [*through, [2, 0, 1], [0, 3, 1], [3, 1, 1]], 1


def crossings(rng: Random) -> Iterator[Case]:
    for count in (5, 7, 9, 9):
        ends = [(a, b) for a in range(count) for b in range(count) if a != b]
        some = [(0, 1), (1, 2), *rng.sample(ends, 2 * count)]
        yield [[a, b, rng.randint(1, 20)] for a, b in some], 1


def towns(rng: Random) -> Iterator[Case]:
    for _ in range(2):
        yield (f"{rng.random():.6f}",)


def as_the_crow_flies(rng: Random) -> Iterator[Case]:
    line = [[0, 0], [300, 400], [600, 800]]
    yield line, [[0, 1, 500], [1, 2, 1000], [2, 1, 2000]], 2
    yield [[0, 0], [100, 0], [100, 100]], [[0, 1, 50], [1, 2, 50], [2, 0, 400]], 2
    spots: list[JSON] = [[rng.randint(0, 900), rng.randint(0, 900)] for _ in range(6)]
    yield spots, [[n, (n + 1) % 6, rng.randint(50, 200)] for n in range(6)], rng.randrange(6)


def one_in_common(rng: Random) -> Iterator[Case]:
    yield {"0": [[2, 5]]}, {"1": [[2, 6]]}, 0, 1
    yield {"0": [[2, 3]], "2": [[1, 4]]}, {}, 0, 1
    yield {}, {"1": [[3, 2]], "3": [[0, rng.randint(1, 9)]]}, 0, 1
    yield {"0": [[2, 5]]}, {"1": [[3, 6]]}, 0, 1
    yield {"0": [[2, 5]]}, {"0": [[2, 6]]}, 0, 0


def more_in_common(rng: Random) -> Iterator[Case]:
    yield {"0": [[2, 4], [3, 5]]}, {"1": [[2, 10], [3, 5]]}, 0, 1
    yield {"0": [[2, 5], [4, 7]], "4": [[3, 1]]}, {"1": [[3, 1], [2, 5]]}, 0, 1
    yield {"0": [[2, 5]]}, {"1": [[3, 1], [2, 5]], "3": [[4, 6]], "4": [[2, 1]]}, 0, 1
    far = rng.randint(10, 20)
    yield {"0": [[2, far], [3, 1]], "3": [[4, 1]]}, {"1": [[2, 1], [4, far]]}, 0, 1


STAGES = {
    "shortcut": [
        Stage("where there is no other way, each pair needs a shortcut", no_other_way, needed),
        Stage(
            "another way that is as quick is enough, however many junctions", another_way, needed
        ),
        Stage("crossings with many ways", crossings, needed),
        Stage(
            "a whole town, with few shortcuts and right times", towns, contracted, judge=is_small
        ),
    ],
    "astar-bound": [
        Stage(
            "as the crow flies, as quickly as anywhere", as_the_crow_flies, bounds, judge=is_near
        ),
        Stage("in a town it is never too much", towns, too_much),
        Stage("so A* is right, and looks at less", towns, spared, explain=explain_spared),
    ],
    "meeting-point": [
        Stage("where the ends meet, and how long it is in all", one_in_common, met),
        Stage("the first junction in common is not always the best", more_in_common, met),
        Stage("a town, without looking further than needed", towns, crossed, judge=is_spare),
    ],
}
