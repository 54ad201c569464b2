"""For instructors: grade a folder of submissions.

Page: docs/how-it-works.md
"""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chapters.commands.mount import Commands
from chapters.commands.screen import (
    JSON_OPTION,
    WORKERS_OPTION,
    console,
    progress,
    say,
    say_json,
    table,
)

if TYPE_CHECKING:
    from chapters.runner.catalogue import Catalogue, Exercise
    from chapters.runner.gradebook import GradeBook

app = typer.Typer(cls=Commands, help="For instructors: grading.", no_args_is_help=True)


@app.callback()
def course() -> None:
    """For instructors: grading."""


@app.command(
    epilog="Example: kit course grade submissions/ --out grades.csv",
    help="Grade the work/ of every sub-folder, each in a box of its own.",
)
def grade(
    folder: Path = typer.Argument(..., metavar="FOLDER", help="One sub-folder per submission."),
    exercises: list[str] = typer.Option([], "--exercise", help="Only these; by default all."),
    out: Path = typer.Option(Path("grades.csv"), "--out", help="Where the CSV goes."),
    results: Path = typer.Option(
        None, "--results", help="Write Gradescope's results.json for each submission in here."
    ),
    seed: int = typer.Option(None, "--seed", min=0, help="Draw the cases of an earlier grading."),
    track: str = typer.Option("", "--track", help="Only those of one track of the syllabus."),
    workers: int = WORKERS_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Grade, write the files, and print a summary."""
    from dataclasses import asdict

    from chapters.batch import executor
    from chapters.runner import grading
    from chapters.runner.catalogue import Catalogue

    catalogue = Catalogue.load()
    chosen = _chosen(catalogue, exercises, track)
    count = len(grading.submissions(folder))
    with progress("grading", count, quiet=as_json) as told, executor(workers=workers) as crew:
        book = grading.grade(
            folder,
            chosen,
            seed=seed,
            executor=crew,
            on_done=lambda *_: told(),
            catalogue=catalogue,
        )
    book.write_csv(out)
    if results is not None:
        book.write_results(results)
    say_json(asdict(book)) if as_json else _summarise(book, out)


def _chosen(catalogue: "Catalogue", names: list[str], track: str) -> "list[Exercise]":
    """Return the exercises that are named, and those of the track; all when neither is given."""
    if not names and not track:
        return list(catalogue.exercises)
    chosen = [catalogue.exercise(name) for name in names]
    chosen += catalogue.track(track) if track else ()
    return list(dict.fromkeys(chosen))


def _summarise(book: "GradeBook", out: Path) -> None:
    from chapters.runner.workplace import shown

    rows = table("submission", "points", "of", "notes")
    for row in book.rows:
        notes = "; ".join(filter(None, (*row.attempts, row.notes)))
        rows.add_row(row.submission, f"{row.total:g}", str(book.points), notes)
    console().print(rows)
    count = len(book.rows)
    say(f"{count} submission{'s' * (count != 1)}, isolated by {book.isolation}, seed {book.seed}")
    if book.attempted:
        say(
            f"{len(book.attempted)} tried to leave their box, and scored what their code earned",
            hang=2,
        )
    say(f"written to {shown(out)}")
