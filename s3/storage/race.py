"""Calls to several nodes at once, some begun only when others are late or have failed.

    race.start(0, call) ─┐
    race.start(1, call) ─┼─► race.next(patience)  ►  Arrival, or None: nothing came in that time
    race.start(4, call) ─┘   …begun because of it

`fan_out` of chapters/sim starts everything at once; a reader that wants to ask a spare node only when
it has to needs this one step more. Invariant: each call that was started arrives at most once.
Page: docs/s3/storage.md
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from chapters.sim.clock import VirtualClock
from chapters.sim.fan_out import Arrival, attempt
from chapters.sim.latency import Constant, Latency

T = TypeVar("T")


class Race(Protocol[T]):
    """Calls under way."""

    def start(self, index: int, node: str, call: Callable[[], T]) -> None:
        """Begin call number `index`, which goes to `node`."""

    def next(self, patience_ns: int | None = None) -> Arrival[T] | None:
        """Return the next answer, or None when none comes in time. At least one is under way."""


class Pool(Protocol):
    """Who runs the calls: this thread, others, or a simulation."""

    def race(self) -> Race[T]: ...


class InTurn:
    """One after the other, in this thread: for a single node in this process."""

    def race(self) -> "Race[T]":
        return _InTurn()


class _InTurn(Race[T]):
    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Callable[[], T]]] = deque()

    def start(self, index: int, node: str, call: Callable[[], T]) -> None:
        self._waiting.append((index, call))

    def next(self, patience_ns: int | None = None) -> Arrival[T] | None:
        return attempt(*self._waiting.popleft())


class SimRaces:
    """In virtual time: a call takes effect, and answers, after a latency of its node."""

    def __init__(
        self,
        *,
        clock: VirtualClock,
        rng: random.Random,
        latency: Mapping[str, Latency] | None = None,
    ) -> None:
        self._clock = clock
        self._rng = rng
        self.latency = dict(latency or {})
        self.started = 0  # calls, of all races

    def race(self) -> "Race[T]":
        return _SimRace(self._clock, self._latency_ns)

    def _latency_ns(self, node: str) -> int:
        self.started += 1
        return self.latency.get(node, Constant(0))(self._rng)


class _SimRace(Race[T]):
    def __init__(self, clock: VirtualClock, latency_ns: Callable[[str], int]) -> None:
        self._clock = clock
        self._latency_ns = latency_ns
        self._due: list[tuple[int, int, Callable[[], T]]] = []

    def start(self, index: int, node: str, call: Callable[[], T]) -> None:
        due_ns = self._clock.now_ns() + self._latency_ns(node)
        heapq.heappush(self._due, (due_ns, index, call))

    def next(self, patience_ns: int | None = None) -> Arrival[T] | None:
        left_ns = max(0, self._due[0][0] - self._clock.now_ns())
        if patience_ns is not None and left_ns > patience_ns:
            self._clock.spend(patience_ns)
            return None
        self._clock.spend(left_ns)
        _, index, call = heapq.heappop(self._due)
        return attempt(index, call)
