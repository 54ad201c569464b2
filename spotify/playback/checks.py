"""What the exercises on playback check: a set of ranges, and what to fetch next.

Page: docs/spotify/playback.md
"""

from collections.abc import Iterator, Sequence
from random import Random

from chapters.checking import JSON, Case, Stage
from spotify.playback.policy import Hearing, Held, wanted
from spotify.playback.rangeset import RangeSet

SIZE = 200


def ranges(added: Sequence[tuple[int, int]]) -> JSON:
    """Add ranges; return what the set is then."""
    found = RangeSet()
    for first, end in added:
        found.add(first, end)
    return [list(each) for each in found]


def lacking(added: Sequence[tuple[int, int]], first: int, end: int) -> JSON:
    """Add ranges; return what is missing of one."""
    found = RangeSet()
    for each in added:
        found.add(*each)
    return [list(each) for each in found.missing(first, end)]


def _drawn(rng: Random, count: int) -> list[JSON]:
    found: list[JSON] = []
    for _ in range(count):
        first = rng.randrange(SIZE)
        found.append([first, first + rng.randrange(1, 30)])
    return found


def apart(rng: Random) -> Iterator[Case]:
    yield ([[10, 20], [40, 50], [25, 30]],)
    yield ([[rng.randrange(5), 9], [30, 40], [12, 14]],)


def touching(rng: Random) -> Iterator[Case]:
    yield ([[0, 4], [8, 12], [4, 8]],)
    yield ([[10, 20], [20, 30]],)
    yield ([[10, 20], [5, 10], [0, 2]],)


def overlapping(rng: Random) -> Iterator[Case]:
    yield ([[10, 20], [30, 40], [15, 35]],)
    yield ([[10, 20], [30, 40], [50, 60], [0, 100]],)
    yield ([[0, 100], [20, 30]],)
    for _ in range(3):
        yield (_drawn(rng, 12),)


def holes(rng: Random) -> Iterator[Case]:
    yield [[10, 20], [40, 50]], 0, 60
    yield [[10, 20], [40, 50]], 15, 45
    yield [[10, 20]], 12, 18
    yield [], 3, 9
    yield [[0, 5], [20, 30]], 5, 20
    yield [[0, 5], [20, 30]], 10, 40
    for _ in range(3):
        first = rng.randrange(SIZE // 2)
        yield _drawn(rng, 6), first, first + rng.randrange(1, SIZE)


def fetched(
    here: str, at: int, left_s: float, is_playing: bool, ping_s: float, after: str | None, size: int
) -> JSON:
    """Ask what to fetch next; a track's pieces are a second each, 1 for those that are here."""
    now = Hearing(
        _held(here, size), at, left_s, is_playing, ping_s, _held(after, size) if after else None
    )
    found = wanted(now)
    return None if found is None else [found.track, found.first, found.end]


def _held(here: str, size: int) -> Held:
    return Held([size] * len(here), [1.0] * len(here), [each == "1" for each in here])


def tapped(rng: Random) -> Iterator[Case]:
    for size in (16_000, 70_000, rng.randrange(3_000, 30_000)):
        yield "0" * 40, 0, 40.0, False, 0.05, None, size
    yield "1" + "0" * 39, 0, 40.0, False, 0.05, "0" * 40, 16_000


def playing(rng: Random) -> Iterator[Case]:
    yield "1111" + "0" * 36, 0, 40.0, True, 0.05, None, 16_000
    yield "11111111" + "0" * 52, 0, 60.0, True, 0.05, "0" * 40, 16_000
    at = rng.randrange(5, 20)
    yield "1" * at + "11011" + "0" * 35, at, 40.0, True, 0.05, None, 16_000
    yield "1" * 10 + "0" * 50, 0, 60.0, True, 1.3, None, 16_000
    yield "1" * 15 + "0" * 50, 0, 60.0, True, 9.0, None, 16_000


def ahead(rng: Random) -> Iterator[Case]:
    yield "1" * 40, 20, 20.0, True, 0.05, "0" * 40, 16_000
    yield "1" * 40, 0, 40.0, True, 0.05, "11" + "0" * 38, 16_000
    yield "1" * 30 + "0" * 60, 0, 90.0, True, 0.05, "0" * 40, 16_000
    yield "1" * 30 + "0" * 28, 20, 29.0, True, 0.05, "0" * 40, 16_000
    yield "1" * 40, 30, 10.0, True, 0.05, "1" * 9 + "0" * 30, 16_000
    yield "1" * 40, 30, 10.0, True, 0.05, None, 16_000


STAGES: dict[str, list[Stage]] = {
    "range-set": [
        Stage("ranges that are apart, in order", apart, ranges),
        Stage("ranges that touch become one", touching, ranges, needs=(1,)),
        Stage("ranges that overlap any number of others", overlapping, ranges, needs=(1,)),
        Stage("what is missing", holes, lacking, needs=(1,)),
    ],
    "prefetch": [
        Stage("before it sounds: enough to begin", tapped, fetched),
        Stage("while it plays: enough not to stop", playing, fetched, needs=(1,)),
        Stage("the next track, in time", ahead, fetched, needs=(2,)),
    ],
}
