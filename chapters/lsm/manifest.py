"""The manifest says which tables make up the tree; what it does not name does not exist.

    8c1f0a2b {"flushed": 812, "tables": [9, 8, 3]}        newest table first

Invariant: whatever crashes, the manifest on disk is whole, and every table that it names is whole. So
a table is synced, then its name, and only then the manifest that names it is put in the old one's
place, in a single step; and a file is removed only after a manifest without it is safe. That step is
the moment at which a flush or a merge *happens*. Page: docs/chapters/lsm.md
"""

import json
from dataclasses import dataclass

import google_crc32c

from chapters.lsm.errors import CorruptTable
from chapters.lsm.layout import table_number
from chapters.sim.disk import Disk, replace


@dataclass(frozen=True, slots=True)
class Manifest:
    """The numbers of the tables, newest first, and the last batch that is in them."""

    flushed: int
    tables: tuple[int, ...]

    def save(self, disk: Disk, tree: str) -> None:
        """Make this the tree's manifest: a crash leaves the one before or this one, whole."""
        text = json.dumps({"flushed": self.flushed, "tables": self.tables}).encode()
        replace(disk, _name(tree), b"%08x %s" % (google_crc32c.value(text), text))


def open_manifest(disk: Disk, tree: str) -> Manifest:
    """Return the manifest of `tree`, durable, having made an empty one for a new tree.

    Raises `CorruptTable` if it is damaged, or missing while there are tables.
    """
    if _name(tree) in disk.names(_name(tree)):
        manifest = _load(disk, tree)
        # The process that put it there may have died before its name was safe.
        disk.sync_names()
        return manifest
    if _tables(disk, tree):
        raise CorruptTable(_name(tree), 0, "there are tables, so it was here, and it is gone")
    manifest = Manifest(0, ())
    manifest.save(disk, tree)
    return manifest


def remove_orphans(disk: Disk, tree: str, manifest: Manifest) -> int:
    """Remove what a crash left half done; return the first table number never used."""
    tables = _tables(disk, tree)
    half_done = disk.names(f"{_name(tree)}.")  # a replacement that never took its place
    half_done += (name for number, name in tables.items() if number not in manifest.tables)
    for name in half_done:
        disk.remove(name)
    return 1 + max(tables, default=0)


def _tables(disk: Disk, tree: str) -> dict[int, str]:
    """Return the files that are tables of `tree`, named by the manifest or not."""
    numbers = {name: table_number(tree, name) for name in disk.names(f"{tree}/")}
    return {number: name for name, number in numbers.items() if number is not None}


def _load(disk: Disk, tree: str) -> Manifest:
    checksum, _, text = disk.read(_name(tree)).partition(b" ")
    if checksum != b"%08x" % google_crc32c.value(text):
        raise CorruptTable(_name(tree), 0, "the manifest does not match its checksum")
    fields = json.loads(text)
    return Manifest(fields["flushed"], tuple(fields["tables"]))


def _name(tree: str) -> str:
    return f"{tree}/manifest"
