"""What the exercises on the fill check: what counts of what was told, how many copies, and what is brought.

Page: docs/netflix/fill.md
"""

from collections.abc import Iterator
from random import Random
from string import ascii_lowercase

from chapters.checking import JSON, Case, Stage
from netflix.cdn.fill import Wanted, plan
from netflix.cdn.placement import copies, place
from netflix.cdn.popularity import SELDOM, Popularity
from netflix.events.windows import HOUR_MS, Told

DAY = 24


def fills(
    files: list[tuple[str, float, int]], room_bytes: int, held: list[str], night_bytes: int
) -> JSON:
    """Plan a night for files of (path, plays, bytes)."""
    wanted = [Wanted(*each) for each in files]
    night = plan(wanted, room_bytes, frozenset(held), night_bytes)
    return {"keep": sorted(night.keep), "fetch": list(night.fetch), "bytes": night.fetch_bytes}


def some_files(rng: Random, count: int = 6) -> list[tuple[str, float, int]]:
    """Files of different sizes and plays, in no order."""
    files = [(f"/t{n}", float(rng.randint(1, 90)), rng.randint(10, 90)) for n in range(count)]
    rng.shuffle(files)
    return files


def empty_edges(rng: Random) -> Iterator[Case]:
    yield [("/big", 9.0, 80), ("/small", 5.0, 10), ("/other", 4.0, 10)], 100, [], 1000
    yield [("/a", 9.0, 50), ("/b", 8.0, 90), ("/c", 7.0, 10)], 70, [], 1000
    for _ in range(3):
        yield some_files(rng), rng.randint(50, 250), [], 10_000
    yield [("/b", 1.0, 50), ("/a", 1.0, 50)], 60, [], 1000
    yield [("/unwanted", 0.0, 5), ("/wanted", 0.1, 5)], 60, [], 1000


def filled_edges(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        files = some_files(rng)
        yield files, rng.randint(100, 300), [files[0][0], files[3][0], "/gone"], 10_000


def short_nights(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        files = some_files(rng)
        yield files, 300, [files[2][0]], rng.randint(40, 120)
    yield [("/a", 3.0, 90), ("/b", 2.0, 20), ("/c", 1.0, 50)], 300, ["/c"], 40


def copied(share: float, edges: int) -> JSON:
    """Say how many copies a title gets."""
    return copies(share, edges)


def shares(rng: Random) -> Iterator[Case]:
    yield 0.3, 10
    yield 0.0, 8
    yield 1.0, 8
    for _ in range(3):
        yield rng.random() * 0.5, rng.randint(2, 12)
    yield 1 / 12, 8


def placed(plays: dict[str, float], edges: dict[str, float]) -> JSON:
    """Place titles."""
    return place(plays, edges)


def evenings(rng: Random) -> Iterator[Case]:
    edges = {f"edge-{n}": 1.0 for n in range(1, rng.randint(4, 7))}
    yield {f"t{n}": float(rng.randint(1, 50)) for n in range(5)}, edges
    yield {"hit": 900.0, "other": 50.0, "third": 50.0}, edges
    yield {"never": 0.0}, edges
    yield {f"t{n}": 1.0 for n in range(5)}, edges | {"edge-1": 3.0}


def predicted(told: list[tuple[int, int, dict[str, int]]], now_hour: int, new: list[str]) -> JSON:
    """Hear (hour, revision, plays) in that order, and predict."""
    popularity = Popularity()
    for hour, revision, plays in told:
        popularity.hear(Told(hour * HOUR_MS, revision, plays))
    found = popularity.predict(now_hour * HOUR_MS, ascii_lowercase, new)
    return {title: round(plays, 6) for title, plays in sorted(found.items()) if plays > SELDOM}


def days(rng: Random) -> Iterator[Case]:
    count = rng.randint(10, 99)
    yield [(0, 0, {"a": count})], DAY, []
    yield [(0, 0, {"a": count}), (DAY, 0, {"b": count})], 2 * DAY, []
    yield [(0, 0, {"a": count, "gone": 5}), (7, 0, {"a": 3, "b": 1})], 30, []
    yield [], DAY, []


def corrections(rng: Random) -> Iterator[Case]:
    count = rng.randint(10, 99)
    yield [(0, 0, {"a": count}), (0, 1, {"a": count + 1, "b": 4})], 5, []
    yield [(0, 1, {"a": count + 1, "b": 4}), (0, 0, {"a": count})], 5, []
    yield [(0, 0, {"a": count}), (3, 0, {"a": 2}), (0, 1, {"a": 1}), (0, 2, {"a": 5})], 5, []


def premieres(rng: Random) -> Iterator[Case]:
    plays = {"a": rng.randint(50, 99), "b": rng.randint(1, 49)}
    yield [(0, 0, plays)], 3, ["c"]
    yield [(0, 0, plays)], 3, ["a"]
    yield [], 3, ["c"]
    yield [(0, 0, plays)], 3, ["unknown"]


STAGES: dict[str, list[Stage]] = {
    "fill-plan": [
        Stage("an empty edge gets the most played, while there is room", empty_edges, fills),
        Stage("what is here is not fetched again", filled_edges, fills, needs=(1,)),
        Stage("a night is short", short_nights, fills, needs=(1, 2)),
    ],
    "copies": [
        Stage("as many as its viewers need", shares, copied),
        Stage("in the title's own order of edges", evenings, placed, needs=(1,)),
    ],
    "popularity": [
        Stage("a day ago counts half", days, predicted),
        Stage("an hour counts once, as it was last told", corrections, predicted, needs=(1,)),
        Stage("a premiere", premieres, predicted, needs=(1,)),
    ],
}
