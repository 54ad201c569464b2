"""HLS: a list of lists. The first names the qualities, each of the others the segments of one.

Every duration is the true one of its segment. Lists that round, or repeat a nominal length, drift from what
is played; and one that contains the date of its making is another list each time.
Source: RFC 8216. Page: docs/netflix/package.md
"""

from collections.abc import Iterator
from math import ceil

from netflix.package.published import Published, Track

VERSION = 7  # fragmented MP4 needs it
SOUND = "sound"  # the group of audio tracks
KEY_FORMAT = "urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b"
COMMON_SCHEME = "SAMPLE-AES-CTR"


def multivariant(title: Published) -> str:
    """Return the list of qualities, `master.m3u8`."""
    return "\n".join(_variants(title)) + "\n"


def _variants(title: Published) -> Iterator[str]:
    yield from ("#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS")
    sounds = [track for track in title.tracks if track.kind == "audio"]
    for place, track in enumerate(sounds):
        default = "YES" if place == 0 else "NO"
        yield (
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{SOUND}",NAME="{track.name}",'
            f'DEFAULT={default},AUTOSELECT=YES,CHANNELS="2",URI="{track.name}/media.m3u8"'
        )
    peak, mean = (
        max((getattr(each, rate) for each in sounds), default=0)
        for rate in ("peak_bps", "mean_bps")
    )
    for track in title.video:
        codecs = ",".join([track.codec, *(each.codec for each in sounds[:1])])
        numerator, denominator = map(int, track.frame_rate.split("/"))
        yield (
            f"#EXT-X-STREAM-INF:BANDWIDTH={track.peak_bps + peak},"
            f"AVERAGE-BANDWIDTH={track.mean_bps + mean},"
            f'CODECS="{codecs}",RESOLUTION={track.width}x{track.height},'
            f"FRAME-RATE={numerator / denominator:.3f}" + (f',AUDIO="{SOUND}"' if sounds else "")
        )
        yield f"{track.name}/media.m3u8"


def media(track: Track, key_id: str = "") -> str:
    """Return the list of one track's segments, `media.m3u8`."""
    return "\n".join(_segments(track, key_id)) + "\n"


def _segments(track: Track, key_id: str) -> Iterator[str]:
    longest = max(each.duration_ticks for each in track.segments) / track.timescale
    yield from ("#EXTM3U", f"#EXT-X-VERSION:{VERSION}", f"#EXT-X-TARGETDURATION:{ceil(longest)}")
    yield from (
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    )
    if key_id:
        yield f'#EXT-X-KEY:METHOD={COMMON_SCHEME},KEYFORMAT="{KEY_FORMAT}",KEYID=0x{key_id.upper()},URI="skd://{key_id}"'
    yield '#EXT-X-MAP:URI="init.mp4"'
    for number, segment in enumerate(track.segments, 1):
        yield f"#EXTINF:{segment.duration_ticks / track.timescale:.6f},"
        yield f"{number}.m4s"
    yield "#EXT-X-ENDLIST"
