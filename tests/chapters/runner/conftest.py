"""A chapter made for these tests: a queue, two exercises in one module, a temporary folder."""

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

import chapters
from chapters.runner import subject
from chapters.runner.box import Box, Limits
from chapters.runner.catalogue import Catalogue

QUEUE = '''"""A queue, oldest first."""

from collections import deque
from math import inf

LIMIT = 3


class Queue:
    """Holds at most LIMIT things."""

    def __init__(self) -> None:
        self.things: deque[int] = deque()

    def push(self, thing: int) -> bool:
        """Return whether there was room."""
        if len(self.things) == LIMIT:
            return False
        self.things.append(thing)  # at the back
        return True

    def pop(self) -> int | None:
        """Return the oldest, if there is one."""
        return self._first() if self.things else None

    def _first(self) -> int:
        return min(self.things.popleft(), inf)
'''

CHECKS = """from chapters.checking import Stage
from chapters.toy.queue import Queue


def pushed(*things):
    queue = Queue()
    return [queue.push(each) for each in things]


def popped(*things):
    queue = Queue()
    for each in things:
        queue.push(each)
    return [queue.pop() for _ in range(4)]


def few(rng):
    return [tuple(rng.sample(range(9), 2)) for _ in range(3)]


def many(rng):
    return [tuple(rng.sample(range(9), 5)) for _ in range(3)]


def said(args, got, expected):
    return f"after {list(args)} you popped {got}, not {expected}"


def summed(args, got):
    return f"{len(args)} pushed"


STAGES = {
    "push": [
        Stage("there is room", cases=few, drive=pushed, summary=summed),
        Stage("a full queue refuses", cases=many, drive=pushed),
    ],
    "pop": [
        Stage("oldest first", cases=few, drive=popped, explain=said),
        Stage("also when full", cases=many, drive=popped, needs=()),
    ],
}
"""

EXERCISES = """
[[exercise]]
name = "push"
title = "A queue has an end"
brief = "Refuse what is too much."
page = "docs/chapters/toy.md"
hole = ["queue.py::Queue.push"]
hints = ["When is it full?", "Compare its length with LIMIT.", "if len(self.things) == LIMIT: …"]

[[exercise.mutant]]
at = "queue.py::Queue.push"
find = "== LIMIT"
replace = "> LIMIT"
why = "One too many fits."

[[exercise.mutant]]
at = "queue.py::Queue.push"
find = "return False"
replace = "return True"
why = "What was refused is reported as taken."

[[exercise.mutant]]
at = "queue.py::Queue.push"
find = "        return True"
replace = "        return None"
why = "Nobody is told."

[[exercise]]
name = "pop"
title = "Oldest first"
brief = "First in, first out."
page = "docs/chapters/toy.md"
hole = ["queue.py::Queue.pop"]
drop = ["queue.py::Queue._first"]
hints = ["Which one?", "The first of all.", "self.things.popleft() if self.things else None"]

[[exercise.mutant]]
at = "queue.py::Queue.pop"
find = "self._first()"
replace = "self.things.pop()"
why = "Newest first."

[[exercise.mutant]]
at = "queue.py::Queue.pop"
find = "self._first()"
replace = "self.things[0]"
why = "It is never taken out."

[[exercise.mutant]]
at = "queue.py::Queue.pop"
find = "self._first() if self.things else None"
replace = "self._first()"
why = "An empty queue has no first."
"""

SYLLABUS = """
[[chapter]]
name = "toy"
title = "A toy"
minutes = 5
needs = []

[[chapter]]
name = "unbuilt"
title = "Not there yet"
minutes = 5
needs = []

[exercise]
"toy/push" = { minutes = 5, points = 4 }
"toy/pop" = { minutes = 5, points = 6 }

[tracks]
queues = ["toy", "unbuilt"]
heaps = ["unbuilt"]
"""


class Toy:
    """The toy course: its root, its catalogue, a work folder and the production text."""

    def __init__(self, root: Path) -> None:
        self.root, self.work = root, root / "work"
        self.catalogue = Catalogue.load(root)
        self.copy = self.work / "chapters" / "toy" / "queue.py"

    def exercise(self, name: str):
        return self.catalogue.exercise(f"toy/{name}")

    def edit(self, old: str, new: str) -> None:
        text = self.copy.read_text()
        assert text.count(old) == 1, text
        self.copy.write_text(text.replace(old, new))


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    folder = tmp_path / "chapters" / "toy"
    folder.mkdir(parents=True)
    for name, text in {"__init__": "", "story": "", "queue": QUEUE, "checks": CHECKS}.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "exercise.toml").write_text(EXERCISES)
    (tmp_path / "chapters" / "syllabus.toml").write_text(SYLLABUS)
    monkeypatch.setattr(chapters, "__path__", [*chapters.__path__, str(folder.parent)])
    monkeypatch.setattr(subject, "Box", ToyBox)
    monkeypatch.delenv("KIT_WORK", raising=False)
    _forget_toy()
    yield Toy(tmp_path)
    _forget_toy()


class ToyBox(Box):
    """A box into which the toy's other modules go too: the box itself knows only the kit's."""

    def __init__(
        self, sources: Mapping[str, str], *, called: Iterable[str], limits: Limits | None = None
    ) -> None:
        support = {"chapters.toy.__init__": "", "chapters.toy.checks": CHECKS}
        super().__init__({**support, **sources}, called=called, limits=limits)


def _forget_toy() -> None:
    for name in [each for each in sys.modules if each.startswith("chapters.toy")]:
        del sys.modules[name]
    vars(chapters).pop("toy", None)
    importlib.invalidate_caches()
