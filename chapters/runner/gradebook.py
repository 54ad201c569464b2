"""What a class earned, as facts, and as the two files that others read: CSV and Gradescope's.

    GradeBook ── Row (a submission) ── Mark (an exercise) ── StageMark (a stage of its checks)

Both files appear whole or not at all. Source: Gradescope's autograder specification, output format.
Page: docs/how-it-works.md
"""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chapters.runner.workplace import write

OUTPUT_CHARS_MAX = 10_000
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class StageMark:
    """One stage: "passed", "failed" or "not run", and in `output` why, for the learner."""

    title: str
    status: str
    output: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one submission earned with one exercise: an equal share of its points for each stage.

    `note` says what kept it from being checked at all; `attempts` what it tried beyond answering.
    """

    exercise: str
    points: int
    stages: tuple[StageMark, ...] = ()
    note: str = ""
    attempts: tuple[str, ...] = ()

    @property
    def earned(self) -> float:
        """The points, to the hundredth."""
        passed = sum(stage.status == "passed" for stage in self.stages)
        return round(self.points * passed / len(self.stages), 2) if self.stages else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One submission, named after its folder."""

    submission: str
    marks: tuple[Mark, ...]
    seconds: float = 0.0

    @property
    def total(self) -> float:
        """The points of all exercises."""
        return round(sum(mark.earned for mark in self.marks), 2)

    @property
    def attempts(self) -> tuple[str, ...]:
        """What the submission tried beyond answering, each thing once."""
        return tuple(dict.fromkeys(each for mark in self.marks for each in mark.attempts))

    @property
    def notes(self) -> str:
        """Why exercises were not checked, in one line."""
        return "; ".join(f"{mark.exercise}: {mark.note}" for mark in self.marks if mark.note)


@dataclass(frozen=True, slots=True)
class GradeBook:
    """All submissions; `seed` and `isolation` are what it takes to grade them again, alike."""

    seed: int
    isolation: str
    exercises: tuple[str, ...]
    points: int
    rows: tuple[Row, ...]

    @property
    def attempted(self) -> tuple[Row, ...]:
        """The submissions that tried to leave their box."""
        return tuple(row for row in self.rows if row.attempts)

    def csv(self) -> str:
        """Return the grades as CSV: a row per submission, a column per exercise."""
        target = io.StringIO()
        table = csv.writer(target, lineterminator="\n")
        ends = ("total", "of", "attempts to leave the box", "notes", "seed", "isolation")
        table.writerow(["submission", *self.exercises, *ends])
        for row in self.rows:
            earned = {mark.exercise: mark.earned for mark in row.marks}
            cells = [earned[name] for name in self.exercises]
            words = [text(row.submission), text("; ".join(row.attempts)), text(row.notes)]
            table.writerow(
                [words[0], *cells, row.total, self.points, *words[1:], self.seed, self.isolation]
            )
        return target.getvalue()

    def write_csv(self, path: Path) -> None:
        """Write the CSV. Raises `NotWritten`."""
        write(path, self.csv(), remedy="choose another place with --out")

    def write_results(self, folder: Path) -> list[Path]:
        """Write `folder/<submission>/results.json` for each; return them. Raises `NotWritten`."""
        paths = []
        for row in self.rows:
            paths.append(folder / row.submission / "results.json")
            results = json.dumps(gradescope(self, row), indent=2) + "\n"
            write(paths[-1], results, remedy="choose another place with --results")
        return paths


def gradescope(book: GradeBook, row: Row) -> dict[str, Any]:
    """Return one submission's results in Gradescope's format."""
    return {
        "score": row.total,
        "execution_time": round(row.seconds, 2),
        "output": row.notes[:OUTPUT_CHARS_MAX],
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [test for mark in row.marks for test in tests_of(mark)],
        "extra_data": {
            "seed": book.seed,
            "isolation": book.isolation,
            "attempts_to_leave_the_box": list(row.attempts),
        },
    }


def tests_of(mark: Mark) -> Iterable[dict[str, Any]]:
    """Yield one test per stage; for an exercise that could not be checked, the one that says so."""
    stages = mark.stages or (StageMark("could be checked", "failed", mark.note),)
    share = mark.points / len(stages)
    for number, stage in enumerate(stages, 1):
        yield {
            "name": f"{mark.exercise}: {stage.title}",
            "number": f"{number}",
            "score": round(share, 4) if stage.status == "passed" else 0,
            "max_score": round(share, 4),
            "status": "passed" if stage.status == "passed" else "failed",
            "output": stage.output[:OUTPUT_CHARS_MAX],
            "output_format": "text",
            "visibility": "visible",
        }


def text(said: str) -> str:
    """Return `said` as a cell that no spreadsheet takes for a formula, and every file can hold."""
    plain = said.encode(errors="backslashreplace").decode().replace("\n", " ")
    return f"'{plain}" if plain.startswith(FORMULA_MARKS) else plain
