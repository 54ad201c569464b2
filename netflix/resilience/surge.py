"""A service that has too much to do at once, before people who wait for a second and then give up.

    people ────┐                          ┌─► one of WORKERS
    prefetch ──┴─► gate ──► queue ──► ────┼─► …
                   │ refused, at once     └─► …

`none` lets everybody in; `limit` as many as a limit allows, whoever they are; `priorities` as many, but
people first.
Page: docs/netflix/resilience.md
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from chapters.sim.chance import Chance
from chapters.sim.clock import MS, S, VirtualClock
from chapters.sim.latency import LogNormal
from netflix.errors import Refused
from netflix.resilience.limits import Fixed, Gradient, Limit, Limiter, Vegas
from netflix.resilience.shed import Gate, Priority

Way = Literal["none", "limit", "priorities"]
WAYS: tuple[Way, ...] = ("none", "limit", "priorities")
LIMITS: dict[str, Callable[[], Limit]] = {
    "vegas": Vegas,
    "gradient": Gradient,
    "fixed": lambda: Fixed(60),
}

WORKERS = 40
WORK = LogNormal(30 * MS, 120 * MS)  # about 1,100 requests a second
PATIENCE_NS = 1 * S
PEOPLE_RATE, PREFETCH_RATE = 300.0, 150.0  # a second
SECONDS, SURGE_FROM_S, SURGE_TO_S = 40, 10, 30
QUEUE_MAX = 5_000


@dataclass(slots=True)
class Counts:
    """Second by second, by when they came: how many came, and how many were answered in time."""

    came: list[int] = field(default_factory=lambda: [0] * SECONDS)
    served: list[int] = field(default_factory=lambda: [0] * SECONDS)

    def availability(self, first: int = 0, last: int = SECONDS) -> float:
        """Return the share that was answered in time, of those that came from `first` to before `last`."""
        return sum(self.served[first:last]) / max(1, sum(self.came[first:last]))


@dataclass(slots=True)
class Request:
    """One request in the service."""

    priority: Priority
    came_ns: int
    began_ns: int = 0


class Surge:
    """A service, its people, and a prefetch that is suddenly `times` as much."""

    def __init__(self, way: Way, *, seed: int, times: float = 12.0, limit: str = "vegas") -> None:
        chance = Chance(seed)
        self.clock = VirtualClock()
        self._arrivals, self._work = chance.stream("arrivals"), chance.stream("work")
        self._way, self._times = way, times
        self.gate = Gate(Limiter(LIMITS[limit](), clock=self.clock))
        self._queue: deque[Request] = deque()
        self._idle = WORKERS
        self.counts = {each: Counts() for each in (Priority.PLAY, Priority.PREFETCH)}
        self.limits: list[int] = []

    def run(self) -> "Surge":
        """Let the whole time pass."""
        for priority in self.counts:
            self._arrive(priority)
        for second in range(SECONDS):
            self.clock.run((second + 1) * S)
            self.limits.append(self.gate.limiter.limit)
        self.clock.run((SECONDS + PATIENCE_NS // S) * S)
        return self

    def _arrive(self, priority: Priority) -> None:
        self.clock.call_later(
            round(self._arrivals.expovariate(self._rate(priority)) * S),
            lambda: self._came(priority),
        )

    def _rate(self, priority: Priority) -> float:
        if priority is Priority.PLAY:
            return PEOPLE_RATE
        is_surge = SURGE_FROM_S * S <= self.clock.now_ns() < SURGE_TO_S * S
        return PREFETCH_RATE * (self._times if is_surge else 1.0)

    def _came(self, priority: Priority) -> None:
        self._arrive(priority)
        now_ns = self.clock.now_ns()
        if now_ns < SECONDS * S:
            self.counts[priority].came[now_ns // S] += 1
            request = Request(priority, now_ns)
            if self._is_let_in(request) and len(self._queue) < QUEUE_MAX:
                self._queue.append(request)
                self._begin()

    def _is_let_in(self, request: Request) -> bool:
        if self._way == "none":
            return True
        try:
            priority = request.priority if self._way == "priorities" else Priority.PLAY
            request.began_ns = self.gate.enter(priority)
        except Refused:
            return False
        return True

    def _begin(self) -> None:
        while self._idle and self._queue:
            self._idle -= 1
            request = self._queue.popleft()
            self.clock.call_later(WORK(self._work), partial(self._done, request))

    def _done(self, request: Request) -> None:
        self._idle += 1
        if self._way != "none":
            self.gate.limiter.leave(request.began_ns)
        if self.clock.now_ns() - request.came_ns <= PATIENCE_NS:
            self.counts[request.priority].served[request.came_ns // S] += 1
        self._begin()
