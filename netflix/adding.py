"""A file becomes a title: encoded, packaged and published, or nothing of it is seen.

    file ──► encode (kept chunks) ──► publish (one rename) ──► the origin serves it

Page: docs/netflix/ingest.md
"""

import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from chapters.batch import executor
from chapters.errors import UsageError
from netflix.catalogue import Entry, TitleId
from netflix.encode.app import encode
from netflix.encode.ingest import ingest
from netflix.encode.ladder import Point
from netflix.encode.measure import grid, measure
from netflix.package.keys import ContentKey
from netflix.package.publish import publish
from netflix.package.published import Published
from netflix.places import chunks_folder

Progress = Callable[[str, int, int], object]


def add(
    file: Path,
    library: Path,
    *,
    name: str = "",
    genres: tuple[str, ...] = (),
    ladder: str = "fixed",
    height_max: int = 720,
    secret: bytes = b"",
    workers: int = 1,
    on_progress: Progress = lambda what, done, total: None,
) -> tuple[Published, tuple[str, ...]]:
    """Publish a video file in `library`; return it, and what was done to the picture and the sound.

    With a `secret`, from which its key is derived, the title is encrypted.

    Raises `BadMedia`, `EncodeFailed`, `UsageError`; then the library is as it was.
    """
    title = slug(file.stem)
    encoded = encode(
        file,
        chunks_folder(library),
        ladder=ladder,
        height_max=height_max,
        workers=workers,
        on_progress=on_progress,
    )
    published = publish(
        Entry(title, name or file.stem, genres),
        encoded.renditions,
        library,
        key=ContentKey.derive(secret, title) if secret else None,
        posters=encoded.posters,
    )
    return published, encoded.notes


def slug(words: str) -> TitleId:
    """Return a title's id: small letters, digits and hyphens. Raises `UsageError` if none are left."""
    found = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60].strip("-")
    if not found:
        raise UsageError(f"{words!r} has no letter for an address; rename the file")
    return TitleId(found)


def measured(
    file: Path,
    folder: Path,
    *,
    height_max: int,
    workers: int = 1,
    on_progress: Progress = lambda what, done, total: None,
) -> list[Point]:
    """Return the grid of qualities of a file, measured. Raises `BadMedia`, `EncodeFailed`."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="kit-netflix-") as work, executor(workers=workers) as crew:
        film = ingest(file, Path(work), height_max=height_max)
        qualities, done = grid(film), count(1)

        def told(key: str, point: Point) -> None:
            on_progress("measure", next(done), len(qualities))

        return measure(
            film,
            qualities,
            folder,
            crew,
            on_done=told,
        )
