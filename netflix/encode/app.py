"""From a file to renditions: the one place that joins probe, chunks, tasks and ladder.

    with the executor of the caller's choice: this process, all cores, or the cluster that KIT_CLUSTER names

Page: docs/netflix/encode.md
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from chapters.batch import Executor, executor
from chapters.errors import UsageError
from netflix.encode.chunks import group_frames, plan
from netflix.encode.ffmpeg import write
from netflix.encode.ingest import AUDIO_KBPS, Mezzanine, digest, ingest
from netflix.encode.ladder import Point, choose, fixed, hull
from netflix.encode.measure import grid, measure
from netflix.encode.rendition import Rendition
from netflix.encode.tasks import Quality, Task, encode_chunk, unfinished

LADDERS = ("fixed", "hull")
POSTER_WIDTH = 480
POSTERS_AT = (Fraction(1, 3), Fraction(2, 3), Fraction(1, 10))  # of the film
DRAFT_S_MAX = 3600  # nobody writes to a draft any more that was left alone for so long

Progress = Callable[[str, int, int], object]  # (what is done, how much of it, of how much)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A title in all its qualities, lowest first, then its sound; `notes` say what ingest changed."""

    renditions: tuple[Rendition, ...]
    posters: tuple[Path, ...]
    duration_s: float
    notes: tuple[str, ...]


def encode(
    source: Path,
    folder: Path,
    *,
    ladder: str = "fixed",
    height_max: int = 720,
    workers: int = 1,
    on_progress: Progress = lambda what, done, total: None,
) -> Encoded:
    """Return the renditions of a file, with all that is made on the way kept in `folder`.

    Killed at any moment, it goes on where it was: chunks that are there are not made again.
    Raises `BadMedia`, `EncodeFailed`, `UsageError` for an unknown ladder.
    """
    if ladder not in LADDERS:
        raise UsageError(f"no ladder {ladder!r}; there are {' and '.join(LADDERS)}")
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    with TemporaryDirectory(prefix="kit-netflix-") as work:
        film = ingest(
            source,
            Path(work),
            height_max=height_max,
            on_frame=lambda frame: on_progress("read", frame, 0),
        )
        with executor(workers=workers) as crew:
            qualities = _qualities(film, ladder, folder, crew, on_progress)
            pictures = _pictures(film, qualities, folder, crew, on_progress)
        sounds = [_sound(film.sound, folder)] if film.sound else []
        posters = tuple(_poster(film, folder, part) for part in POSTERS_AT)
    return Encoded((*pictures, *sounds), posters, float(film.duration_s), film.notes)


def _sweep(folder: Path) -> None:
    """Remove the drafts of encoders that were killed."""
    for draft in folder.glob(".*"):
        if time.time() - draft.stat().st_mtime > DRAFT_S_MAX:
            draft.unlink(missing_ok=True)


def _qualities(
    film: Mezzanine, ladder: str, folder: Path, crew: Executor, on_progress: Progress
) -> list[Quality]:
    if ladder == "fixed":
        return fixed(film.width, film.height)
    tried, done = grid(film), 0

    def on_done(key: str, point: Point) -> None:
        nonlocal done
        done += 1
        on_progress("measure", done, len(tried))

    points = measure(film, tried, folder, crew, on_done)
    return [point.quality for point in choose(hull(points))]


def _pictures(
    film: Mezzanine,
    qualities: Sequence[Quality],
    folder: Path,
    crew: Executor,
    on_progress: Progress,
) -> list[Rendition]:
    chunks = plan(film.frames, group_frames(film.rate))
    rungs = [
        [Task(film.path, film.digest, film.rate, chunk, quality, folder) for chunk in chunks]
        for quality in qualities
    ]
    every = [task for tasks in rungs for task in tasks]
    missing = unfinished(every)
    done = len(every) - len(missing)

    def on_done(key: str, path: Path) -> None:
        nonlocal done
        done += 1
        on_progress("encode", done, len(every))

    on_progress("encode", done, len(every))
    crew.map(encode_chunk, missing, key=lambda task: task.key, on_done=on_done)
    names = rung_names([quality.height for quality in qualities])
    return [
        Rendition(name, "video", rung.width, rung.height, tuple(task.path for task in tasks))
        for name, rung, tasks in zip(names, qualities, rungs, strict=True)
    ]


def rung_names(heights: Sequence[int]) -> list[str]:
    """Return a name for each rung, lowest first: v240, and v360a, v360b where a height is there twice."""
    names = []
    for place, height in enumerate(heights):
        number = heights[:place].count(height)
        letter = chr(ord("a") + number) if heights.count(height) > 1 else ""
        names.append(f"v{height}{letter}")
    return names


def _sound(sound: Path, folder: Path) -> Rendition:
    kept = folder / f"{digest(sound)[:32]}.mp4"
    shutil.move(sound, draft := kept.with_suffix(".draft"))
    draft.replace(kept)
    return Rendition(f"a{AUDIO_KBPS}", "audio", 0, 0, (kept,))


def _poster(film: Mezzanine, folder: Path, part: Fraction) -> Path:
    """Decode the frame after that part of the film."""
    path = folder / f"{film.digest[:32]}-{part.numerator}-{part.denominator}.jpg"
    if not path.is_file():
        at_s = float(film.duration_s * part)
        size = f"scale={POSTER_WIDTH}:-2"
        frame = ("-frames:v", "1", "-vf", size, "-q:v", "4", "-f", "mjpeg")
        write(path, "-ss", f"{at_s:.3f}", "-i", film.path, *frame)
    return path
