"""How good is a quality, on this title? Encode a sample with it, and ask VMAF.

VMAF compares frame by frame with the original at full size and says, from 0 to 100, how people would judge;
it is fused from simpler measures by a model that was trained on people. It costs nearly three times an
encode, so a sample stands for the title, and what was measured is kept. Source: Li et al., "Toward A
Practical Perceptual Video Quality Metric", Netflix Tech Blog, 2016. Page: docs/netflix/ladder.md
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chapters.batch import Executor
from netflix.encode.chunks import Chunk, group_frames, plan
from netflix.encode.errors import EncodeFailed
from netflix.encode.ffmpeg import run
from netflix.encode.ingest import Mezzanine
from netflix.encode.ladder import Point, sized
from netflix.encode.tasks import Quality, Task, encode_chunk

HEIGHTS = (144, 240, 360, 540, 720)
CRFS = (19, 24, 29, 34, 39)
SAMPLES = 2  # chunks of a title that stand for it, evenly spaced

_SCORE = re.compile(r"VMAF score: ([\d.]+)")


@dataclass(frozen=True, slots=True)
class Trial:
    """One quality, to be tried on a sample of a title."""

    mezzanine: Mezzanine
    quality: Quality
    folder: Path

    @property
    def tasks(self) -> list[Task]:
        """The chunks to encode."""
        film = self.mezzanine
        return [
            Task(film.path, film.digest, film.rate, chunk, self.quality, self.folder)
            for chunk in sample(film)
        ]

    @property
    def key(self) -> str:
        """The name under which the result is kept."""
        return "vmaf-" + "-".join(task.key[:12] for task in self.tasks)


def sample(film: Mezzanine) -> list[Chunk]:
    """Return the chunks that stand for the title."""
    chunks = plan(film.frames, group_frames(film.rate))
    if len(chunks) <= SAMPLES:
        return chunks
    return [chunks[len(chunks) * (2 * place + 1) // (2 * SAMPLES)] for place in range(SAMPLES)]


def grid(film: Mezzanine) -> list[Quality]:
    """Return the qualities that are tried: each height up to the film's, at each CRF."""
    shape = film.width / film.height
    heights = [each for each in HEIGHTS if each <= film.height] or [film.height]
    return [sized(height, shape, crf=crf) for height in heights for crf in CRFS]


def measure(
    film: Mezzanine,
    qualities: Sequence[Quality],
    folder: Path,
    crew: Executor,
    on_done: Callable[[str, Point], None] | None = None,
) -> list[Point]:
    """Return each quality with its bit rate and VMAF. Raises `EncodeFailed`."""
    trials = [Trial(film, quality, folder) for quality in qualities]
    return crew.map(
        attempt,
        trials,
        key=lambda trial: trial.key,
        folder=folder,
        on_done=on_done,
    )


def attempt(trial: Trial) -> Point:
    """Encode the sample and compare it with the original; a task for a batch."""
    film, tasks = trial.mezzanine, trial.tasks
    files = [encode_chunk(task) for task in tasks]
    frames = sum(task.chunk.count for task in tasks)
    bits = 8 * sum(file.stat().st_size for file in files)
    scores = [
        vmaf(film, file, task.chunk) * task.chunk.count
        for file, task in zip(files, tasks, strict=True)
    ]
    return Point(trial.quality, bits / float(frames / film.rate) / 1000, sum(scores) / frames)


def vmaf(film: Mezzanine, encoded: Path, chunk: Chunk) -> float:
    """Return the VMAF of an encoded chunk at the film's full size."""
    start_s = max(0.0, float((chunk.first - 0.5) / film.rate))
    words = run(
        *("-i", encoded, "-ss", f"{start_s:.6f}", "-i", film.path, "-frames:v", str(chunk.count)),
        *("-lavfi", f"[0:v]scale={film.width}:{film.height}:flags=bicubic,setpts=N[a];"
          "[1:v]setpts=N[b];[a][b]libvmaf=n_threads=1:shortest=1"),
        *("-threads", "1", "-f", "null", "-"),
    )  # fmt: skip
    found = _SCORE.search(words)
    if not found:
        raise EncodeFailed("FFmpeg gave no VMAF score; kit doctor shows what is installed")
    return float(found[1])
