"""What a check found, as facts; and the same in the shape of Exercism's test runners, version 3.

Source: exercism/docs, building/tooling/test-runners/interface.md. Page: docs/how-it-works.md
"""

from dataclasses import dataclass
from typing import Any, Literal

MESSAGE_CHARS_MAX = 65_535  # Exercism's own bound
OUTPUT_CHARS_MAX = 500  # likewise


@dataclass(frozen=True, slots=True)
class Failure:
    """One case that went wrong: the call, what came back, what was expected, what it looks like."""

    case: str
    kind: str
    call: str
    got: str
    expected: str
    explanation: str
    looks_like: str
    printed: str

    @property
    def text(self) -> str:
        """What there is to say: the author's explanation, or call, answer and expectation."""
        if self.kind == "unsolved":
            return f"not written yet: {self.got}"
        said = self.explanation or "\n".join(
            (
                self.call,
                f"{VERBS.get(self.kind, self.kind):9} {self.got}",
                f"expected  {self.expected}",
            )
        )
        return said + (f"\nLooks like: {self.looks_like}" if self.looks_like else "")


VERBS = {"wrong": "returned", "unsolved": "unsolved"}


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage: passed, failed at its first wrong case, or not run since another failed."""

    key: str
    title: str
    status: Literal["passed", "failed", "not run"]
    summary: str = ""
    failure: Failure | None = None
    waits_for: str = ""

    @property
    def passed(self) -> bool:
        """Whether every case of the stage was right."""
        return self.status == "passed"

    @property
    def why_not_run(self) -> str:
        """What it waits for, in words; empty for a stage that was run."""
        return f"not run: needs stage {self.waits_for}" if self.waits_for else ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All stages of one exercise, checked with one seed."""

    exercise_id: str
    seed: int
    stages: tuple[StageResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every stage passed."""
        return all(stage.passed for stage in self.stages)

    @property
    def failure(self) -> Failure | None:
        """The first failure, if there is one."""
        return next((stage.failure for stage in self.stages if stage.failure), None)

    @property
    def unsolved(self) -> bool:
        """Whether the code ran into a hole that is still to be written."""
        return self.failure is not None and self.failure.kind == "unsolved"


def exercism(report: CheckReport) -> dict[str, Any]:
    """Return the report in Exercism's results version 3."""
    tests = [_test(number, stage) for number, stage in enumerate(report.stages, 1)]
    return {
        "version": 3,
        "status": "pass" if report.passed else "fail",
        "message": None,
        "tests": tests,
    }


def exercism_error(message: str) -> dict[str, Any]:
    """Return the results when nothing could be run at all."""
    return {"version": 3, "status": "error", "message": message, "tests": []}


def _test(number: int, stage: StageResult) -> dict[str, Any]:
    status = {"passed": "pass", "failed": "fail", "not run": "error"}[stage.status]
    failure = stage.failure
    message = failure.text if failure else stage.why_not_run
    return {
        "name": stage.title,
        "status": status,
        "message": message[:MESSAGE_CHARS_MAX] if message else None,
        "output": failure.printed[:OUTPUT_CHARS_MAX] if failure and failure.printed else None,
        "test_code": failure.call if failure else stage.title,
        "task_id": number,
    }
