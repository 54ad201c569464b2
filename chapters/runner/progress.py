"""How far the learner is: one file, `work/progress.toml`, that a person can read and edit.

A file that cannot be read is copied aside before anything is written over it, so nothing is lost.
Page: docs/how-it-works.md
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from chapters.runner.workplace import back_up, shown, write

HEADER = "Your progress. `kit` writes this file after each command; you may edit it too."

UNREADABLE = (OSError, ValueError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one exercise: tries, hints seen, and whether it was solved or peeked at."""

    begun: bool = False
    tries: int = 0
    hints: int = 0
    solved: bool = False
    solved_after: int = 0
    peeked: bool = False

    @property
    def state(self) -> str:
        """`solved`, `begun` or `open`."""
        return "solved" if self.solved else "begun" if self != Standing() else "open"

    @property
    def text(self) -> str:
        """The state in words; empty for an open one."""
        if self.solved:
            hints = f"{_counted(self.hints, 'hint')}" if self.hints else "no hints"
            seen = ", after seeing the solution" if self.peeked else ""
            return f"solved in {_counted(self.solved_after, 'try', 'tries')}, {hints}{seen}"
        return f"{_counted(self.tries, 'try', 'tries')} so far" if self.state == "begun" else ""


@dataclass(frozen=True, slots=True)
class Progress:
    """The learner's standings by exercise id, and the exercise that `kit check` means by default."""

    work: Path
    current: str = ""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    warning: str = ""

    @classmethod
    def load(cls, work: Path) -> "Progress":
        """Read work/progress.toml; a broken one is backed up, and `warning` says so."""
        path = work / "progress.toml"
        try:
            return cls.read(work)
        except UNREADABLE as error:
            copy = _aside(path, work)
            reason = f"{shown(path)} cannot be read ({error})"
            return cls(work, warning=f"{reason}; it is kept as {shown(copy)}, and we start anew")

    @classmethod
    def read(cls, work: Path) -> "Progress":
        """Read work/progress.toml and touch nothing. Raises one of `UNREADABLE`."""
        path = work / "progress.toml"
        if not path.is_file():
            return cls(work)
        return _parse(work, tomllib.loads(path.read_text("utf-8")))

    def of(self, exercise_id: str) -> Standing:
        """Return the exercise's standing; a fresh one if it was never touched."""
        return self.standings.get(exercise_id, Standing())

    def with_standing(self, exercise_id: str, standing: Standing) -> "Progress":
        """Return the progress with that standing, and that exercise as the current one."""
        return replace(
            self, current=exercise_id, standings={**self.standings, exercise_id: standing}
        )

    def save(self) -> None:
        """Write the file whole, or leave it as it was: comments stay. Raises `NotWritten`."""
        path = self.work / "progress.toml"
        try:
            Progress.read(self.work)
            text = self._put_into(path.read_text("utf-8"))
        except (*UNREADABLE, LookupError):  # there is none, or one that cannot be edited in place
            text = self._put_into(f"# {HEADER}\n")
        write(path, text)

    def _put_into(self, text: str) -> str:
        """Return the text of a progress file with what is known now, and all else as it was."""
        import tomlkit

        document = tomlkit.parse(text)
        document["current"] = self.current
        exercises = document.setdefault("exercise", tomlkit.table(is_super_table=True))
        for name, standing in self.standings.items():
            entry = exercises.setdefault(name, tomlkit.table())
            for key, value in asdict(standing).items():
                if value:
                    entry[key] = value
                else:
                    entry.pop(key, None)
        edited = tomlkit.dumps(document)
        if _parse(self.work, tomllib.loads(edited)) != replace(self, warning=""):
            raise ValueError("the file would say something else than was meant")
        return edited


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _parse(work: Path, document: Mapping[str, Any]) -> Progress:
    current = document.get("current", "")
    exercises = document.get("exercise", {})
    if not isinstance(current, str):
        raise TypeError(f"current is {current!r}, not a name")
    return Progress(
        work, current, {name: _standing(name, each) for name, each in exercises.items()}
    )


def _standing(name: str, entry: Mapping[str, Any]) -> Standing:
    kinds = {each.name: type(each.default) for each in fields(Standing)}
    for key, value in entry.items():
        if kinds.get(key) is not type(value) or (isinstance(value, int) and value < 0):
            raise TypeError(f"{name}: {key} = {value!r} is not what kit writes")
    return Standing(**entry)


def _aside(path: Path, work: Path) -> Path:
    """Back the file up, once: the same broken text is not copied again and again."""
    text = path.read_text("utf-8", errors="replace")
    for copy in sorted((work / "backups").glob("progress.toml.*")):
        if copy.read_text("utf-8", errors="replace") == text:
            return copy
    return back_up(path, work)
