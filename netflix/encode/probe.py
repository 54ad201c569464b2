"""What a file is, before any of it is decoded: size, rate, turn, length, sound.

FFmpeg's wheel brings no ffprobe, so this reads what `ffmpeg -i` says, one line a stream:

    Stream #0:0: Video: h264 (High), yuv420p, 1280x720 [SAR 1:1 DAR 16:9], 25 fps, 25 tbr, 12800 tbn

Page: docs/netflix/ingest.md
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from netflix.encode.ffmpeg import look
from netflix.errors import BadMedia

EDGE_PX_MAX = 8192
RATE_MAX = 120  # frames a second; cameras that count faster mean slow motion
# FFmpeg prints 29.97 where 30000/1001 is meant; over an hour that makes a difference of frames.
EXACT_RATES = {
    text: Fraction(round(float(text)) * 1000, 1001)
    for text in ("23.98", "29.97", "59.94", "119.88")
}

_VIDEO = re.compile(r"^ *Stream #\S+.*?: Video: (.*)$", re.MULTILINE)
_AUDIO = re.compile(r"^ *Stream #\S+.*?: Audio: (\w+).*?, (\d+) Hz", re.MULTILINE)
_SIZE = re.compile(r"\b(\d{1,5})x(\d{1,5})\b")
_RATE = re.compile(r"([\d.]+)(k?) (tbr|fps)")
_LENGTH = re.compile(r"^ *Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
_TURN = re.compile(r"rotation of (-?[\d.]+) degrees")


@dataclass(frozen=True, slots=True)
class Source:
    """A video file as it says it is. `width` and `height` are as it is shown, after `turn_degrees`."""

    path: Path
    width: int
    height: int
    rate: Fraction  # frames a second
    mean_rate: Fraction  # less where frames are of varying length
    duration_s: float
    turn_degrees: int
    codec: str
    audio: str  # its codec; empty without


def probe(path: Path) -> Source:
    """Return what the file says of itself. Raises `BadMedia`."""
    words = look(path)
    audio = _AUDIO.search(words)
    video = next((each for each in _VIDEO.findall(words) if "attached pic" not in each), "")
    if not video:
        reason = "has sound but no picture" if audio else "is no video, or not a whole one"
        raise BadMedia(f"{path}: {reason}; name a file with a video stream")
    width, height, turn = *_size(path, video), _turn(words)
    return Source(
        path=path,
        width=height if turn % 180 else width,
        height=width if turn % 180 else height,
        rate=_rate(path, video, "tbr"),
        mean_rate=_rate(path, video, "fps"),
        duration_s=_duration_s(path, words),
        turn_degrees=turn,
        codec=video.split()[0].strip(","),
        audio=audio[1] if audio else "",
    )


def _size(path: Path, video: str) -> tuple[int, int]:
    found = _SIZE.search(video)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 2 <= min(width, height) <= max(width, height) <= EDGE_PX_MAX:
        raise BadMedia(
            f"{path}: a picture of {width}x{height}; it must have 2 to {EDGE_PX_MAX} pixels a side"
        )
    return width, height


def _rate(path: Path, video: str, kind: str) -> Fraction:
    """The rate of a kind: `tbr` is the one that all frames' times are multiples of, `fps` the mean."""
    found = {each[3]: each for each in _RATE.finditer(video)}
    best = found.get(kind) or found.get("fps") or found.get("tbr")
    rate = Fraction(0) if best is None or best[2] else EXACT_RATES.get(best[1], Fraction(best[1]))
    if not 1 <= rate <= RATE_MAX:
        said = best[0] if best else "no frame rate"
        raise BadMedia(f"{path}: {said}; it must have 1 to {RATE_MAX} frames a second")
    return rate


def _duration_s(path: Path, words: str) -> float:
    found = _LENGTH.search(words)
    duration_s = int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else 0.0
    if duration_s <= 0:
        raise BadMedia(f"{path}: lasts {duration_s:g} s; name a file that plays")
    return duration_s


def _turn(words: str) -> int:
    """Return the rotation that is written into the file, to the next quarter turn."""
    found = _TURN.search(words)
    return round(float(found[1]) / 90) * 90 % 360 if found else 0
