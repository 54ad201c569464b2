"""What is installed and what is missing, each with the one command that mends it.

Page: docs/how-it-works.md
"""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

from chapters.runner.box import isolation_in_use
from chapters.runner.workplace import shown, work_folder

PYTHON_MIN = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: whether it is there, whether the kit needs it, and what mends it."""

    name: str
    present: bool
    needed: bool
    detail: str
    remedy: str = ""

    def facts(self) -> dict[str, Any]:
        """Return the part for programs."""
        return asdict(self)


def examine() -> list[Part]:
    """Return every part that the kit needs or can use."""
    return [
        _python(),
        *(_module(name, True, "runs", "./kit") for name in ("typer", "rich", "flask", "granian")),
        _work(),
        _isolation(),
        _module("pytest", False, "kit test", "./kit test"),
        _module("mkdocs", False, "kit docs", "./kit docs"),
        _browser(),
        *_cluster(),
    ]


def _python() -> Part:
    fine = sys.version_info >= PYTHON_MIN
    return Part("python", fine, True, platform.python_version(), "install Python 3.11 or newer")


def _module(name: str, needed: bool, use: str, remedy: str) -> Part:
    present = find_spec(name) is not None
    return Part(name, present, needed, "installed" if present else f"missing: {use}", remedy)


def _work() -> Part:
    folder = work_folder()
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    fine = nearest.is_dir() and os.access(nearest, os.W_OK)
    detail = f"{shown(folder)}{'' if fine else ' cannot be written'}"
    return Part("work", fine, True, detail, "set KIT_WORK to a folder that you may write to")


def _isolation() -> Part:
    found = isolation_in_use()
    fine = found.name == "bubblewrap"
    remedy = "apt install bubblewrap (Linux); for your own code the limits are enough"
    return Part("isolation", fine, False, f"{found.name}: {found.meaning}", remedy)


def _browser() -> Part:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    detail = found or "missing: only the browser tests use it"
    return Part("chromium", found is not None, False, detail, "apt install chromium")


def _cluster() -> Iterator[Part]:
    scheduler = os.environ.get("KIT_CLUSTER")
    part = _module(
        "distributed", False, "many machines", "pip install 'system-design-kit[cluster]'"
    )
    yield part
    if scheduler:
        yield Part("KIT_CLUSTER", part.present, False, scheduler, part.remedy)
