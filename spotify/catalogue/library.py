"""A folder of albums: each is a folder that appears, whole, by one rename.

    library/<album id>/album.json  cover.jpg  <track id>.<rendition>.<kind> …
    library/.draft-<album id>-…    on its way; nobody reads it
    library/quarantine.json        files that were refused, and why

Invariant: an album that can be seen is whole, whatever was killed. One that is published again takes the
old one's place; who was reading the old one finds it for as long as it holds the file open.
Page: docs/spotify/catalogue.md
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from spotify.catalogue.track import Album

FACTS = "album.json"
DRAFT, OLD = ".draft-", ".old-"


def publish(library: Path, album_id: str, fill: Callable[[Path], Album]) -> Album:
    """Let `fill` write an album into a draft, then put that in its place. Raises as `fill` does."""
    draft = library / f"{DRAFT}{album_id}-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        album = fill(draft)
        (draft / FACTS).write_text(album.to_json(), "utf-8")
        _sync(draft)
        _take_place(draft, library / album_id)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return album


def _sync(folder: Path) -> None:
    """Have the disk hold all of a folder, files first."""
    for path in [*folder.iterdir(), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _take_place(draft: Path, place: Path) -> None:
    old = place.with_name(f"{OLD}{place.name}-{os.getpid()}")
    if place.exists():
        place.rename(old)
    draft.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(library: Path) -> None:
    """Remove drafts that nobody will finish; an old album whose new one never came is put back."""
    for path in library.glob(f"{OLD}*"):
        place = library / path.name.removeprefix(OLD).rpartition("-")[0]
        if place.exists():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.rename(place)
    for path in library.glob(f"{DRAFT}*"):
        shutil.rmtree(path, ignore_errors=True)


def albums(library: Path) -> list[Album]:
    """Return the albums that can be played, by artist, year and title; what cannot be read is left out."""
    found = []
    for path in library.glob(f"*/{FACTS}"):
        if path.parent.name.startswith("."):
            continue
        try:
            found.append(Album.from_json(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return sorted(found, key=lambda album: (album.artist, album.year, album.title, album.id))
