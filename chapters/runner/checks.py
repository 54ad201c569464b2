"""Checks: the learner's answers beside ours, case by case, and what the difference looks like.

    stage 3, case 2   ──►  the learner's code, boxed      60 @ 10.00 to B
                      ──►  ours, here                     60 @ 10.00 to A     ──► wrong
                      ──►  each mutant, boxed             60 @ 10.00 to B     ──► looks like it

Invariant: the verdict is made here, by comparing; a boxed process can only answer. The cases come
from the seed, so `--case 3.2 --seed 11` makes that one again. Page: docs/how-it-works.md
"""

import contextlib
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from chapters.checking import JSON, Case, Stage
from chapters.runner import mutants
from chapters.runner.box import Answer, Limits
from chapters.runner.catalogue import Exercise
from chapters.runner.errors import BrokenCourse, UnknownName, unknown
from chapters.runner.overlay import ours_only
from chapters.runner.report import CheckReport, Failure, StageResult
from chapters.runner.steps import Step, cases_of, steps_of
from chapters.runner.subject import Subject, alike, target

SPEED_S_MIN = 0.02  # below that, a comparison of speeds would be noise


def run_checks(
    exercise: Exercise,
    sources: Mapping[str, str],
    *,
    seed: int,
    case: str | None = None,
    limits: Limits | None = None,
    on_stage: Callable[[StageResult], None] | None = None,
) -> CheckReport:
    """Check one version of an exercise's modules (texts by dotted name) and return the report."""
    subject = Subject(sources, limits)
    try:
        with Examiner(exercise, limits) as examiner:
            return examiner.examine(subject, seed=seed, case=case, on_stage=on_stage)
    finally:
        subject.close()


