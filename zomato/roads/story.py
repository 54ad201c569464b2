"""The same questions in three ways: how many junctions each looks at, and whether they agree.

Page: docs/zomato/roads.md
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import fmean

from chapters.errors import UsageError
from chapters.new_file import written_whole
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from zomato.roads import osm
from zomato.roads.astar import Astar
from zomato.roads.dijkstra import Dijkstra
from zomato.roads.graph import Graph, Route, Router
from zomato.roads.hierarchy import Hierarchy
from zomato.roads.matrix import matrix
from zomato.roads.snap import Snap
from zomato.roads.town import town

NAMES = {"dijkstra": "Dijkstra", "astar": "A*", "hierarchy": "Contraction hierarchy"}
HELSINKI = "helsinki"
MANY = 40  # starts and goals of the table
RIDERS, KITCHENS = 40, 200  # of the question who is there first


def routers(graph: Graph) -> dict[str, Router]:
    """Return the three, by name."""
    return {"dijkstra": Dijkstra(graph), "astar": Astar(graph), "hierarchy": Hierarchy(graph)}


def across(graph: Graph) -> tuple[int, int]:
    """Return two junctions: half-way to the south-west, half-way to the north-east."""
    snap = Snap(graph)
    west, east, south, north = min(graph.xs), max(graph.xs), min(graph.ys), max(graph.ys)
    return (
        snap.nearest(west + 0.3 * (east - west), south + 0.3 * (north - south))[0],
        snap.nearest(west + 0.72 * (east - west), south + 0.66 * (north - south))[0],
    )


def network(rng: Random, nodes: int, place: str) -> Graph:
    """Return a made-up city, or that of a map: a file, or `helsinki`. Raises `UsageError`, `BadMap`."""
    if not place:
        return town(rng, nodes)
    return osm.read(osm.helsinki() if place == HELSINKI else Path(place)).graph


def demo(
    *, seed: int = 7, nodes: int = 10_000, pairs: int = 50, map: str = "", svg: str = ""
) -> None:
    """Ask for ways in a made-up city, or in that of an OpenStreetMap file: --map FILE or helsinki."""
    at_least(1, pairs=pairs)
    chance = Chance(seed)
    graph = network(chance.stream("town"), nodes, map)
    rng, ways = chance.stream("questions"), routers(graph)
    asked = [(rng.randrange(len(graph)), rng.randrange(len(graph))) for _ in range(pairs)]
    print(f"{len(graph):,} junctions, {len(graph.heads):,} arcs; {pairs} ways asked for\n")
    if map:
        print(f"  {osm.CREDIT}\n")
    found = {name: [way.route(*each) for each in asked] for name, way in ways.items()}
    for line in _table(found):
        print(line)
    print(f"\n  {_agreeing(found)} of {pairs} are as long in all three ways")
    hierarchy = ways["hierarchy"]
    assert isinstance(hierarchy, Hierarchy)
    print(f"  {_many(hierarchy, asked)}")
    wrong = deceived(hierarchy, chance.stream("riders"))
    print(
        f"  of {RIDERS} riders, the nearest is not the first there for {wrong} of {KITCHENS} kitchens"
    )
    if svg:
        _draw(graph, {name: way.route(*across(graph)) for name, way in ways.items()}, map, svg)


def _table(found: Mapping[str, Sequence[Route]]) -> list[str]:
    lines = [f"  {'':22} looked at, a way"]
    for name, routes in found.items():
        lines.append(f"  {NAMES[name]:22} {fmean(len(each.looked) for each in routes):16,.0f}")
    minutes = fmean(each.ms for each in found["dijkstra"]) / 60_000
    junctions = fmean(len(each.nodes) for each in found["dijkstra"])
    return [*lines, "", f"  a way takes {minutes:.1f} min through {junctions:.0f} junctions"]


def _agreeing(found: Mapping[str, Sequence[Route]]) -> int:
    return sum(len({each.ms for each in same}) == 1 for same in zip(*found.values(), strict=True))


def _many(hierarchy: Hierarchy, asked: Sequence[tuple[int, int]]) -> str:
    starts, goals = ([each[end] for each in asked[:MANY]] for end in (0, 1))
    found = matrix(hierarchy, starts, goals)
    right = all(found[n][n] == hierarchy.ms(*each) for n, each in enumerate(asked[:MANY]))
    told = "its diagonal as above" if right else "its diagonal is NOT as above"
    searches = len(starts) + len(goals)
    return f"a table of {len(starts)} × {len(goals)} ways took {searches} searches; {told}"


def deceived(hierarchy: Hierarchy, rng: Random) -> int:
    """Return for how many kitchens another rider is there sooner than the one in the shortest line."""
    graph, everywhere = hierarchy.graph, range(len(hierarchy.graph))
    riders, kitchens = (rng.choices(everywhere, k=count) for count in (RIDERS, KITCHENS))
    rows, wrong = matrix(hierarchy, riders, kitchens), 0
    for column, kitchen in enumerate(kitchens):
        nearest = min(range(RIDERS), key=lambda row: graph.metres(riders[row], kitchen))
        wrong += rows[nearest][column] > min(row[column] for row in rows)
    return wrong


def _draw(graph: Graph, routes: Mapping[str, Route], map: str, svg: str) -> None:
    from zomato.roads.figures import drawn

    try:
        with written_whole(Path(svg)) as draft:
            draft.write_text(drawn(graph, routes, osm.CREDIT if map else ""), "utf-8")
    except OSError as error:
        raise UsageError(f"{svg}: {error.strerror}; choose another place with --svg") from None
    print(f"  drawn: {svg}")


if __name__ == "__main__":
    demo()
