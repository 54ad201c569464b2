"""A file that is written whole or not at all: beside its place first, then into it by one rename.

    with written_whole(path) as draft:      a crash, a full disk or Ctrl-C in here
        draft.write_text(…)                 leaves `path` as it was

What is no plain file (a device, a pipe) is written as it is: a rename would take its place.
Source: the same steps as `chapters.sim.replacement`, for paths. Page: docs/how-it-works.md
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random


def drawn_once(path: Path, size: int, *, rng: Random) -> bytes:
    """Return the random bytes in a file, drawn on first use; nobody else may read it."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(rng.randbytes(size))
        draft.replace(path)
    return path.read_bytes()


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield the path of a draft, which takes the place of `path` if the block ends well.

    Raises `OSError`, as opening and writing do.
    """
    path = path.resolve()  # behind a link it is the file that changes, not the link
    if path.exists() and not path.is_file():
        yield path
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
