"""The learner's copies in work/: begun, punched further, reset, and read for a check.

Invariant: what the learner wrote is theirs. A function is changed only before its exercise is begun, while
it still says what ours says, or on `reset`, which keeps a backup. Page: docs/how-it-works.md
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chapters.runner.catalogue import Catalogue, Exercise
from chapters.runner.errors import BrokenCopy, NotStarted, StillOurs
from chapters.runner.progress import UNREADABLE, Progress
from chapters.runner.source import Source, names_used, same_code
from chapters.runner.standin import completed
from chapters.runner.starter import is_unsolved, punch
from chapters.runner.workplace import back_up, shown, write

SIZE_BYTES_MAX = 1 << 20  # a module of a megabyte is no solution


@dataclass(frozen=True, slots=True)
class Task:
    """One function to write: where it is, how long ours is, and whether it is still a hole."""

    path: Path
    name: str
    line: int
    lines: int
    is_open: bool


def starter_of(exercise: Exercise, module: str, text: str) -> str:
    """Return the starter of one module: `text`, ours, with this exercise's holes."""
    names, drop = exercise.names_in(module), exercise.dropped_from(module)
    return punch(text, names, exercise.id, file=str(exercise.path_of(module)), drop=drop)


def start(exercise: Exercise, work: Path) -> tuple[Task, ...]:
    """Write the exercise's starter into `work`, around what is there, and return what to write."""
    texts = {
        work / exercise.path_of(module): _started(exercise, module, reference, work)
        for module, reference in exercise.reference().items()
    }
    for path, text in texts.items():
        if not path.is_file() or path.read_text("utf-8") != text:
            write(path, text)
    return tasks(exercise, work)


def tasks(exercise: Exercise, work: Path) -> tuple[Task, ...]:
    """Return the functions of the exercise as they stand in `work`."""
    references, found = exercise.reference(), []
    for hole in exercise.holes:
        path = work / exercise.path_of(hole.module)
        place = Source(read(exercise, hole.module, work), shown(path)).find(hole.name)
        ours = Source(references[hole.module], hole.file).find(hole.name)
        lines = ours.end - ours.statements[0].lineno + 1
        found.append(Task(path, hole.name, place.node.lineno, lines, is_unsolved(place)))
    return tuple(found)


def read(exercise: Exercise, module: str, work: Path) -> str:
    """Return the learner's text of `module`. Raises `NotStarted`, or `BrokenCopy` if unreadable."""
    path = work / exercise.path_of(module)
    if not path.is_file():
        remedy = f"`kit start {exercise.id}` writes {shown(path)}"
        raise NotStarted(f"{exercise.id} is not started: {remedy}")
    return read_copy(path, work)


def read_copy(path: Path, work: Path) -> str:
    """Return the text of a file of the learner's. Raises `BrokenCopy` for what is no solution."""
    if not path.resolve().is_relative_to(work.resolve()):
        raise BrokenCopy(f"{shown(path)} is a link to another place; put the file itself there")
    if path.stat().st_size > SIZE_BYTES_MAX:
        raise BrokenCopy(
            f"{shown(path)} has over {SIZE_BYTES_MAX:,} bytes: no solution is that long"
        )
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        remedy = "save it as UTF-8"
        raise BrokenCopy(f"{shown(path)} is not UTF-8 text ({error.reason}); {remedy}") from None
    except OSError as error:
        raise BrokenCopy(f"{shown(path)} cannot be read: {error.strerror}") from None


def submitted(exercise: Exercise, catalogue: Catalogue, work: Path) -> dict[str, str]:
    """Return the learner's modules, ready to be checked.

    Where another exercise of the same module is not written yet, ours stands in for it, below the
    learner's last line, so that line numbers stay theirs.
    """
    if not _is_begun(exercise, work):
        raise StillOurs(f"{exercise.id} is not started: `kit start {exercise.id}` begins it")
    return {
        module: _completed(exercise, catalogue, module, reference, work)
        for module, reference in exercise.reference().items()
    }


def reset(
    exercise: Exercise, catalogue: Catalogue, work: Path, *, whole_file: bool = False
) -> list[Path]:
    """Empty the exercise's functions again, and only those; return the backups that were made.

    With `whole_file` the module becomes a starter again, for each of its exercises that is begun.
    """
    backups = []
    for module, reference in exercise.reference().items():
        path = work / exercise.path_of(module)
        starter = starter_of(exercise, module, reference)
        others = [each for each in catalogue.sharing(module) if each != exercise and path.is_file()]
        if whole_file:
            text = starter
            for other in (each for each in others if Progress.load(work).of(each.id).begun):
                text = starter_of(other, module, text)
        else:
            text = _emptied(exercise, module, starter, others, work)
        if path.is_file():
            backups.append(back_up(path, work))
        write(path, text)
    return backups


