"""Calls to storage nodes in virtual time: there, done, and back, while everybody else goes on.

    start ──half of the latency──► the node does it ──the other half──► next() returns it

As `SimRaces` of the storage, but whoever waits lets other programs run. Page: docs/s3/breaking.md
"""

from collections import deque
from collections.abc import Callable, Mapping
from random import Random
from typing import TypeVar

from chapters.sim.clock import MS, US
from chapters.sim.fan_out import Arrival, attempt
from chapters.sim.latency import Latency, LogNormal
from s3.scene.app import Signal, Tasks
from s3.storage.race import Race

T = TypeVar("T")

USUAL = LogNormal(median_ns=900 * US, p99_ns=6 * MS)  # a disk's read or write, with the way there


class Races:
    """A pool for `Blobs`; `latency` overrides a node's."""

    def __init__(
        self, tasks: Tasks, *, rng: Random, latency: Mapping[str, Latency] | None = None
    ) -> None:
        self.tasks = tasks
        self.rng = rng
        self.latency = dict(latency or {})
        self.started = 0

    def race(self) -> "Race[T]":
        return _Race(self)

    def way_ns(self, node: str) -> int:
        """Return how long this answer takes."""
        self.started += 1
        return self.latency.get(node, USUAL)(self.rng)


class _Race(Race[T]):
    def __init__(self, races: Races) -> None:
        self._races = races
        self._arrived: deque[Arrival[T]] = deque()
        self._signal: Signal | None = None

    def start(self, index: int, node: str, call: Callable[[], T]) -> None:
        races = self._races
        clock = races.tasks.clock
        way_ns = races.way_ns(node)

        def there() -> None:
            arrival = attempt(index, call)
            clock.call_later(way_ns // 2, lambda: self._arrive(arrival))

        clock.call_later(way_ns - way_ns // 2, there)

    def next(self, patience_ns: int | None = None) -> Arrival[T] | None:
        tasks = self._races.tasks
        if not self._arrived:
            self._signal = tasks.signal()
            until_ns = None if patience_ns is None else tasks.clock.now_ns() + patience_ns
            self._signal.wait(until_ns)
            self._signal = None
        return self._arrived.popleft() if self._arrived else None

    def _arrive(self, arrival: Arrival[T]) -> None:
        self._arrived.append(arrival)
        if self._signal is not None:
            self._signal.set()
