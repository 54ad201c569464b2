"""What the course has: chapters, systems and exercises, read from the files that authors write.

    chapters/syllabus.toml            order, titles, minutes, points, tracks
    <block or system>/exercise.toml   its exercises: holes, hints, mutants
    <block or system>/story.py        without one it is not built, and so it is nowhere

Page: docs/how-it-works.md
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from chapters.runner.errors import BrokenCourse, unknown
from chapters.runner.places import ROOT, is_built

Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class Unit:
    """A chapter (a building block) or a system: a package with a story."""

    kind: str
    name: str
    title: str
    minutes: int
    needs: tuple[str, ...]
    package: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Hole:
    """A function, by file and qualified name: `matching.py::Book.match`."""

    package: str
    file: str
    name: str

    @property
    def module(self) -> str:
        """The dotted name of the module that the function is in."""
        return f"{self.package}.{self.file.removesuffix('.py').replace('/', '.')}"

    def __str__(self) -> str:
        return f"{self.package.replace('.', '/')}/{self.file}::{self.name}"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A common mistake: an edit to the reference, and the sentence that explains it."""

    at: Hole
    find: str
    replace: str
    why: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """A piece of a real system that the learner writes; its solution is the production code."""

    name: str
    unit: Unit
    title: str
    brief: str
    page: str
    holes: tuple[Hole, ...]
    drops: tuple[Hole, ...]
    then: tuple[str, ...]
    hints: tuple[str, ...]
    mutants: tuple[Mutant, ...]
    minutes: int
    points: int

    @property
    def id(self) -> str:
        """The name that commands take: `log/torn-tail`."""
        return f"{self.unit.name}/{self.name}"

    @property
    def package(self) -> str:
        """The dotted name of the package that holds the code and its checks."""
        return self.unit.package

    @property
    def modules(self) -> tuple[str, ...]:
        """The dotted names of the modules that the learner gets, each once, in order."""
        return tuple(dict.fromkeys(hole.module for hole in (*self.holes, *self.drops)))

    def names_in(self, module: str) -> list[str]:
        """Return the qualified names of the holes in one of `modules`."""
        return [hole.name for hole in self.holes if hole.module == module]

    def dropped_from(self, module: str) -> list[str]:
        """Return the qualified names of the helpers that the starter of `module` lacks."""
        return [hole.name for hole in self.drops if hole.module == module]

    def path_of(self, module: str) -> Path:
        """Return the file of one of `modules`, relative to the root: `chapters/log/recovery.py`."""
        return Path(module.replace(".", "/") + ".py")

    def reference(self) -> dict[str, str]:
        """Return the production text of each module."""
        root = self.unit.folder.parents[self.package.count(".")]
        return {each: (root / self.path_of(each)).read_text("utf-8") for each in self.modules}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is built, in the syllabus's order."""

    chapters: tuple[Unit, ...]
    systems: tuple[Unit, ...]
    exercises: tuple[Exercise, ...]
    tracks: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, root: Path = ROOT) -> "Catalogue":
        """Read the syllabus and every exercise.toml under `root`. Raises `BrokenCourse`."""
        syllabus = _parse(root / "chapters" / "syllabus.toml")
        blocks = tuple(_units("chapter", syllabus, root))
        systems = tuple(_units("system", syllabus, root))
        numbers = syllabus.get("exercise", {})
        order = {name: place for place, name in enumerate(numbers)}
        built = {system.name for system in systems}
        exercises = [
            replace(each, then=tuple(name for name in each.then if name in built))
            for unit in (*blocks, *systems)
            for each in _exercises(unit, numbers)
        ]
        exercises.sort(key=lambda each: order.get(each.id, len(order)))
        tracks = {name: tuple(units) for name, units in syllabus.get("tracks", {}).items()}
        return cls(blocks, systems, tuple(exercises), tracks)

    @property
    def units(self) -> tuple[Unit, ...]:
        """Chapters, then systems."""
        return (*self.chapters, *self.systems)

    def find(self, name: str) -> Unit | Exercise:
        """Return the chapter, system or exercise of that name. Raises `UnknownName`."""
        known: dict[str, Unit | Exercise] = {each.name: each for each in self.units}
        known |= {each.id: each for each in self.exercises}
        return self._pick("chapter, system or exercise", name, known)

    def exercise(self, name: str) -> Exercise:
        """Return the exercise of that id, or of that last part if only one has it."""
        short = [each for each in self.exercises if each.name == name]
        if len(short) == 1:
            return short[0]
        return self._pick("exercise", name, {each.id: each for each in self.exercises})

    def unit(self, name: str) -> Unit:
        """Return the chapter or system of that name. Raises `UnknownName`."""
        return self._pick("chapter or system", name, {each.name: each for each in self.units})

    def system(self, name: str) -> Unit:
        """Return the system of that name. Raises `UnknownName`."""
        return self._pick("system", name, {each.name: each for each in self.systems})

    def sharing(self, module: str) -> tuple[Exercise, ...]:
        """Return the exercises that have the learner write in `module`."""
        return tuple(each for each in self.exercises if module in each.modules)

    def track(self, name: str) -> tuple[Exercise, ...]:
        """Return the exercises of the chapters and systems on that track. Raises `UnknownName`."""
        units = self._pick("track", name, self.tracks, f"there are {', '.join(self.tracks)}")
        return tuple(each for each in self.exercises if each.unit.name in units)

    def of(self, unit: Unit) -> tuple[Exercise, ...]:
        """Return the exercises of one chapter or system."""
        return tuple(each for each in self.exercises if each.unit == unit)

    @staticmethod
    def _pick(
        kind: str,
        name: str,
        known: Mapping[str, Named],
        remedy: str = "`kit list` shows what there is",
    ) -> Named:
        if name not in known:
            raise unknown(kind, name, known, remedy)
        return known[name]


