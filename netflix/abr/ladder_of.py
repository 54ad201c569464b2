"""A published title as a rule sees it: its video rungs, their mean bit rates, the sizes of its segments.

Page: docs/netflix/abr.md
"""

from netflix.abr.errors import BadLadder
from netflix.abr.rule import Ladder
from netflix.package.published import Published

BITS = 8  # in a byte


def ladder_of(published: Published) -> Ladder:
    """Return the ladder of a title. Raises `BadLadder` if its rungs are not cut alike."""
    rungs = published.video
    counts = {track.name: len(track.segments) for track in rungs}
    if not rungs or len(set(counts.values())) != 1:
        raise BadLadder(
            f"{published.title}: segments in its video rungs are {counts}: publish it anew"
        )
    columns = [[BITS * segment.size_bytes for segment in track.segments] for track in rungs]
    rates_kbps = [track.mean_bps / 1000 for track in rungs]
    return Ladder(published.segment_s, rates_kbps, list(zip(*columns, strict=True)))
