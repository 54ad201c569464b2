"""Looking around: the bare command, the tour, the list, and one thing in full.

Page: docs/how-it-works.md
"""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer

from chapters.commands.chosen import course
from chapters.commands.running import demonstrated
from chapters.commands.screen import (
    JSON_OPTION,
    TOGETHER,
    console,
    next_commands,
    say,
    say_json,
    warn,
)
from chapters.errors import KitError

if TYPE_CHECKING:
    from chapters.runner.catalogue import Catalogue, Exercise, Unit
    from chapters.runner.progress import Progress, Standing

app = typer.Typer()

ID_COLUMNS = 37  # the longest name of an exercise, indented, with its mark
TITLE_COLUMNS_MIN = 39


def here() -> None:
    """Say where the learner is and what comes next; never fails, never blocks."""
    try:
        catalogue, progress = course()
    except KitError as error:
        warn(str(error))
        say("kit --help lists the commands.")
        return
    _greet(catalogue, progress)


def _greet(catalogue: "Catalogue", progress: "Progress") -> None:
    from chapters.runner.course import following

    exercises = catalogue.exercises
    solved = sum(progress.of(each.id).solved for each in exercises)
    say("System Design Kit: famous systems, small enough to read, real enough to use.", "bold")
    say(f"{solved} of {len(exercises)} exercises solved.")
    todo = following(catalogue, progress)
    if todo is None:
        next_commands(["kit tour", "kit list", "kit docs"])
    elif progress.of(todo.id).tries or progress.current == todo.id:
        say(f"You are at {todo.id}: {todo.title}.")
        next_commands(["kit check", "kit hint", "kit list", "kit docs"])
    else:
        next_commands(["kit tour", f"kit start {todo.id}", "kit list", "kit docs"])


@app.command(
    epilog="Example: kit tour exchange",
    help="See every system do its main job, in two minutes; or only one of them.",
)
def tour(
    system: str = typer.Argument("", help="Only this one."),
    skip: list[str] = typer.Option([], "--skip", help="Leave this one out."),
) -> None:
    """Run the opening of each system's article, live."""
    from chapters.commands.tracing import Reporter
    from chapters.runner.catalogue import Catalogue

    catalogue = Catalogue.load()
    left_out = {catalogue.system(name).name for name in skip}
    units = [catalogue.system(system)] if system else list(catalogue.systems)
    for unit in [each for each in units if each.name not in left_out]:
        story = import_module(f"{unit.package}.story")
        say()
        say(f"{story.TITLE}   {unit.name}", "bold")
        say(story.OPENING, "dim")
        say()
        report = Reporter()
        report.trace(story.tour(report))
        exercise = next(iter(catalogue.of(unit)), None)
        start = [f"kit start {exercise.id}"] if exercise else []
        next_commands([f"kit trace {unit.name}", f"kit break {unit.name}", *start, "kit docs"])


@app.command("list", epilog="Example: kit list --json", help="List chapters, systems, exercises.")
def list_(as_json: bool = JSON_OPTION) -> None:
    """Print everything that is built, with the learner's progress."""
    catalogue, progress = course()
    if as_json:
        say_json([_unit_facts(catalogue, progress, unit) for unit in catalogue.units])
        return
    for kind in ("chapter", "system"):
        for unit in (each for each in catalogue.units if each.kind == kind):
            say()
            say(
                f"{unit.name:11}  {unit.title}   ({kind}, {unit.minutes}{TOGETHER}min)",
                "bold",
                hang=13,
            )
            _lines(catalogue.of(unit), progress)
    next_commands(["kit show NAME", "kit run NAME", "kit start EXERCISE"])


@app.command(epilog="Example: kit show log/torn-tail", help="Show a chapter, system or exercise.")
def show(
    name: str = typer.Argument(..., help="As `kit list` names it."), as_json: bool = JSON_OPTION
) -> None:
    """Print one thing in full."""
    from chapters.runner.catalogue import Exercise

    catalogue, progress = course()
    found = catalogue.find(name)
    if isinstance(found, Exercise):
        facts = _exercise_facts(found, progress.of(found.id))
        say_json(facts) if as_json else _show_exercise(found, progress.of(found.id))
    elif as_json:
        say_json(_unit_facts(catalogue, progress, found))
    else:
        _show_unit(catalogue, progress, found)


def _lines(exercises: "Sequence[Exercise]", progress: "Progress") -> None:
    """Print exercises, titles in a column; below their names where that would be too narrow."""
    narrow = console().width < ID_COLUMNS + TITLE_COLUMNS_MIN
    for each in exercises:
        standing = progress.of(each.id)
        sign = {"solved": "✔", "begun": "…", "open": "·"}[standing.state]
        detail = f"{each.minutes}{TOGETHER}min" + (f", {standing.text}" if standing.text else "")
        name, title = f"{sign} {each.id}", f"{each.title} ({detail})"
        if narrow:
            say(name, indent=4)
            say(title, indent=6)
        else:
            say(name.ljust(ID_COLUMNS - 4) + title, indent=4, hang=ID_COLUMNS - 4)


def _show_exercise(exercise: "Exercise", standing: "Standing") -> None:
    say(f"{exercise.id}   {exercise.title}", "bold")
    say(exercise.brief)
    say()
    for hole in exercise.holes:
        say(f"to write   {hole}", hang=11)
    say(f"size       {exercise.minutes} minutes, {exercise.points} points")
    say(f"read       {exercise.page}")
    if exercise.then:
        say(f"then runs  {', '.join(exercise.then)}, on your code")
    say(
        f"progress   {standing.text or 'not begun'}; {standing.hints} of {len(exercise.hints)} hints seen"
    )
    next_commands([f"kit start {exercise.id}", "kit check", "kit watch", "kit hint"])


def _show_unit(catalogue: "Catalogue", progress: "Progress", unit: "Unit") -> None:
    say(f"{unit.name}   {unit.title}", "bold")
    say(f"{unit.kind}, {unit.minutes} minutes, in {unit.package.replace('.', '/')}/")
    if unit.needs:
        say(f"builds on {', '.join(unit.needs)}")
    if parts := demonstrated(unit):
        say(f"kit run   {', '.join(f'{unit.name}/{part}' for part in parts)}", hang=10)
    _lines(catalogue.of(unit), progress)
    verbs = ("trace", "break", "scale", "serve", "bench") if unit.kind == "system" else ()
    first = [f"kit start {each.id}" for each in catalogue.of(unit)[:1]]
    next_commands([*(f"kit {verb} {unit.name}" for verb in ("run", *verbs)), *first])


def _unit_facts(catalogue: "Catalogue", progress: "Progress", unit: "Unit") -> dict[str, Any]:
    exercises = [_exercise_facts(each, progress.of(each.id)) for each in catalogue.of(unit)]
    return {
        "kind": unit.kind,
        "name": unit.name,
        "title": unit.title,
        "minutes": unit.minutes,
        "needs": list(unit.needs),
        "demonstrated": demonstrated(unit),
        "exercises": exercises,
    }


def _exercise_facts(exercise: "Exercise", standing: "Standing") -> dict[str, Any]:
    return {
        "kind": "exercise",
        "id": exercise.id,
        "title": exercise.title,
        "brief": exercise.brief,
        "page": exercise.page,
        "holes": [str(each) for each in exercise.holes],
        "minutes": exercise.minutes,
        "points": exercise.points,
        "state": standing.state,
        "tries": standing.tries,
        "hints": standing.hints,
    }