class Examiner:
    """Examines many versions of one exercise's code; keeps our answers and the mutants' at hand."""

    def __init__(self, exercise: Exercise, limits: Limits | None = None) -> None:
        ours_only()
        self.exercise, self.limits = exercise, limits
        self.steps = list(steps_of(exercise))
        self.expected: dict[tuple[str, str], JSON] = {}
        self.seconds: dict[tuple[str, str], float] = {}
        self.suspects: dict[int, Subject] = {}

    def __enter__(self) -> "Examiner":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for subject in self.suspects.values():
            subject.close()

    def examine(
        self,
        subject: Subject,
        *,
        seed: int,
        case: str | None = None,
        on_stage: Callable[[StageResult], None] | None = None,
    ) -> CheckReport:
        """Return the report on that version: every stage whose needs are met, or one case only."""
        steps = self.steps if case is None else [self._step_of(case)]
        results: dict[str, StageResult] = {}
        for step in steps:
            lacking = [] if case else [each for each in step.needs if not results[each].passed]
            results[step.key] = (
                StageResult(step.key, step.stage.title, "not run", waits_for=lacking[0])
                if lacking
                else self._run(step, subject, seed, case)
            )
            if on_stage is not None:
                on_stage(results[step.key])
        return CheckReport(self.exercise.id, seed, tuple(results.values()))

    def suspect(self, number: int) -> Subject:
        """Return the code with the exercise's `number`-th mutant in it."""
        if number not in self.suspects:
            mutant = self.exercise.mutants[number]
            self.suspects[number] = Subject(mutants.sources(self.exercise, mutant), self.limits)
        return self.suspects[number]

    def expect(self, step: Step, args: Case) -> JSON:
        """Return our answer, made here from the production code."""
        question = (target(step.stage), json.dumps(args))
        if question not in self.expected:
            started = time.perf_counter()
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    value = step.stage.drive(*json.loads(question[1]))
                self.expected[question] = json.loads(json.dumps(value))
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                raise BrokenCourse(f"{step}: ours fails: {reason}") from error
            self.seconds[question] = time.perf_counter() - started
        return self.expected[question]

    def _run(self, step: Step, subject: Subject, seed: int, case: str | None) -> StageResult:
        every = list(enumerate(cases_of(step, seed), 1))
        chosen = [each for each in every if case is None or f"{step.key}.{each[0]}" == case]
        if not chosen:
            known = [f"{step.key}.{number}" for number, _ in every]
            raise unknown("case", str(case), known, f"there are {known[0]} to {known[-1]}")
        answers = []
        for number, args in chosen:
            answer = subject.answer(step.stage, args)
            answers.append((args, answer))
            if not self._right(step, args, answer):
                failure = self._failure(step, subject, seed, number, args, answer)
                return StageResult(step.key, step.stage.title, "failed", failure=failure)
        return StageResult(step.key, step.stage.title, "passed", self._summary(step, answers))

    def _right(self, step: Step, args: Case, answer: Answer) -> bool:
        if answer.kind != "returned":
            return False
        try:
            return step.stage.judge(args, answer.value, self.expect(step, args)) is True
        except Exception:  # an answer of the wrong shape may trip a judge: it is wrong, then
            return False

    def _summary(self, step: Step, answers: Sequence[tuple[Case, Answer]]) -> str:
        args, answer = answers[-1]
        text = step.stage.summary(args, answer.value) if step.stage.summary else ""
        ours = sum(self.seconds[target(step.stage), json.dumps(each)] for each, _ in answers)
        theirs = sum(answer.seconds for _, answer in answers)
        if text and ours > SPEED_S_MIN and theirs > 0:
            text += f", {ours / theirs:.2f}× our speed"
        return text

    def _failure(
        self, step: Step, subject: Subject, seed: int, number: int, args: Case, answer: Answer
    ) -> Failure:
        expected = self.expect(step, args)
        return Failure(
            case=f"{step.key}.{number}",
            kind="wrong" if answer.kind == "returned" else answer.kind,
            call=f"{step.stage.drive.__name__}({', '.join(_as_text(each) for each in args)})",
            got=_as_text(answer.value) if answer.kind == "returned" else answer.detail,
            expected=_as_text(expected),
            explanation=_explained(step.stage, args, answer, expected),
            looks_like=self._looks_like(step, subject, seed, args, answer),
            printed=answer.printed,
        )

    def _looks_like(
        self, step: Step, subject: Subject, seed: int, args: Case, answer: Answer
    ) -> str:
        """Return the sentence of the mutant that errs alike in all of this stage, and best elsewhere.

        One case alone would accuse too easily: many mistakes give the same wrong answer to it.
        """
        if answer.kind in ("unsolved", "timeout"):  # to compare endless loops would take for ever
            return ""
        suspects = [
            number
            for number in range(len(self.exercise.mutants))
            if alike(self.suspect(number).answer(step.stage, args), answer)
            and self._errs_alike(number, step, subject, seed)
        ]
        if len(suspects) > 1:
            suspects.sort(key=lambda number: -self._agreement(number, subject, seed))
        return self.exercise.mutants[suspects[0]].why if suspects else ""

    def _errs_alike(self, number: int, step: Step, subject: Subject, seed: int) -> bool:
        return all(
            alike(self.suspect(number).answer(step.stage, args), subject.answer(step.stage, args))
            for args in cases_of(step, seed)
        )

    def _agreement(self, number: int, subject: Subject, seed: int) -> int:
        """Count the cases of all the exercise's own stages on which both answer the same."""
        return sum(
            alike(self.suspect(number).answer(step.stage, args), subject.answer(step.stage, args))
            for step in self.steps
            if step.is_own
            for args in cases_of(step, seed)
        )

    def _step_of(self, case: str) -> Step:
        key, _, number = case.rpartition(".")
        for step in self.steps:
            if step.key == key and number.isdecimal():
                return step
        keys = ", ".join(f"{step.key}.1" for step in self.steps)
        raise UnknownName(f"{self.exercise.id} has no case {case!r}; its stages begin with {keys}")


def _explained(stage: Stage, args: Case, answer: Answer, expected: JSON) -> str:
    if stage.explain is None or answer.kind == "unsolved":
        return ""
    try:
        came_back = answer.value if answer.kind == "returned" else answer.detail
        return stage.explain(args, came_back, expected)
    except Exception:  # an answer of the wrong shape may trip it: the plain report is shown instead
        return ""


def _as_text(value: JSON) -> str:
    return (
        value if isinstance(value, str) and "\n" in value else json.dumps(value, ensure_ascii=False)
    )
