"""What an exercise checks: stages of cases, each driven twice, on the learner's code and on ours.

    cases(rng) ──► (arg, arg, …) ──► drive(*args)  on the learner's code, in a box    ──► got
                                └──► drive(*args)  on the reference, outside the box  ──► expected
    judge((arg, arg, …), got, expected) ──► right or wrong, decided outside the box

A `checks.py` beside the code holds `STAGES: dict[str, list[Stage]]`, keyed by the exercise's name,
and, in a system, `SYSTEM: Stage`. Arguments and answers are JSON, so nothing that the boxed process
says can score unless it is the right answer. Nothing heavy here: this module travels into the box.
Page: docs/how-it-works.md
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

JSON: TypeAlias = bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"] | None
Case: TypeAlias = tuple[JSON, ...]

Cases: TypeAlias = Callable[[Random], Iterable[Case]]
Drive: TypeAlias = Callable[..., JSON]
Judge: TypeAlias = Callable[[Case, JSON, JSON], bool]
Explain: TypeAlias = Callable[[Case, JSON, JSON], str]
Summary: TypeAlias = Callable[[Case, JSON], str]


def same(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether both answers are equal, as JSON (so a tuple equals a list)."""
    return got == expected


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of an exercise's checks: a rule in words, and the cases that show it.

    `cases` yields at most a dozen argument tuples, drawn from the seeded generator it is given.
    `drive` is a module-level function of checks.py that runs the production interface on them.
    `needs` numbers the stages (from 1) that must hold first; None means the one before.
    Without `explain`, the call, what came back and what was expected are printed.
    """

    title: str
    cases: Cases
    drive: Drive
    judge: Judge = same
    explain: Explain | None = None
    needs: tuple[int, ...] | None = None
    summary: Summary | None = None

    def requires(self, number: int) -> tuple[int, ...]:
        """Return the numbers of the stages that must hold before this, the `number`-th, runs."""
        if self.needs is not None:
            return self.needs
        return (number - 1,) if number > 1 else ()
