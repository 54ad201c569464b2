"""Four viewers, one after the other, in front of the same edges; the nearest dies after the second.

What the exercises' last step runs: rules, edges, addresses, steering and leases, all on the learner's code.
Page: docs/netflix/index.md
"""

from dataclasses import dataclass

from chapters.sim.chance import Chance
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from netflix.scene.evening import DISTANCE_MS, START_S, cast
from netflix.scene.imagined import Shelf, title
from netflix.scene.viewer import SimulatedWays, Viewer

RULES = ("throughput", "bba", "bola", "mpc")  # one a viewer
DIES_AFTER = 2  # viewers


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of it: the sizes that each viewer got, from which edges, and what the origin sent."""

    sizes: tuple[tuple[int, ...], ...]
    edges: tuple[str, ...]
    fetched: int
    asked: int


def watch(seed: int, segments: int) -> Watched:
    """Let four viewers watch the beginning of a film, each by another rule."""
    chance, clock = Chance(seed), VirtualClock()
    clock.advance(START_S * S)
    film = title(chance.stream("title"))
    shelf = Shelf([film], chance.stream("bytes"))
    stage = cast(clock, chance.stream("control"), SimDisk(rng=chance.stream("disk")), [film])
    ways = SimulatedWays(clock, chance.stream("network"), DISTANCE_MS)
    sizes, served = [], []
    for number, rule in enumerate(RULES):
        dead = frozenset({"edge-1"} if number >= DIES_AFTER else set())
        viewer = Viewer(
            stage.control, stage.edges, shelf.fetch, stage.signer, clock=clock, ways=ways, dead=dead
        )
        got = viewer.watch(film.title, "ada", segments=segments, rule=rule)
        sizes.append(tuple(len(each.body.data) for each in got))
        served.append(got[-1].edge)
    asked = sum(edge.counters.asked for edge in stage.edges.values())
    return Watched(tuple(sizes), tuple(served), shelf.fetched, asked)
