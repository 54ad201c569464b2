"""A folder of music: which files belong to which album, what is new, and what was refused.

    DIR ──► files by album ──► what is not there yet ──► executor(): an album a task ──► library

Whoever is killed in between starts again, and albums that are there are not made again: an album's folder
remembers the names, sizes and times of the files that it was made of. Page: docs/spotify/ingest.md
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from chapters.batch import executor
from chapters.errors import UsageError
from spotify.catalogue.library import FACTS, sweep
from spotify.catalogue.track import id_of
from spotify.ingest import tags
from spotify.ingest.album import MUSIC, Made, Progress, Task, make

QUARANTINE = "quarantine.json"
SOURCES = "sources"  # beside an album's folder: what it was made of


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did: albums and tracks made, albums that were there, files refused."""

    albums: int
    tracks: int
    unchanged: int
    refused: tuple[tuple[str, int, str], ...]


def ingest(
    folder: Path,
    library: Path,
    *,
    workers: int = 1,
    on_progress: Progress = lambda what, done, total: None,
) -> Report:
    """Make all albums of a folder that are not in the library yet. Raises `UsageError` without music."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name one with music in it")
    groups = _by_album(folder)
    if not groups:
        raise UsageError(f"{folder}: no music in it; {', '.join(sorted(MUSIC))} are read")
    library.mkdir(parents=True, exist_ok=True)
    sweep(library)
    marks = {id: _mark(files) for id, files in groups.items()}
    missing = [id for id in groups if _known(library, id) != marks[id]]
    tasks = [Task(id, tuple(map(str, groups[id])), str(library)) for id in missing]
    done: list[Made] = []

    def heard(key: str, made: Made) -> None:
        done.append(made)
        _remember(library, made, marks[made.album_id])
        on_progress("ingest", len(done), len(tasks))

    with executor(workers=workers) as crew:
        crew.map(make, tasks, key=lambda task: task.album_id, on_done=heard)
    refused = tuple(sorted(each for made in done for each in made.refused))
    _quarantine(library, refused)
    published = [made for made in done if made.tracks]
    tracks = sum(made.tracks for made in published)
    return Report(len(published), tracks, len(groups) - len(tasks), refused)


def _by_album(folder: Path) -> dict[str, list[Path]]:
    groups: dict[str, list[Path]] = {}
    for path in sorted(_music(folder)):
        own = tags.read(path)
        groups.setdefault(
            id_of("album", own.album_artist.casefold(), own.album.casefold()), []
        ).append(path)
    return groups


def _music(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        for name in names:
            if Path(name).suffix.lower() in MUSIC and not name.startswith("."):
                yield Path(place) / name


def _mark(files: list[Path]) -> str:
    """A digest of what the files are: it changes when one of them does."""
    facts = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()


def _known(library: Path, id: str) -> str:
    """The mark that the album was made with; nothing where it is not there."""
    place = library / SOURCES / id
    is_there = (library / id / FACTS).is_file()
    return place.read_text() if is_there and place.is_file() else ""


def _remember(library: Path, made: Made, mark: str) -> None:
    place = library / SOURCES / made.album_id
    place.parent.mkdir(exist_ok=True)
    draft = place.with_name(f".{place.name}")
    draft.write_text(mark)
    draft.replace(place)


def _quarantine(library: Path, refused: tuple[tuple[str, int, str], ...]) -> None:
    """Keep the list of files that were refused by the last ingest, for `kit spotify quarantine`."""
    draft = library / f".{QUARANTINE}"
    draft.write_text(json.dumps(refused), "utf-8")
    draft.replace(library / QUARANTINE)


def quarantine(library: Path) -> list[tuple[str, int, str]]:
    """Return the files that the last ingest refused: name, byte, reason."""
    place = library / QUARANTINE
    if not place.is_file():
        return []
    return [
        (str(file), int(at), str(why)) for file, at, why in json.loads(place.read_text("utf-8"))
    ]
