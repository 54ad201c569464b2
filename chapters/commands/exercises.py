"""Exercises: start, hint, reset, solution, diff.

Page: docs/how-it-works.md
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from chapters.commands.chosen import EXERCISE, course
from chapters.commands.screen import console, next_commands, say

if TYPE_CHECKING:
    from chapters.runner.catalogue import Exercise
    from chapters.runner.copies import Task

app = typer.Typer()

NEXT = typer.Argument("", metavar="[EXERCISE]", help="The exercise; by default the next one.")
ANYWAY = typer.Option(False, "--anyway", help="Even though it is not solved yet.")


@app.command(
    epilog="Example: kit start log/torn-tail",
    help="Get an exercise: its module, with the function to write left out.",
)
def start(name: str = NEXT) -> None:
    """Write the starter into work/, and say what to do there."""
    from chapters.runner import copies
    from chapters.runner.course import following

    catalogue, progress = course()
    chosen = catalogue.exercise(name) if name else following(catalogue, progress)
    if chosen is None:
        say("Every exercise is solved.")
        next_commands(["kit list", "kit tour"])
        return
    tasks = copies.start(chosen, progress.work)
    progress.with_standing(chosen.id, replace(progress.of(chosen.id), begun=True)).save()
    _introduce(chosen, tasks)


@app.command(
    epilog="Example: kit hint log/torn-tail",
    help="Get the next hint: a nudge, a direction, nearly the code. They are counted.",
)
def hint(name: str = EXERCISE) -> None:
    """Print one more hint than last time."""
    from chapters.runner.course import meant

    catalogue, progress = course()
    exercise = meant(name, catalogue, progress)
    standing = progress.of(exercise.id)
    count = min(standing.hints + 1, len(exercise.hints))
    if count > standing.hints:
        progress.with_standing(exercise.id, replace(standing, hints=count)).save()
    say(f"{exercise.id}: hint {count} of {len(exercise.hints)}", "bold")
    say(exercise.hints[count - 1])
    more = count < len(exercise.hints)
    next_commands(["kit check", "kit hint" if more else "kit solution --anyway"])


@app.command(
    epilog="Example: kit reset log/torn-tail",
    help="Begin an exercise anew: only its own functions; a backup is kept.",
)
def reset(
    name: str = EXERCISE,
    whole_file: bool = typer.Option(False, "--whole-file", help="All of the file, not only those."),
) -> None:
    """Empty the exercise's functions again."""
    from chapters.runner import copies
    from chapters.runner.course import meant
    from chapters.runner.workplace import shown

    catalogue, progress = course()
    exercise = meant(name, catalogue, progress)
    backups = copies.reset(exercise, catalogue, progress.work, whole_file=whole_file)
    standing = replace(progress.of(exercise.id), begun=True, solved=False)
    progress.with_standing(exercise.id, standing).save()
    _introduce(exercise, copies.tasks(exercise, progress.work))
    for copy in backups:
        say(f"What was there before is kept as {shown(copy)}")


@app.command(
    epilog="Example: kit solution log/torn-tail --anyway",
    help="See our code, once yours passes.",
)
def solution(name: str = EXERCISE, anyway: bool = ANYWAY) -> None:
    """Print the reference functions."""
    from chapters.runner import copies

    exercise = _unlocked(name, anyway)
    for file, text in copies.solution(exercise):
        say(file, "bold")
        console().print(text, soft_wrap=True)


@app.command(
    epilog="Example: kit diff log/torn-tail",
    help="See your code beside ours, once yours passes.",
)
def diff(name: str = EXERCISE, anyway: bool = ANYWAY) -> None:
    """Print the difference from the learner's functions to ours."""
    from chapters.runner import copies
    from chapters.runner.course import opened

    exercise = _unlocked(name, anyway)
    colours = {"+": "green", "-": "red", "@": "dim"}
    lines = copies.difference(exercise, opened()[1].work)
    for line in lines:
        console().print(line, style=colours.get(line[:1], ""), soft_wrap=True)
    if not lines:
        say("Yours says the same as ours, word for word.")


def _unlocked(name: str, anyway: bool) -> "Exercise":
    """Return the exercise whose solution may be seen; having seen it unsolved is remembered."""
    from chapters.runner.course import meant, unlock

    catalogue, progress = course()
    exercise = meant(name, catalogue, progress)
    unlock(exercise, progress, anyway=anyway)
    standing = progress.of(exercise.id)
    if not standing.solved and not standing.peeked:
        progress.with_standing(exercise.id, replace(standing, peeked=True)).save()
    return exercise


def _introduce(exercise: "Exercise", tasks: "tuple[Task, ...]") -> None:
    from chapters.runner.workplace import shown

    say(f"{exercise.id}   {exercise.title}", "bold")
    say(exercise.brief)
    say()
    for task in tasks:
        state = f"about {task.lines} lines" if task.is_open else "has your code"
        say(f"{shown(task.path)} is yours: {task.name} (line {task.line}), {state}", hang=2)
    say(f"about {exercise.minutes} minutes")
    page = exercise.page.removeprefix("docs/").removesuffix(".md")
    say(f"Read: kit docs, at {page}   then: kit check · kit watch · kit hint", hang=6)
