"""DASH: one document of a title's periods, sets of tracks, and a timeline that is true to the tick.

    <S t="0" d="24576" r="11"/>      twelve segments of 24,576 ticks, from tick 0 on

Source: ISO/IEC 23009-1, 5.3.9; DASH-IF guidelines for ClearKey. Page: docs/netflix/package.md
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from uuid import UUID
from xml.sax.saxutils import quoteattr

from netflix.package.published import Published, Segment, Track

PROFILE = "urn:mpeg:dash:profile:isoff-live:2011"
COMMON = "urn:mpeg:dash:mp4protection:2011"
CLEARKEY = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"
BUFFER_S = 2.0  # what a player should have before it begins


def manifest(title: Published) -> str:
    """Return `manifest.mpd`."""
    return "\n".join(_document(title)) + "\n"


def _document(title: Published) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013" '
        f'type="static" profiles="{PROFILE}" minBufferTime="PT{BUFFER_S}S" '
        f'mediaPresentationDuration="PT{title.duration_s:.6f}S">'
    )
    yield '<Period id="1" start="PT0S">'
    for number, kind in enumerate(("video", "audio"), 1):
        tracks = [track for track in title.tracks if track.kind == kind]
        if tracks:
            yield from _set(number, kind, tracks, title.key_id)
    yield "</Period>"
    yield "</MPD>"


def _set(number: int, kind: str, tracks: Sequence[Track], key_id: str) -> Iterator[str]:
    yield (
        f'<AdaptationSet id="{number}" contentType="{kind}" mimeType="{kind}/mp4" '
        'segmentAlignment="true" startWithSAP="1">'
    )
    if key_id:
        name = UUID(key_id)
        yield f'<ContentProtection schemeIdUri="{COMMON}" value="cenc" cenc:default_KID="{name}"/>'
        yield f'<ContentProtection schemeIdUri="{CLEARKEY}" value="ClearKey1.0"/>'
    for track in tracks:
        yield from _representation(track)
    yield "</AdaptationSet>"


def _representation(track: Track) -> Iterator[str]:
    shape = f' width="{track.width}" height="{track.height}" frameRate="{track.frame_rate}"'
    yield (
        f"<Representation id={quoteattr(track.name)} codecs={quoteattr(track.codec)} "
        f'bandwidth="{track.peak_bps}"' + (shape if track.kind == "video" else "") + ">"
    )
    yield (
        f'<SegmentTemplate timescale="{track.timescale}" startNumber="1" '
        'initialization="$RepresentationID$/init.mp4" media="$RepresentationID$/$Number$.m4s">'
    )
    yield "<SegmentTimeline>"
    for begin, ticks, again in runs(track.segments):
        yield f'<S t="{begin}" d="{ticks}"' + (f' r="{again}"' if again else "") + "/>"
    yield "</SegmentTimeline>"
    yield "</SegmentTemplate>"
    yield "</Representation>"


def runs(segments: Sequence[Segment]) -> Iterator[tuple[int, int, int]]:
    """Yield runs of segments of one length: where it begins, how long each is, how many more follow."""
    begin = 0
    for ticks, same in groupby(segment.duration_ticks for segment in segments):
        count = len(list(same))
        yield begin, ticks, count - 1
        begin += ticks * count