def difference(exercise: Exercise, work: Path) -> list[str]:
    """Return the unified diff from the learner's functions to ours, without line ends."""
    lines: list[str] = []
    for module, reference in exercise.reference().items():
        path = work / exercise.path_of(module)
        mine, ours = Source(read(exercise, module, work), shown(path)), Source(reference, module)
        for name in exercise.names_in(module):
            lines += difflib.unified_diff(
                mine.text_of(name).splitlines(),
                ours.text_of(name).splitlines(),
                f"{shown(path)} {name}",
                f"ours {name}",
                lineterm="",
                n=100,
            )
    return lines


def solution(exercise: Exercise) -> list[tuple[str, str]]:
    """Return our functions: (file, text) of each hole, then of each helper that was left out."""
    texts: Mapping[str, str] = exercise.reference()
    return [
        (
            str(exercise.path_of(hole.module)),
            Source(texts[hole.module], hole.file).text_of(hole.name),
        )
        for hole in (*exercise.holes, *exercise.drops)
    ]


def _started(exercise: Exercise, module: str, reference: str, work: Path) -> str:
    path = work / exercise.path_of(module)
    if not path.is_file():
        return starter_of(exercise, module, reference)
    mine = Source(read(exercise, module, work), shown(path))
    ours = Source(reference, module)
    untouched = []
    for name in exercise.names_in(module):
        if not mine.has(name):
            remedy = f"`kit reset {exercise.id}` brings it back"
            raise BrokenCopy(f"{shown(path)} has no function {name} any more: {remedy}")
        is_ours = same_code(mine.find(name).node, ours.find(name).node)
        if is_ours and not _is_on_record(exercise, work):
            untouched.append(name)
    text = punch(mine.text, untouched, exercise.id, file=shown(path)) if untouched else mine.text
    helpers = exercise.dropped_from(module) if untouched else []
    return _without_idle_helpers(text, ours, helpers, exercise, shown(path))


def _without_idle_helpers(
    text: str, ours: Source, helpers: list[str], exercise: Exercise, file: str
) -> str:
    """Drop the helpers that are still ours and that nothing in the learner's copy calls."""
    for name in helpers:
        mine = Source(text, file)
        if not mine.has(name) or not same_code(mine.find(name).node, ours.find(name).node):
            continue
        without = punch(text, [], exercise.id, file=file, drop=[name])
        if name.rpartition(".")[2] not in names_used(Source(without, file).tree):
            text = without
    return text


def _is_begun(exercise: Exercise, work: Path) -> bool:
    """Whether the exercise was started, or any of its functions is no longer ours.

    A copy that another exercise put there still has our code for this one: that earns nothing.
    """
    if _is_on_record(exercise, work):
        return True
    references = exercise.reference()
    for hole in exercise.holes:
        mine = Source(read(exercise, hole.module, work), shown(work / hole.file))
        ours = Source(references[hole.module], hole.file).find(hole.name)
        if not mine.has(hole.name) or not same_code(mine.find(hole.name).node, ours.node):
            return True
    return False


def _is_on_record(exercise: Exercise, work: Path) -> bool:
    """Whether it was begun: from then on its functions are the learner's, whatever they say."""
    try:
        return Progress.read(work).of(exercise.id).begun
    except UNREADABLE:
        return False


def _completed(
    exercise: Exercise, catalogue: Catalogue, module: str, reference: str, work: Path
) -> str:
    others = [each for each in catalogue.sharing(module) if each != exercise]
    mine = Source(read(exercise, module, work), shown(work / exercise.path_of(module)))
    return completed(mine, Source(reference, module), module, others)


def _emptied(
    exercise: Exercise, module: str, starter: str, others: list[Exercise], work: Path
) -> str:
    """Return the learner's module with this exercise's functions as the starter has them."""
    path = work / exercise.path_of(module)
    if not path.is_file():
        return starter
    try:
        mine = Source(read(exercise, module, work), shown(path))
    except BrokenCopy as error:
        if not others:
            return starter
        remedy = f"mend that, or `kit reset {exercise.id} --whole-file` (a backup is kept)"
        raise BrokenCopy(f"{error}; {remedy}") from None
    empty = Source(starter, module)
    for name in exercise.names_in(module):
        mine = _with_function(mine, name, empty.text_of(name))
    return punch(mine.text, [], exercise.id, file=shown(path))


def _with_function(mine: Source, name: str, text: str) -> Source:
    """Put `text` where the function is, or at the end of its class, or of the module."""
    if mine.has(name):
        place = mine.find(name)
        return mine.replaced(place.first, place.end, text)
    if "." not in name:
        return mine.replaced(len(mine.lines), len(mine.lines), "\n\n" + text)
    end = mine.class_end(name)
    if end is None:
        raise BrokenCopy(f"{mine.file} has no class {name.rpartition('.')[0]} to put {name} into")
    return mine.replaced(end, end, "\n" + text)
