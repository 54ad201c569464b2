"""From here to there: what `cp` and `sync` do with two places, whichever of them is in the store.

    file ──► s3://…     s3://… ──► file     s3://… ──► s3://…

Page: docs/s3/client.md
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from s3.client.app import Client, Told, etag_of
from s3.client.errors import BadPlace
from s3.client.places import Anywhere, Place, file_below
from s3.client.store import DELETE_MAX, Found
from s3.client.sync import Item


@dataclass(frozen=True, slots=True)
class Errand:
    """One object or file, and where it goes."""

    source: Anywhere
    target: Anywhere
    size_bytes: int


def carry(client: Client, errand: Errand, told: Told) -> None:
    """Do one errand."""
    match errand.source, errand.target:
        case Path() as file, Place() as place:
            client.upload(file, place, told)
        case Place() as place, Path() as file:
            client.download(place, file, told)
        case Place() as source, Place() as target:
            client.copy(Found(source.key, errand.size_bytes), source, target, told)
        case source, _:
            raise BadPlace(f"{source}: one of the two must be in the store, as s3://bucket/key")


def single(client: Client, source: Anywhere, target: Anywhere) -> Errand:
    """Return the errand of one file or object; into a folder it keeps its name. Raises `BadPlace`."""
    if isinstance(source, Path):
        if not source.is_file():
            why = "is a folder; add --recursive" if source.is_dir() else "is no file"
            raise BadPlace(f"{source} {why}")
        name, size = source.name, source.stat().st_size
    else:
        if not source.key or source.key.endswith("/"):
            raise BadPlace(f"{source} is no object but a prefix; add --recursive")
        name, size = source.key.rpartition("/")[2], client.store.head(source).size_bytes
    if isinstance(target, Place):
        return Errand(source, target.named(name), size)
    return Errand(source, target / name if target.is_dir() else target, size)


def errands(source: Anywhere, target: Anywhere, items: Iterable[Item]) -> list[Errand]:
    """Return the errands that take items of one folder or prefix to another. Raises `BadPlace`."""
    return [Errand(at(source, each.name), at(target, each.name), each.size_bytes) for each in items]


def below(client: Client, place: Anywhere) -> Iterator[Item]:
    """Yield all files or objects below a folder or prefix, by their names there."""
    if isinstance(place, Path):
        yield from _files(place)
        return
    folder = place.folder()
    for found in client.store.listing(folder):
        name = found.key[len(folder.key) :]
        if name and not name.endswith("/"):  # a console's "folder" is an empty object
            yield Item(name, found.size_bytes, found.modified_s, found.etag)


def _files(folder: Path) -> Iterator[Item]:
    for home, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(home, name)
            if file.is_file() and not name.endswith(".kit-draft"):
                facts = file.stat()
                yield Item(file.relative_to(folder).as_posix(), facts.st_size, facts.st_mtime)


def at(place: Anywhere, name: str) -> Anywhere:
    """Return where `name` is below a folder or prefix. Raises `BadPlace`."""
    if isinstance(place, Path):
        return file_below(place, name)
    return place.folder().named(name)


def is_equal(source: Anywhere, target: Anywhere, one: Item, other: Item) -> bool:
    """Return whether two of one size have one content, as far as ETags tell."""
    etags = [
        etag_of(file_below(place, item.name)) if isinstance(place, Path) else item.etag
        for place, item in ((source, one), (target, other))
    ]
    return etags[0] == etags[1] and "" not in etags


def remove(client: Client, place: Anywhere, names: list[str]) -> None:
    """Delete what is called `names` below a folder or prefix."""
    if isinstance(place, Path):
        for name in names:
            file_below(place, name).unlink(missing_ok=True)
        return
    keys = [place.folder().key + name for name in names]
    for start in range(0, len(keys), DELETE_MAX):
        client.store.delete_all(place.bucket, keys[start : start + DELETE_MAX])


def must_exist(client: Client, place: Anywhere) -> None:
    """Raise `BadPlace`, or `NotThere`, unless the folder or the bucket is there."""
    if isinstance(place, Path):
        if not place.is_dir():
            raise BadPlace(f"{place} is no folder")
        return
    for _ in client.store.listing(place.folder()):
        return
