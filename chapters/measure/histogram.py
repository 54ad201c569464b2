"""Millions of latencies in a few kilobytes, every percentile within 1 % of the truth.

Small values have a bucket each; larger ones share buckets that are 2^shift wide, where the shift
grows with the value so that a bucket is never wider than 1/128 of what is in it.

    values      0 1 2 … 127 │ 128 … 255 │ 256 258 260 … │ 512 516 520 … │
    width            1      │     1     │       2       │       4       │  … doubling
    buckets        128      │    128    │      128      │      128      │

Invariant: `exact <= percentile(p) <= exact * (1 + 1/128)`: a report that is never too rosy.
`add` is O(1), memory O(log(max)). Source: Gil Tene's HdrHistogram. Page: docs/chapters/measure.md
"""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

from chapters.measure.errors import NothingMeasured
from chapters.sim.clock import spell
from chapters.sim.errors import at_least

PRECISION_BITS = 7
ERROR_MAX = Fraction(1, 2**PRECISION_BITS)  # relative, upwards only


def bucket(value: int) -> int:
    """Return the index of the bucket that `value` falls into. O(1).

    Buckets are numbered without gaps, and a greater value never has a lesser index.
    """
    shift = max(0, value.bit_length() - 1 - PRECISION_BITS)
    return (shift << PRECISION_BITS) + (value >> shift)


def highest(index: int) -> int:
    """Return the greatest value that falls into bucket `index`: the inverse of `bucket`."""
    shift = max(0, (index >> PRECISION_BITS) - 1)
    return ((index - (shift << PRECISION_BITS) + 1) << shift) - 1


class Histogram:
    """Counts of non-negative integers, usually nanoseconds."""

    def __init__(self, values: Iterable[int] = ()) -> None:
        self._counts: list[int] = []
        self.count = 0
        self.sum = 0
        self.min = 0
        self.max = 0
        for value in values:
            self.add(value)

    def add(self, value: int, count: int = 1) -> None:
        """Count `value`, `count` times. A negative value is a bug in the caller's clock."""
        assert value >= 0, f"{value} is negative: did a clock step back?"
        index = bucket(value)
        if index >= len(self._counts):
            self._counts.extend([0] * (index + 1 - len(self._counts)))
        self._counts[index] += count
        self.min = min(self.min, value) if self.count else value
        self.max = max(self.max, value)
        self.count += count
        self.sum += value * count

    def merge(self, other: "Histogram") -> None:
        """Add what `other` counted: right, where averaging percentiles would be wrong."""
        if not other.count:
            return
        longer = max(len(self._counts), len(other._counts))
        self._counts.extend([0] * (longer - len(self._counts)))
        for index, count in enumerate(other._counts):
            self._counts[index] += count
        self.min = min(self.min, other.min) if self.count else other.min
        self.max = max(self.max, other.max)
        self.count += other.count
        self.sum += other.sum

    def percentile(self, percent: float) -> int:
        """Return a value that at least `percent` % of all values do not exceed.

        At most 1/128 above the exact nearest-rank percentile, never below it.
        """
        if not self.count:
            raise NothingMeasured("a histogram of no values has no percentiles")
        # A fraction of the decimal text: 99.9 * 1000 / 100 in floats can land above 999.
        rank = max(1, math.ceil(Fraction(str(percent)) * self.count / 100))
        seen = 0
        for index, count in enumerate(self._counts):
            seen += count
            if seen >= rank:
                return min(highest(index), self.max)
        raise NothingMeasured(f"{percent} is not a percentage from 0 to 100")

    @property
    def mean(self) -> float:
        """Return the exact mean; 0.0 of no values."""
        return self.sum / self.count if self.count else 0.0

    def buckets(self) -> Iterator[tuple[int, int]]:
        """Yield (greatest value, count) of every bucket in use, ascending."""
        return ((highest(i), count) for i, count in enumerate(self._counts) if count)

    def __str__(self) -> str:
        if not self.count:
            return "no values"
        p50, p99, p999 = (spell(self.percentile(p)) for p in (50, 99, 99.9))
        return f"p50 {p50} · p99 {p99} · p99.9 {p999} · max {spell(self.max)} (n={self.count:,})"


def demo(*, seed: int = 7, values: int = 100_000) -> None:
    """Count log-normal latencies, then compare with the exact answer and with the mean."""
    at_least(1, values=values)
    from chapters.sim.chance import Chance
    from chapters.sim.latency import LogNormal

    rng, latency = Chance(seed).stream("latency"), LogNormal(2_000_000, 60_000_000)
    exact = sorted(latency(rng) for _ in range(values))
    histogram = Histogram(exact)
    print(f"mean {spell(round(histogram.mean))}, a value that describes nobody")
    for percent in (50, 90, 99, 99.9):
        true = exact[math.ceil(Fraction(str(percent)) * values / 100) - 1]
        told = histogram.percentile(percent)
        error = (told - true) / true * 100
        print(
            f"  p{percent:<5} exact {spell(true):>8}   histogram {spell(told):>8}   +{error:.2f} %"
        )
    print(f"{values:,} values in {len(list(histogram.buckets())):,} counters")
