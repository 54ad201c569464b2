"""Which is faster, and by how much: two pieces of code timed in turns, reported as one ratio.

A number of milliseconds is true of one machine on one afternoon. A ratio taken in one run, the two
sides alternating so that a neighbour's noise hits both, is a claim that others can check.
CPU time, not wall time; medians, not means; the spread is always shown.
Page: docs/chapters/measure.md
"""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from chapters.measure.errors import NothingMeasured
from chapters.sim.clock import spell
from chapters.sim.errors import at_least


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as fast `name` is as `baseline`; above 1 is faster."""

    name: str
    baseline: str
    name_ns: float
    baseline_ns: float
    ratio: float
    low: float
    high: float
    rounds: int
    clock: str = "CPU"

    def __str__(self) -> str:
        if self.ratio >= 1:
            return f"{self.name} is {self.ratio:.2f}× as fast as {self.baseline} ({self.facts})"
        return f"{self.name} takes {1 / self.ratio:.2f}× as long as {self.baseline} ({self.facts})"

    @property
    def facts(self) -> str:
        """Return spread, rounds and both times: what the sentence rests on."""
        return (
            f"ratio {self.low:.2f}–{self.high:.2f} over {self.rounds} rounds; {self.clock} "
            f"{spell(round(self.name_ns))} against {spell(round(self.baseline_ns))}"
        )


def compare(
    run: Callable[[], object],
    baseline: Callable[[], object],
    *,
    rounds: int = 7,
    names: tuple[str, str] | None = None,
    timer_ns: Callable[[], int] = time.process_time_ns,
    on_round: Callable[[int], None] | None = None,
) -> Ratio:
    """Return how many times as fast `run` is as `baseline`, from `rounds` alternating rounds.

    Each side goes first in every other round, so neither always inherits the other's warm caches.
    One round beforehand is not counted.
    """
    if rounds < 1:
        raise NothingMeasured(f"rounds is {rounds}; compare needs at least 1")
    _time(run, timer_ns), _time(baseline, timer_ns)
    ours: list[int] = []
    theirs: list[int] = []
    for index in range(rounds):
        sides = [(run, ours), (baseline, theirs)]
        for code, times in sides if index % 2 == 0 else reversed(sides):
            times.append(_time(code, timer_ns))
        if on_round is not None:
            on_round(index + 1)
    return _summary(ours, theirs, names or (_name(run), _name(baseline)))


def _summary(ours: list[int], theirs: list[int], names: tuple[str, str]) -> Ratio:
    each = sorted(their / our for our, their in zip(ours, theirs, strict=True))
    quartile = len(each) // 4
    our, their = median(ours), median(theirs)
    low, high = each[quartile], each[-1 - quartile]
    return Ratio(*names, our, their, their / our, low, high, len(ours))


def _time(code: Callable[[], object], timer_ns: Callable[[], int]) -> int:
    # What the other side left behind is collected on nobody's time. The collector rests meanwhile,
    # as in `timeit`: what it costs depends on all that the process holds, not on this code.
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        start_ns = timer_ns()
        code()
        return max(1, timer_ns() - start_ns)
    finally:
        if was_enabled:
            gc.enable()


def _name(code: Callable[[], object]) -> str:
    return getattr(code, "__name__", "it").removeprefix("_")


def demo(*, size: int = 20_000, rounds: int = 5) -> None:
    """Race three ways of asking `x in …`."""
    at_least(1, size=size, rounds=rounds)
    as_list, as_set = list(range(500)), set(range(500))
    asked = [(index * 7919) % 1000 for index in range(size)]
    print(
        compare(
            lambda: sum(each in as_set for each in asked),
            lambda: sum(each in as_list for each in asked),
            rounds=rounds,
            names=("a set of 500", "a list of 500"),
        )
    )
