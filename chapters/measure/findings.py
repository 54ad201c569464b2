"""What a benchmark says: ratios (chapters/measure), figures with their goals, and what is missing.

Page: docs/chapters/measure.md
"""

from dataclasses import dataclass
from typing import TypeAlias

from chapters.measure.ratio import Ratio


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is no ratio of times; `most` and `least` are its goal, written down beforehand."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool:
        """Return whether the goal is reached; true without one."""
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )

    def __str__(self) -> str:
        said = f"{self.name}: {self.value:.4g} {self.unit}".rstrip()
        goals = [f"at most {self.most:g}"] if self.most is not None else []
        goals += [f"at least {self.least:g}"] if self.least is not None else []
        return (
            f"{said}   (goal: {' and '.join(goals)}; {'holds' if self.holds else 'MISSED'})"
            if goals
            else said
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """What was not measured, and what to do about it."""

    name: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: not measured; {self.remedy}"


Finding: TypeAlias = Ratio | Figure | Missing
