"""What the exercise on rights checks: what is played, or why not.

Page: docs/spotify/catalogue.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import Refused
from spotify.catalogue.catalogue import Catalogue
from spotify.catalogue.track import Album, Track

MARKETS = ("SE", "US", "DE", "JP")


def played(tracks: list[list[JSON]], asked: str, market: str) -> JSON:
    """Ask for a track in a market; tracks are [id, ISRC, markets]."""
    made = tuple(_track(*each) for each in tracks)  # type: ignore[arg-type]
    catalogue = Catalogue([Album("album", "Album", "Artist", "artist", 2024, "", "", made)])
    try:
        found = catalogue.playable(asked, market)
    except Refused as refused:
        return [refused.status, refused.reason]
    return [found.track.id, found.asked.id]


def _track(id: str, isrc: str, markets: list[str]) -> Track:
    return Track(id, id, "Artist", "artist", "Album", "album", 1, 1, 2024, "", isrc, 1, 0.0, 0.0, 0.0,
                 tuple(markets), {}, (), ())  # fmt: skip


def allowed(rng: Random) -> Iterator[Case]:
    yield [["a", "K1", ["*"]], ["b", "K1", ["SE"]]], "a", "US"
    yield [["a", "K1", ["US", "SE"]], ["b", "K1", ["SE"]]], "b", "SE"


def linked(rng: Random) -> Iterator[Case]:
    yield [["a", "K1", ["US"]], ["b", "K1", ["SE"]]], "a", "SE"
    yield (
        [["d", "K1", ["US"]], ["c", "K1", ["SE"]], ["b", "K1", ["SE"]], ["a", "K2", ["SE"]]],
        "d",
        "SE",
    )
    for _ in range(2):
        rows: list[list[JSON]] = [
            [f"t{n}", f"K{n % 2}", rng.sample(MARKETS, rng.randrange(1, 3))]
            for n in rng.sample(range(8), 6)
        ]
        yield rows, str(rows[0][0]), rng.choice(MARKETS)


def refused(rng: Random) -> Iterator[Case]:
    yield [["a", "K1", ["US"]], ["b", "K2", ["SE"]]], "a", "SE"
    yield [["a", "", ["US"]], ["b", "", ["SE"]]], "a", "SE"
    yield [["a", "K1", ["US"]]], "nothing", "SE"


STAGES: dict[str, list[Stage]] = {
    "relinking": [
        Stage("what may be played is played", allowed, played),
        Stage("else the same recording", linked, played, needs=(1,)),
        Stage("else a refusal that says why", refused, played, needs=(1,)),
    ],
}
