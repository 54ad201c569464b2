"""`kit check` and `kit watch`: the stages, the verdict, the mistake it looks like.

Page: docs/how-it-works.md
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from chapters.commands.chosen import EXERCISE, course
from chapters.commands.screen import (
    JSON_OPTION,
    MARKS,
    SEED_OPTION,
    console,
    next_commands,
    say,
    say_json,
)
from chapters.commands.screen import progress as waiting
from chapters.errors import KitError

if TYPE_CHECKING:
    from chapters.runner.catalogue import Catalogue, Exercise
    from chapters.runner.progress import Progress
    from chapters.runner.report import CheckReport, StageResult

app = typer.Typer()


@app.command(
    epilog="Example: kit check log/torn-tail --case 3.2 --seed 11",
    help="Check your code: its own stages, then the system that runs on it.",
)
def check(
    name: str = EXERCISE,
    case: str = typer.Option("", "--case", help="Only this one, as a failure names it: 3.2."),
    seed: int = SEED_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Run the staged checks in a box; exit 1 unless all pass."""
    from chapters.runner.course import meant

    catalogue, progress = course()
    exercise = meant(name, catalogue, progress)
    check_once = _check_for_programs if as_json else _check
    if not check_once(exercise, catalogue, progress, seed, case):
        raise typer.Exit(1)


@app.command(
    epilog="Example: kit watch log/torn-tail",
    help="Check again whenever you save; q ends it.",
)
def watch(name: str = EXERCISE, seed: int = SEED_OPTION) -> None:
    """Re-check on every save until all stages pass."""
    from chapters.runner.course import meant, opened
    from chapters.runner.watch import keys
    from chapters.runner.watch import watch as watch_files

    catalogue, progress = course()
    exercise = meant(name, catalogue, progress)
    paths = [progress.work / exercise.path_of(module) for module in exercise.modules]

    def check_once() -> bool:
        screen = console()
        if screen.is_terminal:
            screen.clear()
        try:
            passed = _check(exercise, catalogue, opened()[1], seed, "")
        except KitError as error:
            passed = False
            say(str(error), "red")
        if not passed:
            say("\nwatching: save the file to check again, q to end", "dim")
        return passed

    with keys() as asked_to_end:
        if not watch_files(paths, check_once, asked_to_end=asked_to_end):
            say("ended; `kit check` checks once", "dim")


def _check_for_programs(
    exercise: "Exercise", catalogue: "Catalogue", progress: "Progress", seed: int, case: str
) -> bool:
    """Check once and print the results as Exercism's test runners do; return whether all passed."""
    from chapters.runner.errors import BrokenCopy
    from chapters.runner.report import exercism, exercism_error

    try:
        report, _ = _examined(exercise, catalogue, progress, seed, case)
    except BrokenCopy as error:
        say_json(exercism_error(str(error)))
        raise
    say_json(exercism(report))
    return report.passed


def _check(
    exercise: "Exercise", catalogue: "Catalogue", progress: "Progress", seed: int, case: str
) -> bool:
    """Check once, printing each stage as it ends; return whether all passed."""
    title = f"{exercise.id}   {exercise.title}"
    report, progress = _examined(exercise, catalogue, progress, seed, case, title)
    if report.failure is not None and not case:
        say(
            f"\nthis case only:  kit check {exercise.id} --case {report.failure.case} --seed {seed}"
        )
    if report.passed and not case:
        _celebrate(exercise, catalogue, progress)
    return report.passed


def _examined(
    exercise: "Exercise",
    catalogue: "Catalogue",
    progress: "Progress",
    seed: int,
    case: str,
    title: str = "",
) -> "tuple[CheckReport, Progress]":
    """Examine the learner's copy, and count the try; with a `title`, print each stage as it ends.

    A single case counts for nothing.
    """
    from chapters.runner.checks import run_checks
    from chapters.runner.copies import submitted

    sources, on_stage = submitted(exercise, catalogue, progress.work), None
    if title:
        say(title, "bold")
        on_stage = _say_stage
    with waiting("checking", quiet=not title):
        report = run_checks(exercise, sources, seed=seed, case=case or None, on_stage=on_stage)
    return report, progress if case else _remember(exercise, progress, report)


def _say_stage(stage: "StageResult") -> None:
    mark, colour = MARKS[stage.status]
    key = f"stage {stage.key}" if stage.key.isdecimal() else stage.key
    text = stage.summary or stage.title
    if stage.why_not_run:
        text += f"   ({stage.why_not_run})"
    say(f"{mark} {key:8} {text}", colour, hang=11)
    if stage.failure is not None:
        say(stage.failure.text, indent=6, hang=2)
        if stage.failure.printed:
            say(f"printed:\n{stage.failure.printed.rstrip()}", "dim", indent=6)


def _remember(exercise: "Exercise", progress: "Progress", report: "CheckReport") -> "Progress":
    """Count the try, and the first success."""
    standing = progress.of(exercise.id)
    standing = replace(standing, begun=True, tries=standing.tries + 1)
    if report.passed and not standing.solved:
        standing = replace(standing, solved=True, solved_after=standing.tries)
    progress = progress.with_standing(exercise.id, standing)
    progress.save()
    return progress


def _celebrate(exercise: "Exercise", catalogue: "Catalogue", progress: "Progress") -> None:
    from chapters.runner.course import following

    text = progress.of(exercise.id).text
    upcoming = following(catalogue, progress)
    say()
    say(f"{text[0].upper()}{text[1:]}. Unlocked: kit solution, kit diff.", "green")
    nexts = [f"kit start {upcoming.id}"] if upcoming else ["kit list"]
    nexts += [f"kit trace {system} --mine" for system in exercise.then]
    nexts += [f"kit serve {system} --mine" for system in exercise.then]
    next_commands(nexts)
