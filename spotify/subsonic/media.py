"""Sound and pictures for Subsonic clients: a rendition that is there, or one that is made on the way.

    format=raw      the best that is there         format=opus, ogg, aac, flac   one that is there
    format=mp3      made by FFmpeg, as it plays    maxBitRate=64                 the best below it

Page: docs/spotify/subsonic.md
"""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spotify.catalogue.track import Rendition, Track
from spotify.ingest import ffmpeg
from spotify.subsonic.envelope import GENERIC, Failure
from spotify.subsonic.shapes import STREAMED

FORMATS = {
    "opus": "opus",
    "ogg": "vorbis",
    "oga": "vorbis",
    "aac": "aac",
    "m4a": "aac",
    "flac": "flac",
}
MADE = {"mp3": (("-c:a", "libmp3lame", "-f", "mp3"), "audio/mpeg")}
KBPS_USUAL, KBPS_MAX = 192, 320
BLOCK_BYTES = 32 * 1024
SLACK = 1.5  # what was measured may be so much above what was asked for


@dataclass(frozen=True, slots=True)
class Made:
    """A rendition that is made while it is sent."""

    source: Path
    arguments: tuple[str, ...]
    mime: str


def chosen(track: Track, library: Path, kind: str | None, kbps_max: int) -> tuple[Path, str] | Made:
    """Return the file to send with its media type, or what to make. Raises `Failure` with 0."""
    folder = library / track.album_id
    if kind in MADE:
        how, mime = MADE[kind]
        rate = min(kbps_max or KBPS_USUAL, KBPS_MAX)
        return Made(folder / track.rendition("flac").file, (*how, "-b:a", f"{rate}k"), mime)
    own = _best(track, kind, kbps_max)
    return folder / own.file, own.mime


def _best(track: Track, kind: str | None, kbps_max: int) -> Rendition:
    if kind == "raw" or (kind is None and not kbps_max):
        return track.rendition("flac" if kind == "raw" else STREAMED)
    name = FORMATS.get(kind or "opus")
    if name is None:
        known = ", ".join(["raw", *FORMATS, *MADE])
        raise Failure(GENERIC, f"format is {kind!r:.20}; it must be one of {known}")
    own = sorted(
        (each for each in track.renditions if each.name.startswith(name)), key=lambda r: r.kbps
    )
    fitting = [each for each in own if not kbps_max or each.kbps <= SLACK * kbps_max]
    return fitting[-1] if fitting else own[0]


def sent(made: Made) -> Iterator[bytes]:
    """Yield a rendition while FFmpeg makes it; who stops listening ends FFmpeg too."""
    command = [
        ffmpeg.binary(),
        *ffmpeg.QUIET,
        "-i",
        str(made.source),
        "-vn",
        *made.arguments,
        "pipe:1",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            while block := process.stdout.read(BLOCK_BYTES):
                yield block
        finally:
            process.kill()
