"""How many requests at once? Not a number in a file: measured, from how long they take.

    in flight   ≤ what can be worked on: each takes its time           limit: up
                >  that: the others wait, and all take longer          limit: down

Both rules compare a request's time with that of an idle service. Vegas counts how many must be waiting,
limit × (1 − idle / now); Gradient multiplies the limit by usual / now. Invariants: the limit stays
between LIMIT_MIN and LIMIT_MAX; while less than half of it is used it does not grow, since nothing was
learnt; a request that was dropped lowers it, and its time, which is short, is not taken for a fast
answer.

Sources: Brakmo & Peterson, "TCP Vegas", 1995; Netflix, "Performance Under Load", 2018, and its library
concurrency-limits. Page: docs/netflix/limits.md
"""

from dataclasses import dataclass
from math import ceil, log10, sqrt
from typing import Protocol

from chapters.sim.clock import Clock
from chapters.sim.errors import at_least

LIMIT_MIN, LIMIT_MAX = 4, 1_000
LIMIT_FIRST = 50
WINDOW = (
    200  # requests that are judged together: the mean of fewer is noise, and its minimum more so
)
FORGET = 300  # windows, after which the idle time is looked for anew, with half the limit: services change
TOLERANCE = 1.5  # Gradient: by how much longer than usual is still usual
SMOOTHING = 0.2
LONG = 600  # windows over which Gradient takes its mean


@dataclass(frozen=True, slots=True)
class Sample:
    """A window of requests: their mean time, the most that were in flight, and whether one was dropped."""

    took_ns: float
    in_flight: int
    is_dropped: bool = False


class Limit(Protocol):
    """What decides how many may be in flight."""

    @property
    def limit(self) -> int:
        """Return how many may be in flight."""

    def update(self, sample: Sample) -> None:
        """Learn from a window."""


class Fixed:
    """A number that somebody chose: with one for each dependency, this is a bulkhead."""

    def __init__(self, limit: int) -> None:
        at_least(1, limit=limit)
        self.limit = limit

    def update(self, sample: Sample) -> None:
        """Learn nothing."""


class Vegas:
    """Holds a few requests in the queue: enough to see that there is one, too few to feel it."""

    def __init__(self, limit: int = LIMIT_FIRST) -> None:
        self.limit = limit
        self._idle_ns = float("inf")
        self._windows = 0

    def update(self, sample: Sample) -> None:
        """Learn from a window."""
        self._windows += 1
        if self._windows % FORGET == 0:
            self._idle_ns = float("inf")
            self._set(self.limit // 2)
            return
        step = max(1, int(log10(self.limit)))
        if sample.is_dropped:
            self._set(self.limit - step)
            return
        self._idle_ns = min(self._idle_ns, sample.took_ns)
        if 2 * sample.in_flight < self.limit:
            return
        waiting = ceil(self.limit * (1 - self._idle_ns / sample.took_ns))
        few, many = 3 * step, 6 * step
        if waiting <= step:
            self._set(self.limit + many)
        elif waiting < few:
            self._set(self.limit + step)
        elif waiting > many:
            self._set(self.limit - step)

    def _set(self, limit: int) -> None:
        self.limit = max(LIMIT_MIN, min(LIMIT_MAX, limit))


class Gradient:
    """Multiplies the limit by how much slower than usual it is, and adds a little, to find out."""

    def __init__(self, limit: int = LIMIT_FIRST) -> None:
        self._limit = float(limit)
        self._long_ns = 0.0

    @property
    def limit(self) -> int:
        """Return how many may be in flight."""
        return int(self._limit)

    def update(self, sample: Sample) -> None:
        """Learn from a window."""
        if sample.is_dropped:
            self._set(0.9 * self._limit)
            return
        self._long_ns += (sample.took_ns - self._long_ns) / (LONG if self._long_ns else 1)
        if self._long_ns > 2 * sample.took_ns:
            self._long_ns *= 0.95  # it was overloaded for long: what is usual was learnt then
        if 2 * sample.in_flight < self._limit:
            return
        gradient = max(0.5, min(1.0, TOLERANCE * self._long_ns / sample.took_ns))
        wanted = self._limit * gradient + sqrt(self._limit)
        self._set(self._limit + SMOOTHING * (wanted - self._limit))

    def _set(self, limit: float) -> None:
        self._limit = max(float(LIMIT_MIN), min(float(LIMIT_MAX), limit))


class Limiter:
    """Counts what is in flight, and lets the limit learn. Not safe for threads by itself."""

    def __init__(self, limit: Limit, *, clock: Clock) -> None:
        self._limit, self._clock = limit, clock
        self.in_flight = 0
        self._took_ns = self._count = self._most = 0

    @property
    def limit(self) -> int:
        """Return how many may be in flight now."""
        return self._limit.limit

    def enter(self) -> int:
        """Count one in; return when it began, in nanoseconds, which `leave` is to be told."""
        self.in_flight += 1
        self._most = max(self._most, self.in_flight)
        return self._clock.now_ns()

    def leave(self, began_ns: int, *, is_dropped: bool = False) -> None:
        """Count one out, and learn from how long it took, or from that it was dropped."""
        if is_dropped:
            self._limit.update(Sample(0, self._most, is_dropped=True))
        else:
            self._took_ns += self._clock.now_ns() - began_ns
            self._count += 1
        self.in_flight -= 1
        if self._count >= WINDOW:
            self._limit.update(Sample(self._took_ns / self._count, self._most))
            self._took_ns = self._count = 0
            self._most = self.in_flight
