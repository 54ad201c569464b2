"""What a benchmark says: ratios, figures, what could not be measured, and whether the goals hold.

Goals are written down beforehand, so that a result cannot choose its own. Page: docs/s3/speed.md
"""

from dataclasses import dataclass
from typing import TypeAlias

from chapters.measure.ratio import Ratio

MODE = "fsync, group commit"  # what "stored" means here: on disk before the answer
GOALS = {  # (cell, peer): how many times as fast this store wants to be
    ("GET 4 KiB, 1 client", "moto"): 8.0,
    ("GET 4 KiB, 8 clients", "moto"): 8.0,
    ("GET 4 KiB, 1 client", "ministack"): 2.0,
    ("GET 4 KiB, 8 clients", "ministack"): 2.0,
    ("PUT 4 KiB, 1 client", "moto"): 3.0,
    ("PUT 4 KiB, 8 clients", "moto"): 3.0,
    ("PUT 4 KiB, 32 clients", "moto"): 3.0,
    ("LIST 1000, 1 client", "moto"): 30.0,
    ("PUT 64 MiB at 4+2 over six nodes", "moto"): 1.0,
    ("a page of 1,000 keys among many", "among 10,000"): 0.8,
}
LIMITS = {  # figure: its greatest value
    "answers 5xx at 32 clients": 0.0,
    "peak memory of a process, 5 GiB put and got": 150.0,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is no ratio."""

    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.name}: {self.value:,.0f} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Missing:
    """What was not measured, and what to do about it."""

    name: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: not measured; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a goal holds."""

    goal: str
    holds: bool

    def __str__(self) -> str:
        return f"    goal, {self.goal}: {'holds' if self.holds else 'DOES NOT HOLD'}"

    @classmethod
    def of(cls, found: "Finding") -> "Verdict | None":
        """Return the verdict on a finding that has a goal."""
        if isinstance(found, Ratio):
            wanted = GOALS.get((found.name.removesuffix(f" ({MODE})"), found.baseline))
            return (wanted and cls(f"at least {wanted:g}×", found.ratio >= wanted)) or None
        if isinstance(found, Figure) and found.name in LIMITS:
            limit = LIMITS[found.name]
            return cls(f"at most {limit:g} {found.unit}".rstrip(), found.value <= limit)
        return None


Finding: TypeAlias = Ratio | Figure | Missing | Verdict
