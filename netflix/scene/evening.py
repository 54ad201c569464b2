"""One evening: a control plane, four edges, an origin, and somebody who presses play.

    in_simulation   virtual time; the nearest edge has just died, and nobody knows yet
    for_real        wall clock; a film is encoded and published first, and its first frame is decoded

Page: docs/netflix/index.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from chapters.cache.s3fifo import S3Fifo
from chapters.log import Log
from chapters.sim.chance import Chance
from chapters.sim.clock import Clock, S, VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.real import WallClock
from chapters.sim.trace import Trace, note, span, tracing
from netflix.adding import add
from netflix.cdn.edge import Edge
from netflix.cdn.origin import Origin
from netflix.cdn.signing import Signer
from netflix.cdn.steering import EdgeState
from netflix.control.bookmarks import Bookmarks
from netflix.control.service import Control
from netflix.encode import ffmpeg
from netflix.encode.clips import CLIPS, generate
from netflix.package.published import Published
from netflix.package.published import library as published_in
from netflix.scene.imagined import Shelf, title
from netflix.scene.viewer import NoWays, SimulatedWays, Viewer

DISTANCE_MS = {"edge-1": 4.0, "edge-2": 11.0, "edge-3": 24.0, "edge-4": 58.0}
FILLED = ("edge-1", "edge-2")  # that have had the film since last night
CAPACITY_BYTES = 64 * 1024 * 1024
SECRET = b"the secret of a scene; a service draws its own"
START_S = 1_767_297_600  # 1 January 2026, 20:00 UTC


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is on the stage."""

    clock: Clock
    edges: Mapping[str, Edge]
    signer: Signer
    control: Control


def cast(clock: Clock, rng: Random, disk: SimDisk, titles: Sequence[Published]) -> Cast:
    """Return a control plane and four edges, all alive as far as it knows, that offer these titles."""
    edges = {
        name: Edge(name, lambda on_evict: S3Fifo(CAPACITY_BYTES, on_evict)) for name in DISTANCE_MS
    }

    def states() -> list[EdgeState]:
        heard_s = clock.now_ns() / S
        held = {name: frozenset(edge.titles) for name, edge in edges.items()}
        return [EdgeState(name, "", 0.1, heard_s, titles=held[name]) for name in edges]

    signer = Signer(SECRET)
    control = Control(
        clock=clock,
        rng=rng,
        library=lambda: titles,
        edges=states,
        distance_ms=DISTANCE_MS,
        signer=signer,
        secret=SECRET,
        bookmarks=Bookmarks(Log(disk=disk)),
    )
    return Cast(clock, edges, signer, control)


def in_simulation(seed: int) -> Trace:
    """Follow one press of play in virtual time, with the nearest edge dead."""
    chance, clock = Chance(seed), VirtualClock()
    clock.advance(START_S * S)
    film = title(chance.stream("title"))
    shelf = Shelf([film], chance.stream("bytes"))
    stage = cast(clock, chance.stream("control"), SimDisk(rng=chance.stream("disk")), [film])
    ways = SimulatedWays(clock, chance.stream("network"), DISTANCE_MS)
    for name in FILLED:
        _fill(stage.edges[name], shelf, film)
    viewer = Viewer(
        stage.control,
        stage.edges,
        shelf.fetch,
        stage.signer,
        clock=clock,
        ways=ways,
        dead=frozenset({"edge-1"}),
    )
    with tracing(clock, "from play to the picture") as found:
        note("edge-1 has just died; nobody knows yet")
        viewer.watch(film.title, "ada")
    return found


def _fill(edge: Edge, shelf: Shelf, film: Published) -> None:
    """Fill an edge as the night does, but for one segment, at which the night was over."""
    for path in shelf.paths:
        if path != f"/{film.title}/{film.video[0].name}/1.m4s":
            edge.shelve(path, shelf.fetch(path))


def for_real() -> Trace:
    """Follow one press of play with a real film, real bytes and the wall clock; all in this process."""
    clock = WallClock()
    with TemporaryDirectory(prefix="kit-netflix-") as place:
        film = generate(CLIPS["signal"], Path(place) / "signal.mp4", seconds=6, height=144)
        library = Path(place) / "library"
        add(film, library, height_max=144)
        stage = cast(clock, Random(7), SimDisk(rng=Random(7)), published_in(library))
        origin = Origin(library)
        viewer = Viewer(
            stage.control, stage.edges, origin.fetch, stage.signer, clock=clock, ways=NoWays()
        )
        with tracing(clock, "from play to the picture, for real") as found:
            (first,) = viewer.watch("signal", "ada", segments=1)
            _decode(library / "signal" / "v144" / "init.mp4", first.body.data, Path(place))
    return found


def _decode(init: Path, segment: bytes, folder: Path) -> None:
    """Decode the first frame of a segment, as a player's decoder does."""
    with span("first frame decoded") as decoded:
        piece = folder / "first.mp4"
        piece.write_bytes(init.read_bytes() + segment)
        ffmpeg.run("-i", piece, "-frames:v", "1", "-f", "null", "-")
        decoded.set(size_bytes=len(segment))
