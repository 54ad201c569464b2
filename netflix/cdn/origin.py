"""The origin: the library's folder, read-only, and nothing outside it.

Page: docs/netflix/edges.md
"""

from pathlib import Path

from netflix.cdn.body import Body, kind_of
from netflix.errors import Refused


class Origin:
    """Serves the files of published titles by path: `/<title>/v360/7.m4s`."""

    def __init__(self, library: Path) -> None:
        self._library = library

    def fetch(self, path: str) -> Body:
        """Return a file. Raises `Refused` with 404 for what is not there, or is nobody's business."""
        kind_of(path)
        nowhere = Refused(404, f"{path!r} is not here")
        parts = path.strip("/").split("/")
        if "\0" in path or any(not part or part.startswith(".") for part in parts):
            raise nowhere
        try:
            found = (self._library / Path(*parts)).resolve()
            if not found.is_relative_to(self._library.resolve()):
                raise nowhere
            return Body.of(found.read_bytes())
        except OSError:
            raise nowhere from None
