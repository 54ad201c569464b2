"""What Spotify's exercises check: each section's own stages, beside its code, and a tap from end to end.

Page: docs/spotify/index.md
"""

from collections.abc import Iterator
from hashlib import sha256
from random import Random

from chapters.checking import JSON, Case, Stage
from spotify.catalogue import checks as catalogue
from spotify.connect import checks as connect
from spotify.delivery import checks as delivery
from spotify.events import checks as events
from spotify.ingest import checks as ingest
from spotify.offline import checks as offline
from spotify.playback import checks as playback
from spotify.playlists import checks as playlists
from spotify.recs import checks as recs
from spotify.royalties import checks as royalties
from spotify.scene.evening import cast

SECTIONS = (
    ingest, catalogue, delivery, playback, playlists, events, royalties, offline, connect, recs,
)  # fmt: skip
LISTENERS = 4


def hears(seed: int) -> JSON:
    """Let listeners tap; the second one's edge is dead."""
    found: list[JSON] = []
    for number in range(LISTENERS):
        stage = cast(seed + number)
        first, *_ = stage.router.edges(stage.album.id)
        if number == 1:
            stage.listener.kill(first)
        one, two, *_ = stage.album.tracks
        sound = stage.listener.tap(one.id, two.id, "SE")
        found.append([len(sound), sha256(sound).hexdigest()[:16], stage.clock.now_ns() // 10**6])
    return found


def seeds(rng: Random) -> Iterator[Case]:
    """Some taps of a seed."""
    yield (rng.randrange(1_000_000),)


def summary(args: Case, got: JSON) -> str:
    """Say what was heard on the learner's code."""
    assert isinstance(got, list)
    kilobytes = (
        sum(each[0] for each in got if isinstance(each, list) and isinstance(each[0], int)) // 1000
    )
    return (
        f"Spotify plays on your code: {len(got)} listeners, {kilobytes} kB of sound, one edge dead"
    )


STAGES: dict[str, list[Stage]] = {
    name: stages for section in SECTIONS for name, stages in section.STAGES.items()
}

SYSTEM = Stage("four listeners tap, and an edge is dead", seeds, hears, summary=summary)
