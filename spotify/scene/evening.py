"""One tap, on a stage of three edges: the first one has a bad memory, and nobody knows yet.

Page: docs/spotify/index.md
"""

from dataclasses import dataclass
from functools import partial

from chapters.cache.s3fifo import S3Fifo
from chapters.sim.chance import Chance
from chapters.sim.clock import S, VirtualClock
from chapters.sim.trace import Trace, note, tracing
from spotify.catalogue.catalogue import Catalogue
from spotify.catalogue.track import Album
from spotify.delivery.edge import BLOCK_BYTES, Edge
from spotify.delivery.routing import Router
from spotify.delivery.signing import Signer
from spotify.playback.offer import Desk
from spotify.scene.imagined import album
from spotify.scene.listener import Listener

EDGES = ("edge-1", "edge-2", "edge-3")
CAPACITY_BYTES = 32 * 1024 * 1024
SECRET = b"the secret of a scene; a service draws its own"
START_S = 1_767_297_600  # 1 January 2026, 20:00 UTC


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is on the stage."""

    clock: VirtualClock
    edges: dict[str, Edge]
    router: Router
    listener: Listener
    album: Album
    files: dict[str, bytes]


def cast(seed: int) -> Cast:
    """Return a listener, three edges and an album in virtual time."""
    chance, clock = Chance(seed), VirtualClock()
    clock.advance(START_S * S)
    found, files = album(chance.stream("album"))
    edges = {name: Edge(name, partial(S3Fifo, CAPACITY_BYTES)) for name in EDGES}
    router, signer = Router({name: f"http://{name}" for name in EDGES}), Signer(SECRET)
    catalogue = Catalogue([found])
    desk = Desk(lambda: catalogue, router, signer, clock=clock)
    listener = Listener(
        desk, edges, lambda path, first, end: files[path][first:end], signer,
        clock=clock, rng=chance.stream("network"),
    )  # fmt: skip
    return Cast(clock, edges, router, listener, found, files)


def in_simulation(seed: int) -> Trace:
    """Follow one tap in virtual time; the album's own edge has a flipped bit in the first block."""
    stage = cast(seed)
    first, *_ = stage.router.edges(stage.album.id)
    for path, data in stage.files.items():
        for number in range(0, len(data), BLOCK_BYTES):
            stage.edges[first].keep(
                path, number // BLOCK_BYTES, data[number : number + BLOCK_BYTES]
            )
    one, two, *_ = stage.album.tracks
    path = f"/{stage.album.id}/{one.renditions[0].file}"
    stage.edges[first].damage(path, 0, at=one.renditions[0].head)
    with tracing(stage.clock, "from tap to sound") as found:
        note(f"{first} has this album; its disk has just flipped a bit, and nobody knows")
        stage.listener.tap(one.id, two.id, "SE")
    return found
