"""What the exercise on plays checks: each is taken once, across restarts too, and nothing vanishes.

Page: docs/spotify/events.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.log import Log
from chapters.sim.disk import SimDisk
from spotify.events.intake import Intake
from spotify.scene.imagined import album

NOW_MS = 1_767_400_000_000
TRACKS = {track.id: track for track in album(Random(1), tracks=2, seconds=40)[0].tracks}
ONE, TWO = TRACKS


def taken(batches: list[list[list[JSON]]]) -> JSON:
    """Take batches of [id, track (0: none), ms], each by a service that was started again."""
    disks = [SimDisk(rng=Random(number)) for number in range(2)]
    told: list[JSON] = []
    for batch in batches:
        intake = Intake(*(Log(disk=disk) for disk in disks))
        sent = [
            {
                "id": id,
                "user": "ada",
                "track": ("none", ONE, TWO)[int(str(track))],
                "at_ms": NOW_MS,
                "played_ms": ms,
            }
            for id, track, ms in batch
        ]
        found = intake.take(sent, TRACKS, NOW_MS)
        told.append([len(found.plays), found.repeated, found.dead])
    ids: list[JSON] = [play.id for play in intake.plays()]
    return {"told": told, "kept": ids, "dead": dict(intake.reasons)}


def once(rng: Random) -> Iterator[Case]:
    yield ([[["a", 1, 31_000], ["b", 2, 5_000]]],)
    yield ([[[f"p{rng.randrange(1000)}", 1, rng.randrange(1, 40_000)]]],)


def twice(rng: Random) -> Iterator[Case]:
    yield ([[["a", 1, 31_000], ["a", 1, 31_000], ["b", 2, 5_000]]],)
    yield ([[["a", 1, 31_000]], [["a", 1, 31_000], ["c", 1, 9]], [["c", 1, 9], ["a", 1, 31_000]]],)


def impossible(rng: Random) -> Iterator[Case]:
    yield ([[["a", 0, 31_000], ["b", 1, 99_000], ["c", 1, 31_000], ["d", 1, -4]]],)
    yield ([[["a", 0, 1]], [["a", 1, 31_000]]],)


STAGES: dict[str, list[Stage]] = {
    "play-once": [
        Stage("what is new is taken", once, taken),
        Stage("what comes again is not", twice, taken, needs=(1,)),
        Stage("what cannot be is kept apart", impossible, taken, needs=(1,)),
    ],
}
