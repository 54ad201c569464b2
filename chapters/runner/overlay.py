"""The learner's modules in place of ours: an import finder that looks into work/ first.

    import exchange.matching
        work/exchange/matching.py   there?  ──► the learner's, with ours for what is still a hole
        exchange/matching.py        else    ──► ours

`--mine` installs it, and sets `KIT_MINE=1` so that child processes of the kit do the same. That is
all the magic there is. Page: docs/how-it-works.md
"""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from chapters.runner.catalogue import Catalogue
from chapters.runner.errors import NotStarted
from chapters.runner.source import Source
from chapters.runner.standin import completed, open_holes
from chapters.runner.workplace import shown, work_folder


class Loader(SourceFileLoader):
    """Loads a learner's copy; nothing is cached on disk, so a save within a second counts."""

    def __init__(self, name: str, path: str, catalogue: Catalogue) -> None:
        super().__init__(name, path)
        self.catalogue = catalogue

    def get_data(self, path: str) -> bytes:
        """Return the copy's text, completed by ours where it still has holes."""
        mine = Source(super().get_data(path).decode(), shown(Path(path)))
        sharing = self.catalogue.sharing(self.name)
        if not sharing:
            return mine.text.encode()
        ours = Source(sharing[0].reference()[self.name], self.name)
        return completed(mine, ours, self.name, sharing).encode()

    def path_stats(self, path: str) -> dict[str, float]:
        """Refuse, so that no stale bytecode is looked for."""
        raise OSError(f"no bytecode is kept for {path}")


class Overlay(MetaPathFinder):
    """Finds the modules that have a copy in `work`, and leaves all others to Python."""

    def __init__(self, work: Path, catalogue: Catalogue) -> None:
        self.work, self.catalogue = work, catalogue

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the learner's copy of the module is, if there is one."""
        file = self.work / (fullname.replace(".", "/") + ".py")
        if "." not in fullname or not file.is_file():
            return None
        loader = Loader(fullname, str(file), self.catalogue)
        return spec_from_file_location(fullname, file, loader=loader)

    def modules(self) -> list[str]:
        """Return the names of the modules that the learner has copies of."""
        names = dict.fromkeys(name for each in self.catalogue.exercises for name in each.modules)
        return [each for each in names if (self.work / (each.replace(".", "/") + ".py")).is_file()]

    def still_ours(self) -> list[str]:
        """Return the functions in those modules that ours stands in for."""
        found = []
        for module in self.modules():
            path = self.work / (module.replace(".", "/") + ".py")
            mine = Source(path.read_text("utf-8"), shown(path))
            holes = open_holes(mine, module, self.catalogue.sharing(module))
            found += [f"{module}.{name}" for name, _ in holes]
        return found


def install(work: Path, catalogue: Catalogue | None = None) -> Overlay:
    """Have imports look into `work` first, here and in child processes; return the finder.

    Raises `NotStarted` when there is nothing of the learner's. Modules that were imported before
    stay what they are, so this comes first.
    """
    overlay = Overlay(work, catalogue or Catalogue.load())
    mine = overlay.modules()
    if not mine:
        raise NotStarted(f"--mine: {shown(work)} has no code of yours yet; `kit start` begins one")
    early = [name for name in mine if name in sys.modules]
    assert not early, f"imported before the overlay: {early}"
    sys.meta_path.insert(0, overlay)
    os.environ["KIT_MINE"] = "1"
    os.environ["KIT_WORK"] = str(work)
    return overlay


def install_if_asked() -> None:
    """In a child process of a `--mine` run: do as the parent did."""
    if os.environ.get("KIT_MINE") == "1":
        install(work_folder())
