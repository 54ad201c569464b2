"""An exercise's stages in the order in which they are checked, from the checks.py beside the code.

Page: docs/how-it-works.md
"""

import importlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from chapters.checking import Case, Stage
from chapters.errors import KitError
from chapters.runner.catalogue import Exercise
from chapters.runner.errors import BrokenCourse

CASES_MAX = 100  # a stage shows a rule; it is no load test


@dataclass(frozen=True, slots=True)
class Step:
    """One stage in its place: `key` is its number as text, or `then` for a system's own stage."""

    exercise_id: str
    key: str
    stage: Stage
    needs: tuple[str, ...]

    @property
    def is_own(self) -> bool:
        """Whether it is the exercise's own stage, not that of a system which uses the code."""
        return self.key.isdecimal()

    def __str__(self) -> str:
        return f"{self.exercise_id} stage {self.key} ({self.stage.title})"


def steps_of(exercise: Exercise) -> Iterator[Step]:
    """Yield the exercise's own stages, then one per system that uses the code."""
    own = _checks_of(exercise.package).STAGES.get(exercise.name, [])
    if not own:
        raise BrokenCourse(f"{exercise.package}.checks has no stages for {exercise.name}")
    for number, stage in enumerate(own, 1):
        yield Step(
            exercise.id, str(number), stage, tuple(str(each) for each in stage.requires(number))
        )
    for system in exercise.then:
        needs = tuple(str(number) for number in range(1, len(own) + 1))
        key = "then" if len(exercise.then) == 1 else f"then {system}"
        yield Step(exercise.id, key, _checks_of(system).SYSTEM, needs)


def _checks_of(package: str) -> Any:
    name = f"{package}.checks"
    try:
        module: ModuleType = importlib.import_module(name)
    except KitError:
        raise
    except Exception as error:
        raise BrokenCourse(f"{name} does not import: {type(error).__name__}: {error}") from error
    return module


def cases_of(step: Step, seed: int) -> list[Case]:
    """Return the stage's cases: the same for the same seed, whatever other stages draw."""
    rng = random.Random(f"{step.exercise_id} {step.key} {seed}")
    found = [tuple(each) for each in step.stage.cases(rng)]
    if not 0 < len(found) <= CASES_MAX:
        raise BrokenCourse(f"{step} has {len(found)} cases, not 1 to {CASES_MAX}")
    return found
