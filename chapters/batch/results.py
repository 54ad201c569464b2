"""Results kept in a folder, one file a key: what is there is whole, and is not computed again.

    .grade-ada-1f3a….tmp  ──write──►  ──rename──►  grade-ada-1f3a….result

Invariant: a file with the final name is complete, whatever was interrupted, as a rename is all or
nothing. Only one process writes, the one that collects the results. The files are pickles: this
folder is as trusted as the code that reads it. Page: docs/chapters/batch.md
"""

import hashlib
import pickle
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chapters.batch.errors import ResultNotKept
from chapters.new_file import written_whole

_READABLE_CHARS = 40  # of a key in its file's name; the digest after it keeps names apart
_DIGEST_CHARS = 16


class ResultFolder:
    """The results of keyed tasks, in files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def load(self, keys: list[str]) -> dict[str, Any]:
        """Return the results that are there; one that cannot be restored counts as not there."""
        found = {}
        for key in keys:
            path = self.path(key)
            with _explained(path):
                content = path.read_bytes() if path.exists() else b""
            try:
                found[key] = pickle.loads(content)
            except Exception:
                # Absent, damaged, or of an older version of the code: pickle may raise anything
                # then, and the answer is the same. The task runs again.
                continue
        return found

    def save(self, key: str, result: object) -> None:
        """Keep one result: under its final name it is whole, or it is not there."""
        path = self.path(key)
        with _explained(path), written_whole(path) as draft:
            draft.write_bytes(pickle.dumps(result))

    def path(self, key: str) -> Path:
        """Return the file of a key: readable, and different for different keys."""
        readable = re.sub(r"[^A-Za-z0-9.-]+", "-", key)[:_READABLE_CHARS].strip("-.")
        digest = hashlib.sha256(key.encode()).hexdigest()[:_DIGEST_CHARS]
        return self._folder / f"{readable}-{digest}.result"


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ResultNotKept(
            f"{path}: {error.strerror or error}; make room or choose another folder for results"
        ) from error
