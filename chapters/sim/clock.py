"""A clock that only moves when it is told to, so that an hour of timeouts takes a millisecond.

Invariant: callbacks run in the order of their due time, and first come first served at the same
instant. Nothing else decides the order of events, which is why a run can be repeated exactly.
O(log timers) per event. A callback runs in the context (contextvars) of the code that scheduled
it, as in asyncio, so a span opened by the answer is a child of the span that asked.

    now=0 ──► heap: (3 ms, #1, retry)  (3 ms, #2, heartbeat)  (250 ms, #0, give up)
    step()    now=3 ms, runs #1; step() runs #2 still at 3 ms; step() now=250 ms

Source: trio's MockClock; TigerBeetle's TimeSim for the skew. Page: docs/chapters/sim.md
"""

import heapq
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Protocol

from chapters.sim.errors import Runaway, at_least

US = 1_000
MS = 1_000_000
S = 1_000_000_000

STEPS_MAX = 10_000_000  # one run() of a simulation that never falls silent ends here

_UNITS = (("h", 3600 * S), ("min", 60 * S), ("s", S), ("ms", MS), ("µs", US), ("ns", 1))


class Timer(Protocol):
    """A callback that has yet to run."""

    def cancel(self) -> None:
        """Never run the callback; harmless when it has run already."""


class Clock(Protocol):
    """What a core may know about time."""

    def now_ns(self) -> int:
        """Return nanoseconds since some fixed instant; it need not be 1970."""

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        """Run `callback` once, `delay_ns` from now."""


class SleepingClock(Clock, Protocol):
    """A clock that a blocking caller can wait on."""

    def sleep_until(self, instant_ns: int) -> None:
        """Return at `instant_ns`, or at once when that has passed."""


class _VirtualTimer:
    __slots__ = ("callback", "context")

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback
        self.context: Context = copy_context()

    def cancel(self) -> None:
        self.callback = None


class VirtualClock:
    """Time as a priority queue of callbacks."""

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns
        self._heap: list[tuple[int, int, _VirtualTimer]] = []
        self._scheduled = 0

    def now_ns(self) -> int:
        return self._now_ns

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        """Run `callback` when the clock has moved by `delay_ns`; a negative delay counts as 0."""
        timer = _VirtualTimer(callback)
        due_ns = self._now_ns + max(0, delay_ns)
        heapq.heappush(self._heap, (due_ns, self._scheduled, timer))
        self._scheduled += 1
        return timer

    def step(self) -> bool:
        """Move to the next callback and run it; False when none is left."""
        while self._heap:
            due_ns, _, timer = heapq.heappop(self._heap)
            if timer.callback is None:
                continue
            # After spend() a callback can be overdue: time never runs backwards for it.
            self._now_ns = max(self._now_ns, due_ns)
            callback, timer.callback = timer.callback, None
            timer.context.run(callback)
            return True
        return False

    def run(self, until_ns: int | None = None) -> int:
        """Run everything due up to `until_ns` (or until nothing is left); return the steps taken.

        Raises `Runaway` after `STEPS_MAX` steps.
        """
        steps = 0
        while (due_ns := self.next_due_ns()) is not None:
            if until_ns is not None and due_ns > until_ns:
                break
            self.step()
            steps += 1
            if steps >= STEPS_MAX:
                raise Runaway(f"{steps} events and no end: give run() an until_ns")
        if until_ns is not None:
            self._now_ns = max(self._now_ns, until_ns)
        return steps

    def next_due_ns(self) -> int | None:
        """Return when the next callback is due, or None."""
        while self._heap and self._heap[0][2].callback is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance(self, duration_ns: int) -> None:
        """Let `duration_ns` pass and run what falls due meanwhile."""
        self.run(self._now_ns + duration_ns)

    def sleep_until(self, instant_ns: int) -> None:
        """Let time pass up to `instant_ns`, running what falls due meanwhile."""
        self.run(instant_ns)

    def spend(self, duration_ns: int) -> None:
        """Let `duration_ns` pass while the caller is busy: what falls due meanwhile runs late.

        This is how a blocking call (a sync, a computation) looks to a single-threaded program.
        """
        assert duration_ns >= 0, duration_ns
        self._now_ns += duration_ns


class SkewedClock:
    """A machine's own idea of the time: off by `offset_ns`, and fast by `drift_ppm`.

    50 ppm, an ordinary quartz, is 4.3 s a day.
    """

    def __init__(self, clock: Clock, offset_ns: int = 0, drift_ppm: int = 0) -> None:
        assert drift_ppm > -1_000_000, "a clock cannot run backwards by drift"
        self._clock = clock
        self._origin_ns = clock.now_ns()
        self._offset_ns = offset_ns
        self._drift_ppm = drift_ppm

    def now_ns(self) -> int:
        elapsed_ns = self._clock.now_ns() - self._origin_ns
        drifted_ns = elapsed_ns * (1_000_000 + self._drift_ppm) // 1_000_000
        return self._origin_ns + self._offset_ns + drifted_ns

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        """Wait `delay_ns` of *this* clock's seconds: a fast clock rings early."""
        true_ns = delay_ns * 1_000_000 // (1_000_000 + self._drift_ppm)
        return self._clock.call_later(true_ns, callback)

    def step_by(self, jump_ns: int) -> None:
        """Jump, as when NTP or an operator corrects the clock; it may go backwards."""
        self._offset_ns += jump_ns


def spell(duration_ns: int) -> str:
    """Return `duration_ns` for people, three significant digits: `412 ms`, `1.25 s`, `0 ms`."""
    if duration_ns == 0:
        return "0 ms"
    sign, size = ("-", -duration_ns) if duration_ns < 0 else ("", duration_ns)
    unit, scale = next((unit, scale) for unit, scale in _UNITS if size >= scale)
    number = size / scale
    digits = 0 if number >= 100 else 1 if number >= 10 else 2
    text = f"{number:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{sign}{text} {unit}"


def demo(*, machines: int = 4, drift_ppm: int = 50) -> None:
    """Let a day pass on machines whose quartz differs, in no time at all."""
    at_least(0, machines=machines, drift_ppm=drift_ppm)
    clock = VirtualClock()
    skewed = [SkewedClock(clock, 0, index * drift_ppm) for index in range(machines)]
    clock.advance(24 * 3600 * S)
    print("after one true day:")
    for index, machine in enumerate(skewed):
        print(f"  node-{index} is ahead by {spell(machine.now_ns() - clock.now_ns()):>8}")
