"""Charts of a week and a market: exact, or in as little memory as one likes.

    exact          a counter a track              space-saving   so many counters, whatever comes
    count-min      a sketch and a list of leaders

At a hundred million tracks and two hundred markets, exact counters take gigabytes; the first fifty do
not depend on them. Each play counts once, and each listener's plays of a track at most CAP times: else
a chart is whatever a machine plays all night. Page: docs/spotify/charts.md
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from chapters.errors import UsageError
from chapters.top_k import Counted, CountMin, Exact, Leaders, SpaceSaving
from spotify.events.play import Play

CAP = 10  # plays of one track by one listener, in a week
CAPACITY = 1000  # counters; the first fifty of them are shown
EPSILON, DELTA = 0.0005, 0.01


class Count(Protocol):
    """What counts keys."""

    def add(self, key: bytes, count: int = 1) -> None:
        """Count a key."""

    def top(self, count: int) -> list[Counted]:
        """Return the keys with the most."""


def counter(name: str, capacity: int = CAPACITY) -> Count:
    """Return a counter of that name. Raises `UsageError`."""
    match name:
        case "exact":
            return Exact()
        case "space-saving":
            return SpaceSaving(capacity)
        case "count-min":
            return Leaders(CountMin.for_error(EPSILON, DELTA), capacity)
    raise UsageError(f"no counter {name!r}; there are exact, space-saving, count-min")


class Charts:
    """Charts by week and market, fed with plays that are known to be different."""

    def __init__(self, name: str, markets: Mapping[str, str], capacity: int = CAPACITY) -> None:
        self._name, self._markets, self._capacity = name, markets, capacity
        self._counts: dict[tuple[str, str], Count] = {}
        self._of_one: Counter[tuple[str, str, str]] = Counter()

    def add(self, play: Play) -> None:
        """Count a play, if it is long enough and not one too many by this listener."""
        week = week_of(play.at_ms)
        self._of_one[week, play.user, play.track] += play.counts
        if not play.counts or self._of_one[week, play.user, play.track] > CAP:
            return
        market = self._markets.get(play.user, "")
        for place in {market, ""}:
            if (week, place) not in self._counts:
                self._counts[week, place] = counter(self._name, self._capacity)
            self._counts[week, place].add(play.track.encode())

    def top(self, week: str, market: str = "", count: int = 50) -> list[tuple[str, int]]:
        """Return tracks and plays of a week; without a market, of all."""
        own = self._counts.get((week, market))
        return [(each.key.decode(), each.count) for each in own.top(count)] if own else []


def week_of(at_ms: int) -> str:
    """Return the week of a time by ISO 8601: `2026-W01`."""
    year, week, _ = datetime.fromtimestamp(at_ms / 1000, UTC).isocalendar()
    return f"{year}-W{week:02d}"


def of(plays: Iterable[Play], name: str, markets: Mapping[str, str]) -> Charts:
    """Return the charts of some plays."""
    found = Charts(name, markets)
    for play in plays:
        found.add(play)
    return found
