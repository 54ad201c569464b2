"""What the exercises on encoding check: where to cut, what is left to do, and which rungs a title needs.

Page: docs/netflix/encode.md
"""

from collections.abc import Iterator
from dataclasses import astuple
from fractions import Fraction
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from chapters.checking import JSON, Case, Stage
from netflix.encode.chunks import Chunk, group_frames, plan
from netflix.encode.ladder import Point, choose, hull
from netflix.encode.tasks import Quality, Task, unfinished

# A film's measured points: kbit/s, VMAF, height. Big Buck Bunny, 3 s, four heights at four CRFs.
MEASURED = (
    (40, 6.6, 240), (79, 23.4, 240), (148, 41.4, 360), (265, 56.9, 540), (325, 64.7, 360),
    (596, 77.5, 540), (961, 84.3, 720), (1502, 89.6, 540), (2307, 93.8, 720),
)  # fmt: skip


def groups(rates: list[list[int]], segment_s: float) -> JSON:
    """Ask how many frames a segment has at each rate, given as [frames, seconds]."""
    return [group_frames(Fraction(*rate), segment_s) for rate in rates]


def plans(frames: int, group: int, segments: int) -> JSON:
    """Plan the chunks of a title."""
    return [list(astuple(chunk)) for chunk in plan(frames, group, segments)]


def whole_rates(rng: Random) -> Iterator[Case]:
    yield [[rng.randint(12, 60), 1] for _ in range(4)], 2.0
    yield [[24, 1], [25, 1]], rng.choice([1.0, 4.0, 6.0])


def odd_rates(rng: Random) -> Iterator[Case]:
    yield [[30_000, 1001], [24_000, 1001], [60_000, 1001]], 2.0
    yield [[1, 10]], 2.0


def even_titles(rng: Random) -> Iterator[Case]:
    group, segments = rng.randint(2, 60), rng.randint(1, 4)
    yield group * segments * rng.randint(1, 5), group, segments


def ragged_titles(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        group, segments = rng.randint(2, 60), rng.randint(1, 4)
        yield group * segments * rng.randint(1, 4) + rng.randint(1, group), group, segments
    yield rng.randint(1, 5), 48, 2


def left(chunks: list[int], done: list[int]) -> JSON:
    """Ask which tasks are unfinished, when the files of some are there; names are frame numbers."""
    with TemporaryDirectory() as folder:
        tasks = [
            Task(Path("film"), "d", Fraction(24), Chunk(first, 48, 48), Quality(36, 64, 90), Path(folder))
            for first in chunks
        ]  # fmt: skip
        for task in tasks:
            if task.chunk.first in done:
                task.path.touch()
        return [task.chunk.first for task in unfinished(tasks)]


def half_done(rng: Random) -> Iterator[Case]:
    chunks = [48 * number for number in range(6)]
    yield chunks, []
    yield chunks, rng.sample(chunks, 3)
    yield chunks, chunks


def twice_asked(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        chunks = rng.choices([0, 48, 96, 144], k=7)
        yield chunks, rng.sample(chunks, 1)


def points(given: list[list[float]]) -> list[Point]:
    """Return the points that [kbit/s, VMAF, height] stand for."""
    return [Point(Quality(int(height), 0, crf=1), kbps, vmaf) for kbps, vmaf, height in given]


def shown(found: list[Point]) -> JSON:
    return [[point.kbps, point.vmaf, point.quality.height] for point in found]


def hulls(given: list[list[float]]) -> JSON:
    """Return the hull of the points."""
    return shown(hull(points(given)))


def chooses(given: list[list[float]], step: float, enough: float) -> JSON:
    """Choose rungs among points that are a hull already."""
    return shown(choose(points(given), step, enough))


def straight(rng: Random) -> Iterator[Case]:
    """Yield points whose hull is all of them, but shuffled; and one that is worse and dearer."""
    good: list[JSON] = [[100, 40, 240], [200, 60, 360], [400, 75, 540], [800, 84, 720]]
    yield (rng.sample(good, 4),)
    yield (rng.sample([*good, [rng.randint(410, 790), rng.randint(20, 70), 720]], 5),)
    yield (good[:1],)
    yield ([],)


def bent(rng: Random) -> Iterator[Case]:
    """Yield points of which some lie under the line between two others."""
    yield (rng.sample([list(point) for point in MEASURED], len(MEASURED)),)
    jump = rng.randint(80, 99)
    yield ([[100, 10, 240], [200, 19, 240], [300, 27, 240], [400, 34, 360], [500, jump, 360]],)
    for _ in range(3):
        yield ([[rng.randint(50, 3000), rng.randint(5, 98), 360] for _ in range(10)],)


def equals(rng: Random) -> Iterator[Case]:
    """Yield points of one bit rate, and points on one line."""
    kbps = rng.randint(100, 900)
    yield ([[kbps, 50, 240], [kbps, 60, 360], [kbps * 2, 70, 540]],)
    yield ([[100, 20, 240], [200, 40, 360], [300, 60, 540]],)


def rising(rng: Random) -> Iterator[Case]:
    good: list[JSON] = [[100, 40, 240], [200, 60, 360], [400, 75, 540], [800, 96, 720]]
    yield good, 1.4, 99
    yield good, 1.4, rng.randint(61, 75)


def close(rng: Random) -> Iterator[Case]:
    steps = [100 * 1.15**number for number in range(12)]
    yield [[round(kbps), 20 + 5 * place, 360] for place, kbps in enumerate(steps)], 1.4, 99
    yield [[100, 40, 240], [140, 60, 240], [196, 70, 360]], 1.4, 95


def falling_height(rng: Random) -> Iterator[Case]:
    yield [list(point) for point in MEASURED], 1.0, 99
    yield [list(point) for point in MEASURED], 1.4, 99
    yield [[100, 40, 720], [300, 60, 240], [900, 75, 360]], 1.4, 99


STAGES: dict[str, list[Stage]] = {
    "gop-alignment": [
        Stage("as many frames as the rate gives in a segment", whole_rates, groups),
        Stage("rates that are no whole numbers, and very slow ones", odd_rates, groups),
        Stage("chunks of whole segments", even_titles, plans, needs=(1,)),
        Stage("the last chunk has what is left", ragged_titles, plans),
    ],
    "resume": [
        Stage("what has no file is left", half_done, left),
        Stage("nothing is left twice", twice_asked, left),
    ],
    "ladder-hull": [
        Stage("by bit rate, without what is worse and dearer", straight, hulls),
        Stage("nothing under the line between two others", bent, hulls),
        Stage("equal bit rates, and points on a line", equals, hulls),
    ],
    "ladder-rungs": [
        Stage("the best that is worth it, and downwards", rising, chooses),
        Stage("a rung is so many times the one below", close, chooses),
        Stage("no rung is higher than the one above it", falling_height, chooses, needs=(1,)),
    ],
}
