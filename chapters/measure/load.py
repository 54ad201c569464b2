"""Load that does not wait for the patient: requests start when they are due, answered or not.

    due          │1   │2   │3   │4   │5   │6
    server       █████████ stall ████████ █ █ █ █ █
    closed loop  │1───────────────────────│2─│3─│4─     asks again only when it was answered:
                                                        one slow request, five never asked
    open loop    │1───────────────────────┤             counts from when each was *due*:
                      │2───────────────────┤            six slow requests, which is what
                           │3───────────────┤           six customers would have said

The mistake is called *coordinated omission*: a tester that politely stops asking while the server
stalls. Invariant: an open loop's latency is `finished - due`, never `finished - sent`.
Source: Gil Tene, *How NOT to Measure Latency*. Page: docs/chapters/measure.md
"""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from chapters.errors import KitError
from chapters.measure.errors import NothingMeasured
from chapters.measure.histogram import Histogram
from chapters.sim.clock import Clock, S, SleepingClock

WORKERS_MAX = 256

Call = Callable[[int], object]  # makes request number i; an error of the kit's tree is a failure


@dataclass(frozen=True, slots=True)
class Load:
    """What a load test saw. Latencies are nanoseconds of the successful requests."""

    latency: Histogram
    sent: int
    failed: int
    took_ns: int

    @property
    def rate_per_s(self) -> float:
        """Return completed requests a second, the failed ones included."""
        return self.sent * S / self.took_ns if self.took_ns else 0.0

    def __str__(self) -> str:
        return f"{self.latency} · {self.rate_per_s:,.0f}/s · {self.failed} failed"


def steady(rate_per_s: float, count: int) -> list[int]:
    """Return `count` due times in ns from 0, evenly spaced."""
    return [round(index * S / rate_per_s) for index in range(count)]


def poisson(rng: random.Random, rate_per_s: float, count: int) -> list[int]:
    """Return `count` due times in ns as independent customers make them: in bunches."""
    due, instant_s = [], 0.0
    for _ in range(count):
        instant_s += rng.expovariate(rate_per_s)
        due.append(round(instant_s * S))
    return due


def open_loop(call: Call, due_ns: Sequence[int], *, clock: SleepingClock, workers: int = 1) -> Load:
    """Make each request when it is due (ns from now), and time it from then on.

    On a `VirtualClock` use one worker; on a `WallClock` up to `WORKERS_MAX` threads share the work.
    When all are busy a request is sent late, and its lateness is part of its latency.
    """
    assert 1 <= workers <= WORKERS_MAX, f"workers is {workers}, from 1 to {WORKERS_MAX}"
    start_ns = clock.now_ns()

    def one(index: int) -> int | None:
        return on_time(call, index, start_ns + due_ns[index], clock)

    if workers == 1:
        return _report([one(index) for index in range(len(due_ns))], clock.now_ns() - start_ns)
    with ThreadPoolExecutor(workers) as pool:
        return _report(list(pool.map(one, range(len(due_ns)))), clock.now_ns() - start_ns)


def on_time(call: Call, index: int, due_ns: int, clock: SleepingClock) -> int | None:
    """Make request `index` at `due_ns`, or at once when that has passed; return its latency in ns.

    The latency counts from `due_ns`. A request that fails with a `KitError` has none: None.
    """
    clock.sleep_until(due_ns)
    try:
        call(index)
    except KitError:
        return None
    return clock.now_ns() - due_ns


def closed_loop(call: Call, count: int, *, clock: SleepingClock) -> Load:
    """Make the next request when the last is answered, and time it from then on: the naive way."""
    start_ns = clock.now_ns()
    latencies = [on_time(call, index, clock.now_ns(), clock) for index in range(count)]
    return _report(latencies, clock.now_ns() - start_ns)


def _report(latencies: Sequence[int | None], took_ns: int) -> Load:
    if not latencies:
        raise NothingMeasured("a load test of no requests; give it at least one")
    histogram = Histogram(each for each in latencies if each is not None)
    return Load(histogram, len(latencies), len(latencies) - histogram.count, took_ns)


class EventLoad:
    """An open loop for event-driven servers: `send(index, done)` returns at once, `done()` later.

    Any number of requests are under way together; `load()` may be asked at any time.
    """

    def __init__(
        self, send: Callable[[int, Callable[[], None]], object], due_ns: Sequence[int], clock: Clock
    ) -> None:
        self._clock = clock
        self._send = send
        self._start_ns = clock.now_ns()
        self._due_ns = [self._start_ns + each for each in due_ns]
        self._latencies: list[int | None] = [None] * len(due_ns)
        for index, instant_ns in enumerate(due_ns):
            clock.call_later(instant_ns, partial(self._begin, index))

    def load(self) -> Load:
        """Return what was seen so far; a request without an answer counts as failed."""
        return _report(self._latencies, self._clock.now_ns() - self._start_ns)

    def _begin(self, index: int) -> None:
        self._send(index, lambda: self._done(index))

    def _done(self, index: int) -> None:
        if self._latencies[index] is None:
            self._latencies[index] = self._clock.now_ns() - self._due_ns[index]
