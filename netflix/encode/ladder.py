"""Which qualities a title is offered in: the same for all, or found for this one.

    VMAF ▲            ___•─────•   1080p        each height has a curve of its own, best in its own stretch;
         │       _•──•             720p         the hull over all of them is the best that can be had,
         │    •─•                  360p         and a ladder takes its rungs from there
         │  •
         └──────────────────► kbit/s

Invariant: a ladder ascends in bit rate, in quality and in height. Source: Aaron et al., "Per-Title Encode
Optimization", Netflix Tech Blog, 2015. Page: docs/netflix/ladder.md
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from netflix.encode.ingest import even
from netflix.encode.tasks import Quality

# What every title was given once: kbit/s by height, after the fixed ladder of the article of 2015.
FIXED = ((144, 120), (240, 280), (360, 700), (480, 1200), (720, 2600), (1080, 5000))
STEP = 1.4  # a rung has at least so many times the bits of the one below: less is hardly seen
ENOUGH = 95.0  # VMAF: above it nobody sees a difference, so no rung is spent there


@dataclass(frozen=True, slots=True)
class Point:
    """One quality as measured on this title: kbit/s, and VMAF from 0 to 100."""

    quality: Quality
    kbps: float
    vmaf: float


def sized(height: int, shape: float, **target: int) -> Quality:
    """Return a quality of this height, for a picture `shape` times as wide as high."""
    return Quality(height=height, width=even(height * shape), **target)


def fixed(width: int, height: int) -> list[Quality]:
    """Return the rungs of the fixed ladder up to this size; a smaller picture has one, its own size."""
    fitting = [(rung, kbps) for rung, kbps in FIXED if rung <= height]
    return [
        sized(rung, width / height, kbps=kbps) for rung, kbps in fitting or [(height, FIXED[0][1])]
    ]


def hull(points: Iterable[Point]) -> list[Point]:
    """Return the upper convex hull of the points, by ascending bit rate and quality.

    From one point of it to the next, each further kbit/s brings less; points under the line between
    two others are left out, and so are those that cost more than a better one.
    """
    found: list[Point] = []
    for point in sorted(points, key=lambda each: (each.kbps, -each.vmaf)):
        if found and point.vmaf <= found[-1].vmaf:
            continue
        while len(found) > 1 and _gain(found[-2], found[-1]) <= _gain(found[-1], point):
            found.pop()
        found.append(point)
    return found


def _gain(low: Point, high: Point) -> float:
    """How much quality each kbit/s brings between two points."""
    span = high.kbps - low.kbps
    return (high.vmaf - low.vmaf) / span if span else math.inf


def choose(best: Sequence[Point], step: float = STEP, enough: float = ENOUGH) -> list[Point]:
    """Return the rungs: points of the hull, from the best that is worth it downwards.

    No rung is higher than the one above it: a coarse grid has a 540p point below a 360p point now and then,
    and a viewer whose line gets *better* would see a coarser picture.
    """
    if not best:
        return []
    top = next((place for place, each in enumerate(best) if each.vmaf >= enough), len(best) - 1)
    rungs = [best[top]]
    for point in reversed(best[:top]):
        if point.quality.height <= rungs[-1].quality.height and point.kbps * step <= rungs[-1].kbps:
            rungs.append(point)
    return rungs[::-1]


def kbps_at(vmaf: float, points: Sequence[Point]) -> float:
    """Return what quality `vmaf` costs on a ladder, between its points on a logarithmic scale.

    `points` ascend in both; `vmaf` lies between the first and the last.
    """
    for low, high in pairwise(points):
        if low.vmaf <= vmaf <= high.vmaf:
            share = (vmaf - low.vmaf) / (high.vmaf - low.vmaf)
            return math.exp(math.log(low.kbps) * (1 - share) + math.log(high.kbps) * share)
    raise AssertionError(f"VMAF {vmaf} is on no step of the ladder")


def cost(ladder: Sequence[Point], other: Sequence[Point], samples: int = 20) -> float:
    """Return the bits of one ladder divided by another's at equal quality: the mean over the common range.

    Raises `AssertionError` when they have no quality in common.
    """
    low = max(ladder[0].vmaf, other[0].vmaf)
    high = min(ladder[-1].vmaf, other[-1].vmaf)
    assert low < high, "the two ladders have no quality in common"
    asked = [low + (high - low) * place / (samples - 1) for place in range(samples)]
    ratios = [kbps_at(each, ladder) / kbps_at(each, other) for each in asked]
    return math.exp(sum(map(math.log, ratios)) / samples)
