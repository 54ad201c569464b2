"""A file as it comes becomes a mezzanine: upright, even, at one frame rate, cut where segments begin.

    probe ──► notes: "turned by 90°", "53 of 120 frames had another length" …
          ──► mezzanine.mp4   constant rate, even size, a key frame at each segment
          ──► sound.mp4       AAC, 48 kHz, two channels, exactly as long as the picture

Invariant: what leaves here needs no special case any more. Every later step may count frames instead of
reading clocks. A file that breaks off is refused here, before anything is made of it.
Page: docs/netflix/ingest.md
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from netflix.encode.chunks import FRAMES_MAX, group_frames
from netflix.encode.errors import EncodeFailed, Stopped
from netflix.encode.ffmpeg import write
from netflix.encode.probe import Source, probe
from netflix.errors import BadMedia

MEZZANINE_CRF = 10  # visually lossless; it is encoded again at once, and deleted
HEIGHT_MAX = 1080  # a kit's patience, not a limit of the code
AUDIO_KBPS = 96
AUDIO_RATE = 48_000
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Mezzanine:
    """What all qualities of a title are encoded from. `notes` say what was done to the source."""

    source: Source
    path: Path
    digest: str
    rate: Fraction
    frames: int
    width: int
    height: int
    sound: Path | None
    notes: tuple[str, ...]

    @property
    def duration_s(self) -> Fraction:
        """Return how long it plays, exactly."""
        return self.frames / self.rate


def ingest(
    path: Path,
    folder: Path,
    *,
    height_max: int = HEIGHT_MAX,
    on_frame: Callable[[int], object] = lambda frame: None,
) -> Mezzanine:
    """Return the mezzanine of a file, made in `folder`; no higher than `height_max` pixels.

    Raises `BadMedia` when the file is no video, or breaks off; `EncodeFailed` when the disk is full.
    """
    source = probe(path)
    width, height = shown_size(source, height_max)
    target = folder / "mezzanine.mp4"
    frames = _picture(source, target, width, height, on_frame)
    sound = _sound(source, folder / "sound.mp4", Fraction(frames) / source.rate)
    return Mezzanine(
        source=source,
        path=target,
        digest=digest(target),
        rate=source.rate,
        frames=frames,
        width=width,
        height=height,
        sound=sound,
        notes=tuple(notes(source, width, height, Fraction(frames) / source.rate)),
    )


def shown_size(source: Source, height_max: int) -> tuple[int, int]:
    """Return width and height, both even: H.264 halves the colours' resolution."""
    height = min(source.height, height_max)
    return even(source.width * height / source.height), even(height)


def even(edge: float) -> int:
    """Return the nearest even number of pixels, at least 2."""
    return max(2, int(edge / 2 + 0.5) * 2)


def _picture(
    source: Source, target: Path, width: int, height: int, on_frame: Callable[[int], object]
) -> int:
    """Make the mezzanine; return its number of frames."""
    seen = 0

    def count(frame: int) -> None:
        nonlocal seen
        seen = frame
        on_frame(frame)

    group = group_frames(source.rate)
    try:
        write(
            target,
            *("-xerror", "-err_detect", "explode", "-i", source.path),
            *("-map", "0:v:0", "-an", "-sn", "-dn", "-fps_mode", "cfr", "-r", str(source.rate)),
            *("-vf", f"scale={width}:{height}:flags=bicubic,setsar=1", "-pix_fmt", "yuv420p"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-crf", str(MEZZANINE_CRF)),
            *("-g", str(group), "-threads", "1", "-map_metadata", "-1", "-f", "mp4"),
            on_frame=count,
        )
    except Stopped:
        raise
    except EncodeFailed as failed:
        broken = f"breaks off after {float(seen / source.rate):.1f} s of {source.duration_s:.1f} s"
        raise BadMedia(f"{source.path}: {broken}; copy it again, whole ({failed})") from None
    if not 0 < seen <= FRAMES_MAX:
        raise BadMedia(f"{source.path}: has {seen} frames; it must have 1 to {FRAMES_MAX:,}")
    return seen


def _sound(source: Source, target: Path, duration_s: Fraction) -> Path | None:
    """Make the sound, from the beginning of the picture to its end; None where there is none."""
    if not source.audio:
        return None
    write(
        target,
        *("-i", source.path, "-map", "0:a:0", "-vn", "-t", f"{float(duration_s):.6f}"),
        *("-af", f"aresample={AUDIO_RATE}:async=1:first_pts=0,apad", "-ac", "2"),
        *("-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k", "-map_metadata", "-1", "-f", "mp4"),
    )
    return target


def notes(source: Source, width: int, height: int, duration_s: Fraction) -> Iterator[str]:
    """Yield what was done to the picture and the sound, in words."""
    if source.turn_degrees:
        yield f"turned by {source.turn_degrees} degrees, as the file says"
    if source.mean_rate < source.rate:
        yield (
            f"frames of varying length, {float(source.mean_rate):g} a second on average: "
            f"made {float(source.rate):g} of one length"
        )
    if (width, height) != (source.width, source.height):
        yield f"{source.width}x{source.height} made {width}x{height}"
    if not source.audio:
        yield "no sound"
    elif source.duration_s - duration_s > 1 / source.rate:
        yield f"sound cut from {source.duration_s:.2f} s to the picture's {float(duration_s):.2f} s"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            found.update(block)
    return found.hexdigest()
