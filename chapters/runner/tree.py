"""A private copy of the packages, with the learner's modules in place of ours.

Of the packages there is what these modules may import, and those that are called: the systems that
they belong to, and the blocks that those need, as the syllabus says. What would give an answer away
stays outside: the file that the learner's module replaces (and its compiled twin), every
exercise.toml (hints and mutants quote the solution), the course's machinery, tests. It is planted
anew for every box, so the number of files counts.
Page: docs/how-it-works.md
"""

import functools
import os
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from chapters.errors import UsageError
from chapters.runner.places import PACKAGES, ROOT, SYSTEMS

LEFT_OUT_FOLDERS = {"__pycache__", "runner", "commands", "static", "templates", "tests"}
LEFT_OUT_FILES = {"exercise.toml"}
TAG = f".{sys.implementation.cache_tag}.pyc"


def plant(folder: Path, sources: Mapping[str, str], called: Iterable[str] = ()) -> list[str]:
    """Write the tree into `folder` and return the files of it that are the learner's, by name.

    `called` are the modules that will be called, where those are others. Raises `UsageError` for a
    module that is in none of the packages.
    """
    mine = {file_of(module): text for module, text in sources.items()}
    copy_files(ROOT / "chapters", folder / "chapters", "chapters", mine)
    for name in sorted(around([*sources, *called])):
        copy_package(ROOT / name, folder / name, name, mine)
    for file, text in mine.items():
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", errors="surrogatepass")
    return sorted(mine)


def around(modules: Iterable[str]) -> set[str]:
    """Return the folders from which those modules may import: their own, and what it builds on."""
    found: set[str] = set()
    names = [module.removeprefix("chapters.").partition(".")[0] for module in modules]
    while names:
        name = names.pop()
        folder = name if name in SYSTEMS else f"chapters/{name}"
        if folder not in found:
            found.add(folder)
            names += needs().get(name, ())
    return found


@functools.cache
def needs() -> dict[str, list[str]]:
    """Return the blocks on which each chapter and system builds, by its name in the syllabus."""
    syllabus = tomllib.loads((ROOT / "chapters/syllabus.toml").read_text("utf-8"))
    return {unit["name"]: unit["needs"] for unit in syllabus["chapter"] + syllabus["system"]}


def file_of(module: str) -> str:
    """Return the file of `exchange.matching`, from the packages' home: exchange/matching.py."""
    parts = module.split(".")
    if parts[0] not in PACKAGES or not all(part.isidentifier() for part in parts):
        raise UsageError(f"no package has a module {module!r}: name one of {', '.join(PACKAGES)}")
    file = Path(*parts)
    return str(file / "__init__.py" if (ROOT / file).is_dir() else file.with_suffix(".py"))


def copy_package(source: Path, target: Path, name: str, mine: Mapping[str, str]) -> None:
    """Copy one folder, and those below it, but for the files that are the learner's."""
    if not source.is_dir():
        return
    copy_files(source, target, name, mine)
    with os.scandir(source) as entries:
        for entry in entries:
            if entry.is_dir() and entry.name not in LEFT_OUT_FOLDERS:
                below = f"{name}/{entry.name}"
                copy_package(source / entry.name, target / entry.name, below, mine)


def copy_files(source: Path, target: Path, name: str, mine: Mapping[str, str]) -> None:
    """Copy the files of one folder, but for those that are the learner's."""
    target.mkdir()
    with os.scandir(source) as entries:
        for entry in entries:
            if belongs_in(entry.name) and f"{name}/{entry.name}" not in mine:
                copy_module(entry, target)


def belongs_in(file: str) -> bool:
    """Return whether a file of that name is code or data, and gives nothing away."""
    return file.endswith((".py", ".toml")) and file not in LEFT_OUT_FILES


def copy_module(entry: "os.DirEntry[str]", folder: Path) -> None:
    """Copy one file, and what Python compiled from it, which it uses if size and time agree."""
    target = f"{folder}/{entry.name}"
    copy(entry.path, target)
    compiled = f"{os.path.dirname(entry.path)}/__pycache__/{entry.name[:-3]}{TAG}"
    if entry.name.endswith(".py") and os.path.exists(compiled):
        os.makedirs(f"{folder}/__pycache__", exist_ok=True)
        copy(compiled, f"{folder}/__pycache__/{entry.name[:-3]}{TAG}")
        stat = entry.stat()
        os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def copy(source: str, target: str) -> None:
    """Copy the bytes of one file."""
    with open(source, "rb", buffering=0) as old, open(target, "wb", buffering=0) as new:
        new.write(old.read())


def own_folders(within: Path) -> Iterator[Path]:
    """Yield our packages below `within`: there are some where the kit is installed as a library."""
    if ROOT.is_relative_to(within):
        yield from (ROOT / name for name in PACKAGES if (ROOT / name).is_dir())
