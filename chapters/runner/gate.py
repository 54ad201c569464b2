"""The gate that every exercise passes before a learner meets it: who checks the checks?

    reference              passes            20 seeds
    each hole alone        fails, Unsolved
    each mutant            fails, and is told its own sentence     20 seeds
    hints                  three or more, none twice, the last longer than the first
    starter                parses, and nothing in it calls what was left out

Page: docs/how-it-works.md
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chapters.errors import KitError
from chapters.runner.catalogue import Catalogue, Exercise
from chapters.runner.checks import Examiner
from chapters.runner.copies import starter_of
from chapters.runner.limits import Limits
from chapters.runner.overlay import ours_only
from chapters.runner.report import CheckReport
from chapters.runner.source import Source, names_used
from chapters.runner.starter import is_unsolved, punch
from chapters.runner.subject import Subject

SEEDS = 20
HINTS_MIN = 3
MUTANTS_MIN = 3
RUN_S_MAX = 5.0  # one run of an exercise's stages on our code, both sides of the box together
SLOW_SEEDS = 2  # a mutant that only ends by the clock is not awaited more often
LIMITS = Limits(cpu_s=600)  # one box answers for all seeds


@dataclass(frozen=True, slots=True)
class Finding:
    """What the gate found out about one exercise; without problems it may pass."""

    exercise_id: str
    stages: int
    mutants: int
    runs: int
    seconds: float
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


class Inspection:
    """One exercise at the gate: an examiner, and the problems found so far."""

    def __init__(self, exercise: Exercise, examiner: Examiner, seeds: Sequence[int]) -> None:
        self.exercise, self.examiner, self.seeds = exercise, examiner, seeds
        self.runs = 0

    def problems(self) -> Iterator[str]:
        """Yield what is wrong, cheapest first."""
        yield from paper_problems(self.exercise)
        yield from starter_problems(self.exercise)
        yield from self._reference_problems()
        yield from self._hole_problems()
        for number in range(len(self.exercise.mutants)):
            yield from self._mutant_problems(number)

    def _examine(self, subject: Subject, seed: int) -> CheckReport:
        self.runs += 1
        return self.examiner.examine(subject, seed=seed)

    def _reference_problems(self) -> Iterator[str]:
        subject = Subject(self.exercise.reference(), LIMITS)
        for seed in self.seeds:
            before = self._spent_s(subject)
            report = self._examine(subject, seed)
            if report.failure is not None:
                yield f"the reference fails at seed {seed}: {_line(report)}"
                break
            if self._spent_s(subject) - before > RUN_S_MAX:
                yield f"a run takes over {RUN_S_MAX:g} s at seed {seed}"
        subject.close()

    def _spent_s(self, subject: Subject) -> float:
        """Return how long all answers took so far: the subject's in its box, and ours here."""
        theirs = sum(answer.seconds for answer in subject.answers.values())
        return theirs + sum(self.examiner.seconds.values())

    def _hole_problems(self) -> Iterator[str]:
        texts = self.exercise.reference()
        for hole in self.exercise.holes:
            text = punch(texts[hole.module], [hole.name], self.exercise.id, file=hole.file)
            subject = Subject({**texts, hole.module: text}, LIMITS)
            report = self._examine(subject, self.seeds[0])
            subject.close()
            if not report.unsolved:
                yield f"without {hole} the checks do not end in Unsolved: {_line(report)}"

    def _mutant_problems(self, number: int) -> Iterator[str]:
        why, slow = self.exercise.mutants[number].why, 0
        for seed in self.seeds:
            failure = self._examine(self.examiner.suspect(number), seed).failure
            if failure is None:
                yield f"mutant {number + 1} ({why!r}) passes at seed {seed}"
                return
            if failure.looks_like != why:
                told = failure.looks_like or "nothing"
                yield f"mutant {number + 1} ({why!r}) is told {told!r} at seed {seed}"
                return
            slow += failure.kind == "timeout"
            if slow == SLOW_SEEDS:
                return


def inspect(exercise: Exercise, seeds: Sequence[int] = range(1, SEEDS + 1)) -> Finding:
    """Put one exercise through the gate."""
    started, problems, runs, stages = time.monotonic(), [], 0, 0
    try:
        with Examiner(exercise, LIMITS) as examiner:
            inspection = Inspection(exercise, examiner, seeds)
            problems = list(inspection.problems())
            runs, stages = inspection.runs, len(examiner.steps)
    except KitError as error:
        problems.append(str(error))
    seconds = time.monotonic() - started
    return Finding(exercise.id, stages, len(exercise.mutants), runs, seconds, tuple(problems))


def inspect_named(exercise_id: str) -> Finding:
    """Put the exercise of that id through the gate: the form that crosses to another process."""
    return inspect(Catalogue.load().exercise(exercise_id))


def run(
    exercises: Sequence[Exercise], *, workers: int, on_done: Callable[[Finding], None]
) -> list[Finding]:
    """Put all of them through the gate, `workers` at a time or on the cluster, as they come.

    Returns the findings in the order of the exercises.
    """
    from chapters.batch import executor

    def report(key: str, finding: Any) -> None:
        on_done(finding)

    names = [each.id for each in exercises]
    ours_only()
    with executor(workers=workers) as pool:
        return pool.map(inspect_named, names, key=str, on_done=report)


def paper_problems(exercise: Exercise) -> Iterator[str]:
    """Yield what is wrong with the words and numbers of the exercise."""
    if len(exercise.hints) < HINTS_MIN:
        yield f"{len(exercise.hints)} hints; three is the least"
    if not all(exercise.hints) or len(set(exercise.hints)) < len(exercise.hints):
        yield "a hint is empty, or there twice"
    elif exercise.hints and len(exercise.hints[-1]) < len(exercise.hints[0]):
        yield "the last hint, nearly the code, says less than the first"
    if len(exercise.mutants) < MUTANTS_MIN:
        yield f"{len(exercise.mutants)} mutants; three is the least"
    if len({each.why for each in exercise.mutants}) < len(exercise.mutants):
        yield "two mutants share a sentence"
    if not (exercise.minutes and exercise.points):
        yield f'chapters/syllabus.toml has no minutes and points for "{exercise.id}"'
    if not exercise.brief or not exercise.holes:
        yield "no brief, or no hole"


def starter_problems(exercise: Exercise) -> Iterator[str]:
    """Yield what would trip a learner in the starter itself."""
    for module, text in exercise.reference().items():
        starter = Source(starter_of(exercise, module, text), module)
        used = names_used(starter.tree)
        for name in exercise.names_in(module):
            if not is_unsolved(starter.find(name)):
                yield f"{module} {name} is not a hole in the starter"
        for name in exercise.dropped_from(module):
            if name.rpartition(".")[2] in used:
                yield f"{module} {name} is dropped, but the starter still uses it"


def _line(report: CheckReport) -> str:
    return report.failure.text.replace("\n", " · ") if report.failure else "they pass"
