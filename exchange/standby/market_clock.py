"""The market's time on a primary: its clock's, or if that is behind, half as fast until it has caught up.

    the clock     09:00:00     09:00:10     09:00:20     09:00:30
    the market    09:00:10     09:00:15     09:00:20     09:00:30
                  taken over: 10 s behind   caught up

A clock is behind the journal when it was set back, or when the primary before had one that was ahead. Time
must not go back. Time that stands still is little better: an order with a date outlives it, and a pause of
five minutes lasts an hour. Time that runs on an hour ahead closes the market an hour early. So it goes on,
slower: what was due in a minute is due in two at most, and in the end the clock is right again.
Invariants: it never goes back; it goes on whenever the clock does; it is never behind the clock.
Source: how adjtime(3) and chrony slew a clock. Page: docs/exchange/standby.md
"""

from collections.abc import Callable

from chapters.sim.clock import Clock

SLOWER = 2  # so many of the clock's nanoseconds are one of the market's, while the clock is behind


class MarketClock:
    """Goes on from `at_ns`, the last time that is in the journal.

    `on_change` hears how far the clock is behind when it is set back, and 0 when it has caught up.
    """

    def __init__(self, clock: Clock, at_ns: int, on_change: Callable[[int], object]) -> None:
        self._clock, self._at_ns, self._on_change = clock, at_ns, on_change
        self._read_ns = clock.now_ns()  # what the clock said when the market had `_at_ns`

    @property
    def behind_ns(self) -> int:
        """How far the clock is behind the market's time: what an operator has to know."""
        return max(0, self._at_ns - self._read_ns)

    def now_ns(self) -> int:
        """Return the market's time."""
        read_ns, was_behind = self._clock.now_ns(), self.behind_ns > 0
        passed_ns = max(0, read_ns - self._read_ns)
        self._at_ns = max(read_ns, self._at_ns + passed_ns // SLOWER)
        self._read_ns = read_ns
        if was_behind != (self.behind_ns > 0):
            self._on_change(self.behind_ns)
        return self._at_ns
