"""Closed books stay closed: a period is a name on entries, and a line that moves one way.

    2026-01   2026-02 │ 2026-03   2026-04
      closed          │   open                 close("2026-03") moves the line on

Invariant: what an account gained in a closed period never changes. An entry there that was wrong is
corrected by another one, in an open period, that names it. Names are compared as text, so write
dates from the year down. Without a name there is one period, "", which is before all others.
Page: docs/chapters/ledger.md
"""

from collections.abc import Mapping

from chapters.ledger.entry import Entry, Leg
from chapters.ledger.errors import PeriodClosed


class Periods:
    """What each account gained in each period, and up to where the books are closed."""

    def __init__(self) -> None:
        self._closed: str | None = None
        self._turnover: dict[str, dict[str, int]] = {}

    def is_closed(self, period: str) -> bool:
        """Return whether nothing can be posted to that period any more."""
        return self._closed is not None and period <= self._closed

    def must_be_open(self, period: str) -> None:
        """Raise `PeriodClosed` unless it is."""
        if self.is_closed(period):
            raise PeriodClosed(f"period {period!r}: the books are closed up to {self._closed!r}")

    def close(self, period: str) -> None:
        """Close the period, and all before it."""
        if not self.is_closed(period):
            self._closed = period

    def add(self, period: str, net: Mapping[str, int]) -> None:
        """Count what the accounts gained."""
        gained = self._turnover.setdefault(period, {})
        for account, amount in net.items():
            gained[account] = gained.get(account, 0) + amount

    def turnover(self, period: str) -> dict[str, int]:
        """Return what each account gained in the period, those that nothing happened to left out."""
        return dict(sorted(self._turnover.get(period, {}).items()))

    def names(self) -> list[str]:
        """Return the periods that have entries."""
        return sorted(self._turnover)


def reversal(entry: Entry, id: str, period: str) -> Entry:
    """Return the entry that takes `entry` back, in a period that is open."""
    legs = tuple(Leg(leg.account, -leg.amount) for leg in entry.legs)
    return Entry(id, legs, period, corrects=entry.id)
