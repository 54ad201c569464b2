"""FFmpeg as a function: arguments in, its last words out, frames counted on the way.

    run("-i", "in.mp4", …, "out.mp4")    returns what it said; raises when it failed

Invariant: an output file has its name only once FFmpeg has finished it, whatever was killed. Everything
that differs from run to run is switched off, so the same frames give the same bytes.
Page: docs/netflix/encode.md
"""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

from netflix.encode.errors import EncodeFailed, NoFfmpeg, Stopped
from netflix.errors import BadMedia

QUIET = ("-hide_banner", "-nostdin", "-nostats", "-y")
WORDS_BYTES_MAX = 64 * 1024  # of what FFmpeg says, the end is kept
FULL = "No space left on device"
REPRODUCIBLE = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")


@cache
def binary() -> str:
    """Return the path of FFmpeg. Raises `NoFfmpeg`."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise NoFfmpeg("there is no FFmpeg; pip install imageio-ffmpeg") from None


def run(*arguments: str | Path, on_frame: Callable[[int], object] = lambda frame: None) -> str:
    """Return what FFmpeg said; call `on_frame` with the number of frames written so far.

    Raises `EncodeFailed`, with FFmpeg's own reason.
    """
    command = [binary(), *QUIET, "-progress", "pipe:1", *map(str, arguments)]
    with TemporaryFile() as said:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    if line.startswith("frame="):
                        on_frame(int(line[6:]))
            except BaseException:
                process.kill()
                raise
        words = _end_of(said.fileno())
    if process.returncode:
        raise _failure(words, process.returncode)
    return words


def write(
    path: Path, *arguments: str | Path, on_frame: Callable[[int], object] = lambda frame: None
) -> str:
    """Like `run`, with `path` as the output: it is there whole, or it is not there."""
    draft = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        words = run(*arguments, *REPRODUCIBLE, draft, on_frame=on_frame)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return words


def look(path: Path) -> str:
    """Return what FFmpeg says of a file without decoding it. Raises `BadMedia`."""
    if not path.is_file():
        raise BadMedia(
            f"{path}: {'a folder' if path.is_dir() else 'no such file'}; name a video file"
        )
    words = subprocess.run([binary(), *QUIET, "-i", path], capture_output=True, check=False).stderr
    return words.decode("utf-8", "replace")


def _end_of(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    kept = min(size, WORDS_BYTES_MAX)
    return os.pread(descriptor, kept, size - kept).decode("utf-8", "replace")


def _failure(words: str, code: int) -> EncodeFailed:
    """FFmpeg's reason in one line: its first complaint, as the last is only that it stops."""
    if FULL in words:
        return Stopped(f"FFmpeg: {FULL.lower()}; free some, and it goes on where it stopped")
    if code < 0:
        name = signal.Signals(-code).name
        return Stopped(f"FFmpeg was ended by {name}; start again, and it goes on where it stopped")
    return EncodeFailed(f"FFmpeg: {next(_complaints(words), f'exit code {code}')}")


def _complaints(words: str) -> Iterator[str]:
    signs = (
        "error",
        "invalid",
        "not found",
        "no such",
        "cannot",
        "unable",
        "failed",
        "unsupported",
    )
    for line in words.splitlines():
        if any(sign in line.lower() for sign in signs):
            yield line.strip()[:200]
