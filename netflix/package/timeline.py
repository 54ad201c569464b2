"""Where segments begin and end: at key frames, the same for all video, and the sound cut to match.

    video   K────────K────────K────────K──┐
    cut     │ 1      │ 2      │ 3 (+ runt)│       a last segment under half the target joins the one before
    sound   │ 1       │ 2     │ 3         │       cut at the frame nearest to where the video's segment ends

Invariant: every sample is in exactly one segment; video segments begin with a key frame; no final segment
is shorter than half the target. Players freeze at the end of a stream whose last piece of sound is a few
milliseconds (hls.js, issue 7646). Page: docs/netflix/package.md
"""

from collections.abc import Sequence
from fractions import Fraction

from netflix.package.errors import Mismatch
from netflix.package.samples import Media, Sample

Cut = list[tuple[int, int]]  # segments as [first sample, behind the last)

RUNT = Fraction(1, 2)  # of the target: a shorter last segment is not left alone


def at_keys(media: Media, segment_s: float) -> Cut:
    """Return the segments of a video track, as near to the target as its key frames allow.

    Raises `Mismatch` when the first sample is no key frame.
    """
    if not media.samples or not media.samples[0].is_key:
        raise Mismatch(
            "a video rendition does not begin with a key frame; encode it in closed groups"
        )
    target = Fraction(segment_s).limit_denominator(1000) * media.timescale
    starts, length, ticks = [0], Fraction(0), 0
    for index, sample in enumerate(media.samples):
        if sample.is_key and index and length + ticks / 2 >= target:
            starts.append(index)
            length = Fraction(0)
        ticks = sample.duration_ticks
        length += ticks
    return without_runt(_spans(starts, len(media.samples)), media.samples, target)


def like(media: Media, ends_s: Sequence[Fraction]) -> Cut:
    """Return the segments of a sound track: each ends with the frame nearest to the given instant.

    The last has all that is left.
    """
    starts, index, now = [0], 0, 0
    for end_s in ends_s[:-1]:
        goal = end_s * media.timescale
        while index < len(media.samples) and now + media.samples[index].duration_ticks / 2 <= goal:
            now += media.samples[index].duration_ticks
            index += 1
        starts.append(index)
    return [span for span in _spans(starts, len(media.samples)) if span[0] < span[1]]


def without_runt(cut: Cut, samples: Sequence[Sample], target_ticks: Fraction) -> Cut:
    """Return the segments; a last one shorter than half the target is joined to the one before."""
    if len(cut) < 2:
        return cut
    *others, (before, _), (first, end) = cut
    if sum(sample.duration_ticks for sample in samples[first:end]) >= target_ticks * RUNT:
        return cut
    return [*others, (before, end)]


def ends_s(media: Media, cut: Cut) -> list[Fraction]:
    """Return the instants at which segments end, in seconds."""
    found, now = [], 0
    for first, end in cut:
        now += sum(sample.duration_ticks for sample in media.samples[first:end])
        found.append(Fraction(now, media.timescale))
    return found


def _spans(starts: list[int], count: int) -> Cut:
    return list(zip(starts, [*starts[1:], count], strict=True))
