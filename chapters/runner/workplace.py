"""Where the learner's work lies, and how a file in it is written: whole, or not at all.

`KIT_WORK` names the folder; else it is `work/` under the nearest folder above that holds the kit's
checkout, else under the checkout that is installed, else here. Page: docs/how-it-works.md
"""

import contextlib
import os
from pathlib import Path

from chapters.new_file import written_whole
from chapters.runner.errors import NotWritten
from chapters.runner.places import ROOT

OTHER_WORK = "set KIT_WORK to a folder that you may write to"


def work_folder() -> Path:
    """Return the absolute path of the folder of the learner's copies; it may not exist yet."""
    if named := os.environ.get("KIT_WORK"):
        return Path(named).absolute()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "work" / "progress.toml").is_file() or _is_checkout(folder):
            return folder / "work"
    return (ROOT if _is_checkout(ROOT) else here) / "work"


def shown(path: Path) -> str:
    """Return `path` as a person here would write it: relative where that is shorter."""
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def write(path: Path, text: str, *, remedy: str = OTHER_WORK) -> None:
    """Replace the file at once; on any failure it is as it was.

    Raises `NotWritten`, which names `remedy`: how to have it written elsewhere.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotWritten(
            f"cannot write {shown(path)}: {reason}; free some space, or {remedy}"
        ) from None


def back_up(path: Path, work: Path) -> Path:
    """Copy a file of `work` to `work/backups/…`, numbered, and return the copy's path."""
    stem = work / "backups" / path.relative_to(work)
    number = 1
    while (copy := stem.with_name(f"{stem.name}.{number}")).exists():
        number += 1
    write(copy, path.read_text("utf-8", errors="replace"))
    return copy


def _is_checkout(folder: Path) -> bool:
    return (folder / "pyproject.toml").is_file() and (folder / "chapters/syllabus.toml").is_file()
