"""What is installed and what is missing, each with the one command that mends it.

Page: docs/how-it-works.md
"""

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chapters.runner.box import isolation_in_use
from chapters.runner.places import PACKAGES, ROOT
from chapters.runner.workplace import shown, work_folder

PYTHON_MIN = (3, 11)
DISTRIBUTION = "system-design-kit"
NAME = re.compile(r"^[\w.-]+")  # of a requirement: `google-crc32c>=1.7`
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
        *_libraries(),
        *_foreign(),
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


def _libraries() -> Iterator[Part]:
    """Yield what the kit says it requires; what is only an extra (`; extra == …`) is left out."""
    try:
        required = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Part(DISTRIBUTION, False, True, "not installed here", "./kit")
        return
    for line in required:
        wanted, _, condition = line.partition(";")
        if "extra" not in condition:
            yield _library(NAME.findall(wanted)[0])


def _library(name: str) -> Part:
    try:
        return Part(name, True, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Part(name, False, True, "missing: the kit needs it", "./kit")


def _foreign() -> Iterator[Part]:
    """Yield the packages that would be imported instead of ours, being called the same."""
    for name in PACKAGES:
        spec = find_spec(name)
        place = Path((spec and spec.origin) or ROOT).resolve()
        if not place.is_relative_to(ROOT / name) and place != ROOT:
            owners = metadata.packages_distributions().get(name, [])
            folder = place.parents[1] if place.name == "__init__.py" else place.parent
            remedy = f"uninstall {owners[0]}" if owners else f"take {folder} off Python's path"
            yield Part(name, False, True, f"not ours: {place} comes first", remedy)


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
