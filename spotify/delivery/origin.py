"""The origin: all files of the library, by album and name, any part of them.

Page: docs/spotify/delivery.md
"""

import re
from pathlib import Path

from spotify.errors import Refused

_PATH = re.compile(r"/([0-9A-Za-z]{22})/([0-9A-Za-z._-]+)")


class Origin:
    """Reads files of published albums; nothing else can be named."""

    def __init__(self, library: Path) -> None:
        self._library = library

    def size(self, path: str) -> int:
        """Return a file's size. Raises `Refused` with 404."""
        return self._place(path).stat().st_size

    def read(self, path: str, first: int, end: int) -> bytes:
        """Return the bytes from `first` to `end`, or to the end of the file. Raises `Refused` with 404."""
        try:
            with self._place(path).open("rb") as file:
                file.seek(first)
                return file.read(end - first)
        except OSError:
            raise Refused(404, f"there is no file {path}") from None

    def _place(self, path: str) -> Path:
        match = _PATH.fullmatch(path)
        place = self._library.joinpath(*match.groups()) if match else None
        if place is None or place.name.startswith(".") or not place.is_file():
            raise Refused(404, f"there is no file {path}")
        return place
