"""What the exercises on packaging check: boxes, runts, runs of equal segments, and what stays clear.

Page: docs/netflix/package.md
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from random import Random

from chapters.checking import JSON, Case, Stage
from netflix.package.boxes import box, u32, u64, walk
from netflix.package.cenc import BLOCK_BYTES, CLEAR_BYTES, CLEAR_MAX, split
from netflix.package.dash import runs
from netflix.package.errors import DamagedBox
from netflix.package.published import Segment
from netflix.package.samples import Sample
from netflix.package.timeline import without_runt

BOXES_MAX = 50  # a walk that a mistake makes endless ends here


def walks(data: str, begin: int, end: int | None) -> JSON:
    """Walk over bytes, given in hexadecimal."""
    found: list[JSON] = []
    try:
        for each in islice(walk(bytes.fromhex(data), begin, end), BOXES_MAX):
            found.append([each.kind, each.begin, each.body, each.end])
    except DamagedBox:
        found.append("DamagedBox")
    return found


def short(rng: Random, kind: str = "free") -> bytes:
    return box(kind, rng.randbytes(rng.randrange(20)))


def plain_boxes(rng: Random) -> Iterator[Case]:
    for count in (0, 1, 4):
        data = b"".join(
            short(rng, kind) for kind in rng.sample(["ftyp", "moov", "mdat", "free"], count)
        )
        yield data.hex(), 0, None
    yield (short(rng) + short(rng)).hex(), 0, None


def other_sizes(rng: Random) -> Iterator[Case]:
    body = rng.randbytes(rng.randrange(1, 20))
    long = u32(1) + b"mdat" + u64(16 + len(body)) + body
    to_the_end = u32(0) + b"mdat" + body
    yield (long + short(rng)).hex(), 0, None
    yield (short(rng) + to_the_end).hex(), 0, None


def inside(rng: Random) -> Iterator[Case]:
    inner, before = short(rng, "tkhd") + short(rng, "mdia"), rng.randbytes(5)
    data = before + inner + rng.randbytes(9)
    yield data.hex(), len(before), len(before) + len(inner)
    yield (before + u32(0) + b"mdat" + inner + b"end").hex(), 5, 5 + 8 + len(inner)


def damaged(rng: Random) -> Iterator[Case]:
    yield (short(rng) + u32(100) + b"moov").hex(), 0, None
    yield (u32(rng.randint(2, 7)) + b"moov" + bytes(9)).hex(), 0, None
    yield (short(rng) + b"\0\0\0").hex(), 0, None
    yield (u32(1) + b"mdat" + u64(15) + bytes(4)).hex(), 0, None
    yield (short(rng) + short(rng)).hex(), 0, 11


def merges(lengths: list[list[int]], target: int) -> JSON:
    """Ask about segments, each given as the lengths of its samples."""
    ticks = [each for segment in lengths for each in segment]
    samples = [Sample(b"", each, 0, False) for each in ticks]
    cut, first = [], 0
    for segment in lengths:
        cut.append((first, first + len(segment)))
        first += len(segment)
    return [list(span) for span in without_runt(cut, samples, Fraction(target))]


def whole(rng: Random) -> Iterator[Case]:
    for last in (50, 60, 100):
        yield [[25] * 4, [25] * 4, [last // 2, last - last // 2]], 100
    yield [[25] * 4], 100
    yield [[rng.randint(1, 9)]], 100


def runts(rng: Random) -> Iterator[Case]:
    for last in (1, rng.randint(2, 48), 49):
        yield [[25] * 4, [50, 50], [last]], 100
    yield [[1], [2]], 100


def only_the_last(rng: Random) -> Iterator[Case]:
    yield [[100], [rng.randint(1, 20)], [100]], 100
    yield [[rng.randint(1, 20)], [100]], 100


def timelines(ticks: list[int]) -> JSON:
    """Ask for the runs of segments of these lengths."""
    return [list(each) for each in runs([Segment(length, 1) for length in ticks])]


def equal_segments(rng: Random) -> Iterator[Case]:
    length = rng.randint(100, 900)
    yield ([length] * rng.randint(2, 9),)
    yield ([length],)
    yield ([],)


def different_segments(rng: Random) -> Iterator[Case]:
    a, b = rng.sample(range(100, 900), 2)
    yield ([a, a, b, b, b, a],)
    yield ([a, b, a, b],)
    yield ([a] * 5 + [b],)


def parts_of(units: list[list[int]]) -> JSON:
    """Ask about a sample of NAL units, each given as [type, size]."""
    sample = b"".join(u32(size) + bytes([kind]) + bytes(size - 1) for kind, size in units)
    try:
        return [list(each) for each in split(sample)]
    except DamagedBox:
        return "DamagedBox"


def pictures(rng: Random) -> Iterator[Case]:
    for size in (200, rng.randint(500, 3000), CLEAR_BYTES + 4 * BLOCK_BYTES - 4):
        yield ([[rng.choice([1, 5]), size]],)


def small_pictures(rng: Random) -> Iterator[Case]:
    for size in (CLEAR_BYTES - 4, CLEAR_BYTES + BLOCK_BYTES - 5, CLEAR_BYTES + BLOCK_BYTES - 4):
        yield ([[1, size]],)


def with_signposts(rng: Random) -> Iterator[Case]:
    yield ([[9, 2], [6, rng.randint(300, 700)], [5, 900]],)
    yield ([[5, rng.randint(400, 900)], [1, 700], [6, 500]],)
    yield ([[7, 300]],)


def large_signposts(rng: Random) -> Iterator[Case]:
    yield ([[6, CLEAR_MAX + rng.randint(1, 99)], [5, 600]],)
    yield ([[6, 2 * CLEAR_MAX - 4]],)


STAGES: dict[str, list[Stage]] = {
    "box-walk": [
        Stage("one box after the other", plain_boxes, walks),
        Stage("a size of 1, and a size of 0", other_sizes, walks),
        Stage("within bounds, as boxes in boxes are", inside, walks),
        Stage("what is cut off or makes no sense is refused", damaged, walks, needs=(1,)),
    ],
    "runt-segment": [
        Stage("half the target and more is left alone", whole, merges),
        Stage("a shorter last one joins the one before", runts, merges, needs=(1,)),
        Stage("only the last one", only_the_last, merges, needs=(1,)),
    ],
    "timeline-runs": [
        Stage("equal segments are one line", equal_segments, timelines),
        Stage("what differs is spelt out", different_segments, timelines),
    ],
    "clear-parts": [
        Stage("the beginning of a picture is clear, then whole blocks are not", pictures, parts_of),
        Stage("a picture that is too small stays clear", small_pictures, parts_of),
        Stage("what is no picture stays clear", with_signposts, parts_of, needs=(1,)),
        Stage("a clear part has at most 65,535 bytes", large_signposts, parts_of),
    ],
}
