"""Grades for a whole class: every sub-folder's work/, in boxes, in parallel.

    folder/ada  ──►  one task  ──►  for each exercise: checks in a box  ──►  Row
    folder/bob  ──►  one task  ──►  …

A submission can lose its own points and nobody else's: whatever is wrong with it becomes a note and
a zero for that exercise. What is wrong with the machine or the course (no box opens, our own answer
fails) ends the run instead, since zeros for it would be unjust. Page: docs/how-it-works.md
"""

import functools
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chapters.batch import Executor, SerialExecutor
from chapters.errors import KitError, UsageError
from chapters.runner.answers import legible
from chapters.runner.box import Limits, NoBox, isolation_in_use, watching
from chapters.runner.catalogue import Catalogue, Exercise
from chapters.runner.checks import run_checks
from chapters.runner.copies import submitted
from chapters.runner.errors import BrokenCopy, BrokenCourse, NotStarted, StillOurs
from chapters.runner.gradebook import GradeBook, Mark, Row, StageMark
from chapters.runner.overlay import ours_only
from chapters.runner.report import CheckReport, StageResult

SEEDS = 1 << 31
NOTE_CHARS_MAX = 300
PROGRESS_BYTES_MAX = 1 << 16


@dataclass(frozen=True, slots=True)
class Job:
    """One submission and all that is needed to grade it, in whatever process."""

    submission: Path
    exercises: tuple[Exercise, ...]
    catalogue: Catalogue
    seed: int
    limits: Limits


def grade(
    folder: Path,
    exercises: Sequence[Exercise],
    *,
    seed: int | None = None,
    executor: Executor | None = None,
    on_done: Callable[[str, Row], None] | None = None,
    catalogue: Catalogue | None = None,
    limits: Limits | None = None,
) -> GradeBook:
    """Return the grades of every sub-folder of `folder`, in the order of their names.

    Without `seed` a secret one is drawn, the same for all, and kept in the book: with it, anyone
    can replay every case. `on_done(name, row)` hears of each submission as it is finished.
    Raises `UsageError` when there is nothing to grade.
    """
    ours_only()
    found = submissions(folder)
    if not found or not exercises:
        missing = "exercises to grade by" if found else f"folders in {folder}: one per submission"
        raise UsageError(f"there are no {missing}")
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    shared = (tuple(exercises), catalogue or Catalogue.load(), seed, limits or Limits())
    jobs = [Job(each, *shared) for each in found]
    rows = (executor or SerialExecutor()).map(grade_one, jobs, key=name_of, on_done=on_done)
    return GradeBook(
        seed=seed,
        isolation=str(isolation_in_use()),
        exercises=tuple(each.id for each in exercises),
        points=sum(each.points for each in exercises),
        rows=tuple(rows),
    )


def submissions(folder: Path) -> list[Path]:
    """Return the folders to grade. Raises `UsageError` for a folder that cannot be read."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(f"cannot read {folder}: {error.strerror}; name a folder") from None
    return [each for each in entries if each.is_dir() and not each.name.startswith(".")]


def name_of(job: Job) -> str:
    """Return what names the submission among all."""
    return plain_text(job.submission.name)


def grade_one(job: Job) -> Row:
    """Return one submission's marks, exercise by exercise."""
    began = time.monotonic()
    marks = tuple(mark(job, exercise) for exercise in job.exercises)
    return Row(name_of(job), marks, seconds=time.monotonic() - began)


def mark(job: Job, exercise: Exercise) -> Mark:
    """Return what the submission earned with one exercise; its own faults are notes."""
    zero = functools.partial(Mark, exercise.id, exercise.points)
    with watching() as attempts:
        try:
            work = work_of(job.submission)
            sources = submitted(exercise, job.catalogue, work)
            report = run_checks(exercise, sources, seed=job.seed, limits=job.limits)
        except (NoBox, BrokenCourse):
            raise
        except StillOurs:
            return zero(note="not submitted: it is our code, and its progress.toml knows no begin")
        except NotStarted:
            return zero(note="not submitted")
        except KitError as error:
            return zero(note=plain_text(str(error)), attempts=tuple(attempts))
        except Exception as error:  # its text tripped our tools: that is its own loss
            said = f"cannot be checked: {type(error).__name__}: {error}"
            return zero(note=plain_text(said), attempts=tuple(attempts))
    stages = tuple(stage_mark(each) for each in report.stages)
    return zero(stages=stages, note=what_stopped(report), attempts=tuple(attempts))


def what_stopped(report: CheckReport) -> str:
    """Return what kept the code from answering; empty for answers, right or wrong."""
    failure = report.failure
    if failure is None or failure.kind == "wrong":
        return ""
    return plain_text("not written yet" if failure.kind == "unsolved" else failure.got)


def plain_text(said: str) -> str:
    """Return what a submission is called, or said, as text that any file and terminal can hold."""
    return legible(said.encode(errors="backslashreplace"))[:NOTE_CHARS_MAX].replace("\n", " ")


def work_of(submission: Path) -> Path:
    """Return the submission's work/. Raises `NotStarted` without one, `BrokenCopy` for a link."""
    work = submission / "work"
    progress = work / "progress.toml"
    if not work.is_dir():
        raise NotStarted(f"{submission.name} has no work/")
    if any(each.is_symlink() for each in (submission, work, progress)):
        raise BrokenCopy(
            f"{submission.name} has a link to another place; put the file itself there"
        )
    if progress.is_file() and progress.stat().st_size > PROGRESS_BYTES_MAX:
        raise BrokenCopy(f"its progress.toml has over {PROGRESS_BYTES_MAX:,} bytes")
    return work


def stage_mark(stage: StageResult) -> StageMark:
    """Return one stage as the gradebook keeps it."""
    if stage.failure is not None:
        return StageMark(stage.title, stage.status, stage.failure.text)
    return StageMark(stage.title, stage.status, stage.summary or stage.why_not_run)
