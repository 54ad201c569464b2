"""A network as a list of periods, each with a bandwidth and a latency, played again and again.

    kbit/s  ▄▄▄▄▄▆▆▆▆▂▂▂▂       the bandwidth of each period
    kbit          ╱────         all that has come by then, a running sum. So how long a download takes is
                ╱               a look-up: the sum at its start, plus its size; when is that reached?
            ╱───

Invariant: both running sums are made once, so a download costs O(log periods) however long it takes,
and nothing is rounded to a time step. Past its end a trace begins again. A period may have no
bandwidth; a trace that has none anywhere is refused, as nothing would ever arrive.

Source of the format: Sabre (Spiteri et al. 2018). Page: docs/netflix/abr.md
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from netflix.abr.errors import BadTrace

PERIODS_MAX = 1_000_000  # a fortnight at one a second
MS = 1000  # in a second
INFINITE = float("inf")
FIELDS = ("duration_ms", "bandwidth_kbps", "latency_ms")


@dataclass(frozen=True, slots=True)
class Period:
    """For so long, the line is like this."""

    duration_s: float
    bandwidth_kbps: float
    latency_s: float


class Trace:
    """A network that repeats itself."""

    def __init__(self, periods: Iterable[Period], name: str = "trace") -> None:
        """Take the periods. Raises `BadTrace`."""
        self.name = name
        self.periods = tuple(periods)
        _check(self.periods, name)
        self._ends_s = list(accumulate(each.duration_s for each in self.periods))
        self._rates = [each.bandwidth_kbps * 1000 for each in self.periods]  # bits a second
        self._bits = list(
            accumulate(each.duration_s * each.bandwidth_kbps * 1000 for each in self.periods)
        )
        self.duration_s = self._ends_s[-1]
        self.mean_kbps = self._bits[-1] / self.duration_s / 1000
        if not self.mean_kbps > 0:
            raise BadTrace(
                f"{name} has no bandwidth in all of its {self.duration_s:g} s, so nothing would ever "
                "arrive: give one of its periods a bandwidth_kbps above 0"
            )

    def download(self, now_s: float, size_bits: int) -> tuple[float, float]:
        """Return how long a request made now waits for its first byte, and how long for its last."""
        latency_s = self.at(now_s).latency_s
        return latency_s, self.arrives_s(now_s + latency_s, size_bits) - now_s

    def at(self, now_s: float) -> Period:
        """Return what the line is like now."""
        return self.periods[bisect_right(self._ends_s, now_s % self.duration_s)]

    def came_bits(self, now_s: float) -> float:
        """Return how much could have come since the trace began."""
        rounds, at_s = divmod(now_s, self.duration_s)
        index = bisect_right(self._ends_s, at_s)
        left_bits = (self._ends_s[index] - at_s) * self._rates[index]
        return rounds * self._bits[-1] + self._bits[index] - left_bits

    def arrives_s(self, from_s: float, size_bits: int) -> float:
        """Return when the last of so many bits arrives, if they flow from `from_s` on."""
        rounds, wanted = divmod(self.came_bits(from_s) + size_bits, self._bits[-1])
        index = bisect_left(self._bits, wanted)
        early_s = (self._bits[index] - wanted) / (self._rates[index] or 1.0)
        return rounds * self.duration_s + self._ends_s[index] - early_s

    def stretches(self, from_s: float) -> Iterator[tuple[float, float]]:
        """Yield (seconds, bits a second) from then on, without end."""
        at_s = from_s % self.duration_s
        index = bisect_right(self._ends_s, at_s)
        yield self._ends_s[index] - at_s, self._rates[index]
        while True:
            index = (index + 1) % len(self.periods)
            yield self.periods[index].duration_s, self._rates[index]


def read(path: Path) -> Trace:
    """Return the trace in a JSON file: a list of periods. Raises `BadTrace`."""
    try:
        rows = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadTrace(
            f"{path} cannot be read as JSON ({error}): give a list of periods"
        ) from error
    return from_rows(rows, str(path))


def from_rows(rows: Any, name: str) -> Trace:
    """Return the trace of rows as they stand in a file. Raises `BadTrace`, which names the row."""
    if not isinstance(rows, list):
        raise BadTrace(f"{name} holds no list: give one of objects with {', '.join(FIELDS)}")
    return Trace((_period(row, number, name) for number, row in enumerate(rows)), name)


def _period(row: Any, number: int, name: str) -> Period:
    try:
        return Period(row["duration_ms"] / MS, row["bandwidth_kbps"] / 1.0, row["latency_ms"] / MS)
    except (TypeError, KeyError) as error:
        raise BadTrace(
            f"{name}: period {number} is {row!r:.60}; it needs numbers as {', '.join(FIELDS)}"
        ) from error


def _check(periods: tuple[Period, ...], name: str) -> None:
    if not 0 < len(periods) <= PERIODS_MAX:
        raise BadTrace(f"{name} has {len(periods):,} periods: give 1 to {PERIODS_MAX:,}")
    for number, each in enumerate(periods):
        is_line = 0 <= each.bandwidth_kbps < INFINITE and 0 <= each.latency_s < INFINITE
        if not (is_line and 0 < each.duration_s < INFINITE):
            raise BadTrace(
                f"{name}: period {number} lasts {each.duration_s:g} s with "
                f"{each.bandwidth_kbps:g} kbit/s and {each.latency_s:g} s of latency: durations must be "
                "above 0, the others 0 or more"
            )
