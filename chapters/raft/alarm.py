"""An alarm that is put off far more often than it rings, with one timer of the clock at a time.

Every heartbeat puts off a follower's election. Instead of a new timer for each, the one that is
there rings, sees that it is too early, and is set again. Page: docs/chapters/raft.md
"""

from collections.abc import Callable

from chapters.sim.clock import Clock, Timer


class Alarm:
    """Calls `ring` once, when the time that was set last has come."""

    def __init__(self, *, clock: Clock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._timer: Timer | None = None
        self._timer_ns = 0  # when the timer rings
        self._due_ns: int | None = None  # when we shall
        self._delay_ns = 0

    def set(self, delay_ns: int) -> None:
        """Ring in `delay_ns`, instead of whenever it would have rung."""
        self._delay_ns = delay_ns
        self._due_ns = self._clock.now_ns() + delay_ns
        if self._timer is None or self._due_ns < self._timer_ns:
            self._start(delay_ns)

    def stop(self) -> None:
        """Do not ring."""
        self._due_ns = None
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _start(self, delay_ns: int) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer_ns = self._clock.now_ns() + delay_ns
        self._timer = self._clock.call_later(delay_ns, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._due_ns is None:
            return
        left_ns = self._due_ns - self._clock.now_ns()
        # More left than was asked for: somebody has set the clock back.
        if 0 < left_ns <= self._delay_ns:
            self._start(left_ns)
        else:
            self._due_ns = None
            self._ring()
