"""Ask n, wait for the first k: how a store survives its slow and its dead members.

    calls  ──►  node-1  ───────────●  3 ms
                node-2  ─────────────────────────────●  41 ms   (goes on, nobody waits)
                node-3  ──────────────●  4 ms            need=2: answered after 4 ms

Invariant: the answers are the first `need` successes in order of arrival, and stragglers still
happen: a call that nobody waited for is not a call that was not made. With threads when real,
ordered by seeded latency when simulated. Source: Dean and Barroso, *The Tail at Scale* (2013).
Page: docs/chapters/sim.md
"""

import random
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

from chapters.sim.clock import MS, VirtualClock, spell
from chapters.sim.errors import TooFewAnswers, at_least
from chapters.sim.latency import Latency, LogNormal
from chapters.sim.trace import AnySpan, begin

T = TypeVar("T")

LATENCY = LogNormal(median_ns=2 * MS, p99_ns=60 * MS)  # a busy shared data centre


@dataclass(frozen=True, slots=True)
class Arrival(Generic[T]):
    """What came back from call number `index`: values has one element, or `error` is set."""

    index: int
    values: tuple[T, ...]
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """A success: which call it was, and what it returned."""

    index: int
    value: T


class Pool(Protocol):
    """Runs calls side by side."""

    def race(self, calls: Sequence[Callable[[], T]]) -> Generator[Arrival[T], None, None]:
        """Yield what comes back, in order of arrival; the rest go on when nobody listens."""


def fan_out(calls: Sequence[Callable[[], T]], *, need: int, pool: Pool) -> list[Reply[T]]:
    """Return the first `need` successes, in order of arrival.

    Raises `TooFewAnswers` as soon as so many have failed that `need` cannot be reached.
    """
    assert 1 <= need <= len(calls), f"need {need} of {len(calls)} calls"
    replies: list[Reply[T]] = []
    causes: list[Exception] = []
    with closing(pool.race(calls)) as arrivals:
        while len(replies) < need <= len(calls) - len(causes):
            arrival = next(arrivals)
            if arrival.error is None:
                replies.append(Reply(arrival.index, arrival.values[0]))
            else:
                causes.append(arrival.error)
    if len(replies) < need:
        raise _too_few(len(calls), need, causes)
    return replies


def _too_few(asked: int, need: int, causes: list[Exception]) -> TooFewAnswers:
    return TooFewAnswers(
        f"{len(causes)} of {asked} calls failed and {need} answers were needed; "
        f"the first to fail: {causes[0]}",
        tuple(causes),
    )


def attempt(index: int, call: Callable[[], T]) -> Arrival[T]:
    """Make the call; whatever it raises is its answer."""
    try:
        return Arrival(index, (call(),))
    except Exception as error:
        return Arrival(index, (), error)


class SimPool:
    """Calls in virtual time: each takes effect, and answers, after a latency of its own.

    The caller blocks (`spend`) until the answers it waits for are there. What it does not wait
    for runs when the clock reaches it.
    """

    def __init__(
        self, *, clock: VirtualClock, rng: random.Random, latency: Latency = LATENCY
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._latency = latency

    def race(self, calls: Sequence[Callable[[], T]]) -> Generator[Arrival[T], None, None]:
        start_ns = self._clock.now_ns()
        due = sorted((start_ns + self._latency(self._rng), index) for index in range(len(calls)))
        spans = [begin(f"call {index + 1} of {len(calls)}") for index in range(len(calls))]
        served = 0
        try:
            for due_ns, index in due:
                self._clock.spend(max(0, due_ns - self._clock.now_ns()))
                served += 1
                yield _inside(spans[index], index, calls[index])
        finally:
            for due_ns, index in due[served:]:
                straggler = partial(_inside, spans[index], index, calls[index])
                self._clock.call_later(due_ns - self._clock.now_ns(), straggler)


def _inside(span: AnySpan, index: int, call: Callable[[], T]) -> Arrival[T]:
    """Make the call as a child of the span that was begun when it was sent."""
    with span:
        return attempt(index, call)


def demo(*, seed: int = 7, calls: int = 6, need: int = 4, rounds: int = 2000) -> None:
    """Wait for the first `need` of `calls`, many times: what the slowest ones cost."""
    at_least(1, need=need, rounds=rounds)
    at_least(need, calls=calls)
    clock, rng = VirtualClock(), random.Random(seed)
    pool = SimPool(clock=clock, rng=rng)
    print(f"{rounds} rounds of {calls} calls, each p50 2 ms and p99 60 ms")
    for wanted in sorted({1, need, calls}):
        waits = sorted(_wait_ns(clock, pool, calls, wanted) for _ in range(rounds))
        p50, p99 = waits[rounds // 2], waits[rounds * 99 // 100]
        print(f"  first {wanted} of {calls}:  p50 {spell(p50):>8}   p99 {spell(p99):>8}")


def _wait_ns(clock: VirtualClock, pool: SimPool, calls: int, need: int) -> int:
    start_ns = clock.now_ns()
    fan_out([clock.now_ns] * calls, need=need, pool=pool)
    waited_ns = clock.now_ns() - start_ns
    clock.run()
    return waited_ns
