"""FFmpeg as functions: a file becomes samples, samples become a file.

    decode(path)              any audio file ──► frames × 2, float32, at 48 kHz
    encode(samples, path, …)  samples ──► a file of the codec and container that the arguments say

Invariant: an output file has its name only once FFmpeg has finished it. Everything that would differ from
run to run is switched off, so the same samples give the same bytes. Page: docs/spotify/ingest.md
"""

import os
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotify.errors import NoFfmpeg

Samples = NDArray[np.float32]  # frames × 2

RATE = 48_000  # frames a second, of everything here: what Opus works at
CHANNELS = 2
RAW = ("-f", "f32le", "-ar", str(RATE), "-ac", str(CHANNELS))
QUIET = ("-hide_banner", "-nostdin", "-nostats", "-y", "-loglevel", "error")
REPRODUCIBLE = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")


@cache
def binary() -> str:
    """Return the path of FFmpeg. Raises `NoFfmpeg`."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise NoFfmpeg("there is no FFmpeg; pip install imageio-ffmpeg") from None


def run(*arguments: str | Path, given: bytes = b"") -> bytes:
    """Return what FFmpeg wrote to its output. Raises `NoFfmpeg` with its own first words."""
    command = [binary(), *QUIET, *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    if done.returncode:
        raise NoFfmpeg(f"FFmpeg: {first_words(done.stderr) or f'exit code {done.returncode}'}")
    return done.stdout


def decode(path: Path) -> tuple[Samples, str]:
    """Return a file's frames, and FFmpeg's complaint if it had one: what came before it is there."""
    command = [binary(), *QUIET, "-xerror", "-i", str(path), "-vn", *RAW, "pipe:1"]
    done = subprocess.run(command, capture_output=True, check=False)
    samples = np.frombuffer(done.stdout, dtype="<f4")
    whole = len(samples) // CHANNELS * CHANNELS
    return samples[:whole].reshape(-1, CHANNELS), first_words(done.stderr)


def encode(samples: Samples, path: Path, *arguments: str) -> None:
    """Encode frames into `path`: it is there whole, or it is not there. Raises `NoFfmpeg`."""
    draft = path.with_name(f".{os.getpid()}-{path.name}")
    raw = np.ascontiguousarray(samples, dtype="<f4").tobytes()
    try:
        run(*RAW, "-i", "pipe:0", *arguments, *REPRODUCIBLE, draft, given=raw)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def first_words(said: bytes) -> str:
    """Return the first line of what FFmpeg said, without the address of its object."""
    line = next(iter(said.decode("utf-8", "replace").strip().splitlines()), "")
    return line.partition("] ")[2] or line
