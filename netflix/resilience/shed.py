"""Whom to refuse first, when somebody must be: by what it is for, and by how full we are.

    priority   0    50   90 100        lets in priority p while  p ≤ 100 × (1 − x³)
    x = 0.45   ✔    ✔    ✔             x: in flight with this one, as a share of the limit
    x = 0.75   ✔    ✔
    x = 0.99   ✔
    x = 1

Invariant: while anything is let in, whatever is more important is let in too. A cubic curve does nothing
for long, and then a lot: half full, nearly nine tenths of the priorities are still served.
Source: Netflix, "Keeping Netflix Reliable Using Prioritized Load Shedding", 2020, and "Enhancing Netflix
Reliability with Service-Level Prioritized Load Shedding", 2024. Page: docs/netflix/shedding.md
"""

from enum import IntEnum

from netflix.errors import Refused
from netflix.resilience.limits import Limiter

SCALE = 100
RETRY_AFTER_S = 2


class Priority(IntEnum):
    """What a request is for: the lower, the later it is refused."""

    PLAY = 0  # somebody pressed play, or is watching
    BROWSE = 40  # somebody looks at a page
    REPORT = 70  # it may come later
    PREFETCH = 85  # nobody has asked for it


def threshold(x: float) -> float:
    """Return the highest priority that is let in when a service is that full; x from 0 to 1."""
    return SCALE * (1 - min(1.0, max(0.0, x)) ** 3)


def admits(priority: int, in_flight: int, limit: int) -> bool:
    """Return whether a request is let in, with so many in flight of so many: by how full it would be then.

    So the last places are for the most important alone, however small the limit is.
    """
    return in_flight < limit and priority <= threshold((in_flight + 1) / limit)


class Gate:
    """A limiter that knows what requests are for."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self.let_in: dict[int, int] = {}
        self.shed: dict[int, int] = {}

    def enter(self, priority: int) -> int:
        """Let a request in; return what `limiter.leave` is to be told. Raises `Refused` with 503."""
        limiter = self.limiter
        is_in = admits(priority, limiter.in_flight, limiter.limit)
        counts = self.let_in if is_in else self.shed
        counts[priority] = counts.get(priority, 0) + 1
        if not is_in:
            raise Refused(503, f"too much at once; try again in {RETRY_AFTER_S} s")
        return limiter.enter()
