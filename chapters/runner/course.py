"""The course as one learner meets it: the catalogue, their progress, and what comes next.

Page: docs/how-it-works.md
"""

from chapters.runner.catalogue import Catalogue, Exercise
from chapters.runner.errors import NotStarted, StillLocked
from chapters.runner.progress import Progress
from chapters.runner.workplace import work_folder


def opened() -> tuple[Catalogue, Progress]:
    """Return what is built, and how far the learner is."""
    return Catalogue.load(), Progress.load(work_folder())


def following(catalogue: Catalogue, progress: Progress) -> Exercise | None:
    """Return the exercise in hand, or the next one behind it that is not solved.

    After the last comes the first; None when all are solved.
    """
    names = [each.id for each in catalogue.exercises]
    start = names.index(progress.current) if progress.current in names else 0
    from_here = (*catalogue.exercises[start:], *catalogue.exercises[:start])
    return next((each for each in from_here if not progress.of(each.id).solved), None)


def meant(name: str, catalogue: Catalogue, progress: Progress) -> Exercise:
    """Return the exercise that the learner names, or the one in hand. Raises `NotStarted`."""
    name = name or progress.current
    if not name:
        first = following(catalogue, progress)
        remedy = f"kit start {first.id}" if first else "kit list"
        raise NotStarted(f"no exercise is begun: {remedy}")
    return catalogue.exercise(name)


def unlock(exercise: Exercise, progress: Progress, *, anyway: bool) -> None:
    """Raise `StillLocked` unless the exercise is solved, or the learner insists."""
    if not (progress.of(exercise.id).solved or anyway):
        remedy = "pass `kit check` first, or insist with --anyway"
        raise StillLocked(f"{exercise.id} is not solved yet: {remedy}")