def _units(kind: str, syllabus: Mapping[str, Any], root: Path) -> Iterable[Unit]:
    for entry in syllabus.get(kind, []):
        package = f"chapters.{entry['name']}" if kind == "chapter" else str(entry["name"])
        folder = root / package.replace(".", "/")
        if is_built(folder):
            needs = tuple(entry.get("needs", ()))
            minutes = int(entry.get("minutes", 0))
            yield Unit(kind, entry["name"], entry["title"], minutes, needs, package, folder)


def _exercises(unit: Unit, numbers: Mapping[str, Any]) -> Iterable[Exercise]:
    path = unit.folder / "exercise.toml"
    for entry in _parse(path).get("exercise", []) if path.is_file() else []:
        try:
            yield _exercise(unit, entry, numbers)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            name = entry.get("name", "an exercise without a name")
            raise BrokenCourse(f"{path}: {name}: {type(error).__name__}: {error}") from None


def _exercise(unit: Unit, entry: Mapping[str, Any], numbers: Mapping[str, Any]) -> Exercise:
    own = numbers.get(f"{unit.name}/{entry['name']}", {})
    return Exercise(
        name=entry["name"],
        unit=unit,
        title=entry["title"],
        brief=" ".join(entry["brief"].split()),
        page=entry["page"],
        holes=tuple(_hole(unit, each) for each in entry["hole"]),
        drops=tuple(_hole(unit, each) for each in entry.get("drop", ())),
        then=tuple(entry.get("then", ())),
        hints=tuple(str(each).strip() for each in entry["hints"]),
        mutants=tuple(
            Mutant(_hole(unit, each["at"]), each["find"], each["replace"], each["why"])
            for each in entry.get("mutant", ())
        ),
        minutes=int(own.get("minutes", 0)),
        points=int(own.get("points", 0)),
    )


def _hole(unit: Unit, text: str) -> Hole:
    file, separator, name = text.partition("::")
    if not (separator and name and file.endswith(".py")):
        raise ValueError(f"{text!r} is not of the form file.py::Class.function")
    return Hole(unit.package, file, name)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenCourse(f"{path} cannot be read: {error}") from None
