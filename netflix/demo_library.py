"""The titles that `kit serve netflix` begins with: computed, encoded and published on first use.

Page: docs/netflix/serve.md
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from netflix.adding import add
from netflix.encode.clips import CLIPS, generate
from netflix.package.published import FACTS

TITLES = ("colony", "harbour", "signal", "fractal", "deep", "storm")
ENCRYPTED = "fractal"
SECONDS, HEIGHT = 24.0, 360


def ensure(
    library: Path,
    secret: bytes,
    on_progress: Callable[[str, int, int], object] = lambda *words: None,
) -> None:
    """Publish the titles that are not there yet; each is whole or not there, whatever is interrupted."""
    missing = [name for name in TITLES if not (library / name / FACTS).is_file()]
    for place, name in enumerate(missing, 1):
        on_progress(CLIPS[name].name, place, len(missing))
        with TemporaryDirectory(prefix="kit-netflix-") as folder:
            film = generate(
                CLIPS[name], Path(folder) / f"{name}.mp4", seconds=SECONDS, height=HEIGHT
            )
            add(
                film,
                library,
                name=CLIPS[name].name,
                genres=CLIPS[name].genres,
                height_max=HEIGHT,
                secret=secret if name == ENCRYPTED else b"",
                workers=2,
            )
