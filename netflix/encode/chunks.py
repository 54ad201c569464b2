"""Where a title is cut: segments of whole frames, chunks of whole segments, the same for all qualities.

    frames     0         50        100       150       200     229
    segments   │─────────│─────────│─────────│─────────│───────│    a key frame begins each
    chunks     │───────────────────│───────────────────│───────│    one task of an encoder each

Invariant: a chunk begins with a key frame and refers to nothing outside itself (a closed group of
pictures), so chunks can be encoded anywhere, in any order, and put together by concatenation; and since
all qualities are cut at the same frames, a player may change quality at any segment.
Page: docs/netflix/encode.md
"""

from dataclasses import dataclass
from fractions import Fraction

from chapters.sim.errors import at_least

SEGMENT_S = 2.0
CHUNK_SEGMENTS = 2  # 4 s a task: starting FFmpeg costs some 0.1 s each time
FRAMES_MAX = 10_000_000  # two days at 60 frames a second


@dataclass(frozen=True, slots=True)
class Chunk:
    """Frames [first, first + count) of a title, in groups of `group` frames."""

    first: int
    count: int
    group: int


def group_frames(rate: Fraction, segment_s: float = SEGMENT_S) -> int:
    """Return how many frames a segment has: as near to `segment_s` as whole frames allow, at least 1.

    At 30000/1001 frames a second two seconds are 59.94 frames; 60 are taken, and the segment lasts 2.002 s.
    """
    return max(1, round(rate * Fraction(segment_s).limit_denominator(1000)))


def plan(frames: int, group: int, segments: int = CHUNK_SEGMENTS) -> list[Chunk]:
    """Return the chunks of a title of so many frames, cut at groups; the last may be shorter.

    Raises `UsageError` when a number is below 1.
    """
    at_least(1, frames=frames, group=group, segments=segments)
    step = group * segments
    return [Chunk(first, min(step, frames - first), group) for first in range(0, frames, step)]
