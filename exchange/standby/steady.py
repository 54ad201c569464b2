"""A machine's clock that, set back, goes on from where it was.

    the clock     10:00:00   10:00:01   │ 09:00:01   09:00:02        somebody set it back by an hour
    steady        10:00:00   10:00:01   │ 10:00:01   10:00:02

Terms and patience are lengths of time, so a jump must not touch them. What is lost is the time of day: the
process is an hour ahead from then on. The market has a time of day, and market_clock.py for it. A jump
forwards cannot be told from a long sleep, and is one. Page: docs/exchange/standby.md
"""

from collections.abc import Callable

from chapters.sim.clock import Clock, Timer


class Steady:
    """A `Clock` on top of one that may jump back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_ns = clock.now_ns()
        self._ahead_ns = 0

    def now_ns(self) -> int:
        """Return nanoseconds; never fewer than the last time."""
        now_ns = self._clock.now_ns()
        self._ahead_ns += max(0, self._last_ns - now_ns)
        self._last_ns = now_ns
        return now_ns + self._ahead_ns

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        """Run `callback` once, `delay_ns` from now."""
        return self._clock.call_later(delay_ns, callback)
