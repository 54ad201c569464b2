"""The learner's modules in place of ours: an import finder that looks into work/ first.

    import exchange.matching
        work/exchange/matching.py   there?  ──► the learner's, with ours for what is still a hole
        exchange/matching.py        else    ──► ours

`--mine` installs it, and sets `KIT_MINE=1` so that child processes of the kit do the same. That is
all the magic there is. What checks code never sees it: there, ours must be ours.
Page: docs/how-it-works.md
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
from chapters.runner.copies import read_copy
from chapters.runner.errors import NotStarted
from chapters.runner.source import Source
from chapters.runner.standin import completed, open_holes
from chapters.runner.workplace import shown


class Loader(SourceFileLoader):
    """Loads a learner's copy; nothing is cached on disk, so a save within a second counts."""

    def __init__(self, name: str, path: str, overlay: "Overlay") -> None:
        super().__init__(name, path)
        self.overlay = overlay

    def get_data(self, path: str) -> bytes:
        """Return the copy's text, completed by ours where it still has holes."""
        mine = self.overlay.copy_of(self.name)
        sharing = self.overlay.catalogue.sharing(self.name)
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
        file = self.path_of(fullname)
        if "." not in fullname or not file.is_file():
            return None
        return spec_from_file_location(fullname, file, loader=Loader(fullname, str(file), self))

    def path_of(self, module: str) -> Path:
        """Return where the learner's copy of the module is, or would be."""
        return self.work / (module.replace(".", "/") + ".py")

    def copy_of(self, module: str) -> Source:
        """Return the learner's copy. Raises `BrokenCopy` for one that cannot be read."""
        path = self.path_of(module)
        return Source(read_copy(path, self.work), shown(path))

    def modules(self) -> list[str]:
        """Return the names of the modules that the learner has copies of."""
        names = dict.fromkeys(name for each in self.catalogue.exercises for name in each.modules)
        return [each for each in names if self.path_of(each).is_file()]

    def still_ours(self) -> list[str]:
        """Return the functions in those modules that ours stands in for."""
        found = []
        for module in self.modules():
            holes = open_holes(self.copy_of(module), module, self.catalogue.sharing(module))
            found += [f"{module}.{name}" for name, _ in holes]
        return found


def install(work: Path, catalogue: Catalogue | None = None) -> Overlay:
    """Have imports look into `work` first, here and in child processes; return the finder.

    Raises `NotStarted` when there is nothing of the learner's. Modules that were imported before
    stay what they are, so this comes first.
    """
    if (present := installed()) is not None and present.work == work:
        return present
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


def installed() -> Overlay | None:
    """Return the overlay that this process imports through, if there is one."""
    return next((each for each in sys.meta_path if isinstance(each, Overlay)), None)


def ours_only() -> None:
    """Keep the learner's modules out of the child processes of a command that judges them."""
    assert installed() is None, "an overlay stands between the checks and our code"
    os.environ.pop("KIT_MINE", None)
