"""A circuit breaker: after too many failures it lets nobody through, for a while, then a few, to see.

              too many of the last calls failed
    closed ────────────────────────────────────► open ──── a while ────► half-open
      ▲                                            ▲                        │
      │                                            └─── one of them fails ──┤
      └──────────────── all of a few probes succeed ────────────────────────┘

Invariant: while it is open nothing is called; half open, at most PROBES calls are under way; a slow success
counts as a failure, since whoever waits for it has given up; and a call that was begun before the present
state changes nothing, since it tells of the past. Source: Nygard, "Release It!", 2007; the
sliding window and the probes as in Hystrix and resilience4j. Page: docs/chapters/circuit_breaker.md
"""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Literal, TypeVar

from chapters.circuit_breaker.errors import Open
from chapters.errors import UsageError
from chapters.sim.clock import Clock, S
from chapters.sim.errors import at_least

T = TypeVar("T")
State = Literal["closed", "open", "half-open"]

WINDOW = 20  # calls that are judged together
WINDOW_NS = 60 * S  # and older ones say nothing of today
CALLS_MIN = 10  # fewer say nothing
FAILURE_RATIO = 0.5
SLOW_NS = 2 * S
OPEN_NS, OPEN_NS_MAX = 1 * S, 30 * S  # the wait doubles with each probe that fails
JITTER = 0.5  # so that many breakers do not try at the same moment
PROBES = 3
PROBE_NS_MAX = 30 * S  # a probe that nobody speaks of again has failed


class Breaker:
    """Guards calls to one other. Not safe for threads by itself: its user holds a lock."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: Random,
        window: int = WINDOW,
        calls_min: int = CALLS_MIN,
        failure_ratio: float = FAILURE_RATIO,
        open_ns: int = OPEN_NS,
    ) -> None:
        at_least(1, window=window, calls_min=calls_min, open_ns=open_ns)
        if not 0 < failure_ratio <= 1:
            raise UsageError(f"failure ratio {failure_ratio:g}; it must be above 0 and at most 1")
        self._clock, self._rng = clock, rng
        self._outcomes: deque[tuple[int, bool]] = deque(maxlen=window)  # when, and was it good
        self._calls_min, self._failure_ratio = min(calls_min, window), failure_ratio
        self._open_ns = self._wait_ns = open_ns
        self._closed_ns = clock.now_ns()
        self._until_ns: int | None = None  # when an open breaker lets a probe through
        self._probing = self._passed = self._asked_ns = 0

    @property
    def state(self) -> State:
        """Return the state that the next call would meet."""
        if self._until_ns is None:
            return "closed"
        return "open" if self._clock.now_ns() < self._until_ns else "half-open"

    def allow(self) -> bool:
        """Return whether a call may be made; whoever makes it tells `succeeded` or `failed`."""
        match self.state:
            case "closed":
                return True
            case "open":
                return False
        now_ns = self._clock.now_ns()
        if self._probing and now_ns - self._asked_ns > PROBE_NS_MAX:
            self.failed()
            return False
        if self._probing + self._passed >= PROBES:
            return False
        self._probing += 1
        self._asked_ns = now_ns
        return True

    def succeeded(self, took_ns: int = 0) -> None:
        """Hear that a call was answered, after `took_ns`; too slow is a failure."""
        if took_ns > SLOW_NS:
            self.failed(took_ns)
        elif self._is_late(took_ns):
            return
        elif self._until_ns is None:
            self._note(True)
        elif self._probing:
            self._probing -= 1
            self._passed += 1
            if self._passed >= PROBES:
                self._close()

    def failed(self, took_ns: int = 0) -> None:
        """Hear that a call was not answered, and that it took `took_ns` to know."""
        if self._is_late(took_ns):
            return
        if self._until_ns is not None:
            if self._probing:
                self._wait_ns = min(2 * self._wait_ns, OPEN_NS_MAX)
                self._trip()
            return
        self._note(False)
        failures = sum(not is_good for _, is_good in self._outcomes)
        is_enough = len(self._outcomes) >= self._calls_min
        if is_enough and failures >= self._failure_ratio * len(self._outcomes):
            self._trip()

    def call(self, function: Callable[[], T]) -> T:
        """Return what `function` returns. Raises `Open`, with nothing called, and what it raises."""
        if not self.allow():
            raise Open("the other side failed too often; it is asked again in a moment")
        begun_ns = self._clock.now_ns()
        try:
            found = function()
        except BaseException:
            self.failed(self._clock.now_ns() - begun_ns)
            raise
        self.succeeded(self._clock.now_ns() - begun_ns)
        return found

    def _is_late(self, took_ns: int) -> bool:
        """Whether a call that took so long was begun before the present state was."""
        since_ns = self._closed_ns if self._until_ns is None else self._until_ns
        return self._clock.now_ns() - took_ns < since_ns

    def _note(self, is_good: bool) -> None:
        now_ns = self._clock.now_ns()
        self._outcomes.append((now_ns, is_good))
        while self._outcomes[0][0] < now_ns - WINDOW_NS:
            self._outcomes.popleft()

    def _trip(self) -> None:
        wait_ns = round(self._wait_ns * (1 + JITTER * self._rng.random()))
        self._until_ns = self._clock.now_ns() + wait_ns
        self._probing = self._passed = 0

    def _close(self) -> None:
        self._until_ns = None
        self._closed_ns = self._clock.now_ns()
        self._wait_ns = self._open_ns
        self._outcomes.clear()
        self._probing = self._passed = 0
