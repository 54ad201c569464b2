"""One chunk at one quality: a task that can be run anywhere, twice, or again, with the same file as result.

    key = SHA-256(source's digest, frames, quality, encoder's settings) ──► <folder>/<key>.mp4

Invariant: the name of a file says all that its bytes depend on. So a file that is there need not be made
again, a task that ran twice has done no harm, and an encode that was killed goes on where it was.
Page: docs/netflix/encode.md
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from netflix.encode.chunks import Chunk
from netflix.encode.ffmpeg import write

VERSION = 1  # of the settings below: another number makes other keys
PRESET = "veryfast"


@dataclass(frozen=True, slots=True)
class Quality:
    """A rung: its height, and either a target in kbit/s or a constant quality (x264's CRF)."""

    height: int
    width: int
    kbps: int = 0
    crf: int = 0

    @property
    def settings(self) -> tuple[str, ...]:
        """What x264 is told: never above 1.5 times the target, judged over two seconds."""
        if not self.kbps:
            return ("-crf", str(self.crf))
        return (
            "-b:v",
            f"{self.kbps}k",
            "-maxrate",
            f"{self.kbps * 3 // 2}k",
            "-bufsize",
            f"{self.kbps * 2}k",
        )


@dataclass(frozen=True, slots=True)
class Task:
    """Encode these frames of a mezzanine at this quality."""

    mezzanine: Path
    digest: str  # of the mezzanine's content
    rate: Fraction
    chunk: Chunk
    quality: Quality
    folder: Path

    @property
    def key(self) -> str:
        """The name of the result: everything that its bytes depend on, hashed."""
        facts = {
            "version": VERSION,
            "source": self.digest,
            "rate": str(self.rate),
            "chunk": asdict(self.chunk),
            "quality": asdict(self.quality),
            "preset": PRESET,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def path(self) -> Path:
        """The file of the result."""
        return self.folder / f"{self.key}.mp4"


def encode_chunk(task: Task) -> Path:
    """Return the file of the task's result, made unless it is there. Raises `EncodeFailed`."""
    if task.path.is_file():
        return task.path
    chunk, quality = task.chunk, task.quality
    # Half a frame early: the first frame at or after that instant is the right one, however it is rounded.
    start_s = max(Fraction(0), (chunk.first - Fraction(1, 2)) / task.rate)
    write(
        task.path,
        *("-ss", f"{float(start_s):.6f}", "-i", task.mezzanine, "-frames:v", str(chunk.count)),
        *("-an", "-vf", f"scale={quality.width}:{quality.height}:flags=bicubic,setsar=1"),
        *("-c:v", "libx264", "-preset", PRESET, "-profile:v", "high", "-pix_fmt", "yuv420p"),
        *quality.settings,
        *("-x264-params", f"keyint={chunk.group}:min-keyint={chunk.group}:scenecut=0:open-gop=0"),
        *("-threads", "1", "-map_metadata", "-1", "-f", "mp4"),
    )
    return task.path


def unfinished(tasks: Iterable[Task]) -> list[Task]:
    """Return the tasks whose result is not there yet, each result's first task only."""
    missing: dict[str, Task] = {}
    for task in tasks:
        if not task.path.is_file():
            missing.setdefault(task.key, task)
    return list(missing.values())
