"""How fast the line is, from the downloads so far: a guess about the next seconds.

    Ewma      exponentially weighted, twice: it forgets half in 3 s of downloading, and in 8 s
    Window    the mean of the last few, arithmetic or harmonic

A download's rate counts from its first byte on; the wait before that is latency and counts apart,
as a long segment pays it no more often than a short one. Where two averages disagree, the pessimist
is believed: the lower rate and the higher latency. So a drop is seen by the fast average at
once, and a short burst is not believed until the slow one has seen it too.

Source: the estimators of dash.js and of Sabre (Spiteri et al. 2018). Page: docs/netflix/abr.md
"""

from collections import deque
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Protocol

from netflix.abr.rule import Download

HALF_LIVES_S = (3.0, 8.0)
WINDOW = 3  # downloads
TRANSFER_S_MIN = 0.001  # what came out of a cache takes no time, which is no rate


class Estimate(Protocol):
    """What is thought of the line; both are 0 until `is_known`."""

    throughput_kbps: float
    latency_s: float
    is_known: bool

    def add(self, download: Download) -> None:
        """Learn from one download."""


def rate_kbps(download: Download) -> float:
    """Return the bit rate from the first byte to the last; never 0, as it is divided by."""
    transfer_s = max(download.took_s - download.first_byte_s, TRANSFER_S_MIN)
    return max(download.size_bits, 1) / transfer_s / 1000


class Ewma:
    """Two exponentially weighted averages, weighted by how long each download took."""

    def __init__(self, segment_s: float, half_lives_s: Sequence[float] = HALF_LIVES_S) -> None:
        self.throughput_kbps = 0.0
        self.latency_s = 0.0
        self.is_known = False
        self._rates = [_Average(half_life_s) for half_life_s in half_lives_s]
        # Latencies come one a segment, so they are forgotten by the segment.
        self._latencies = [_Average(half_life_s / segment_s) for half_life_s in half_lives_s]

    def add(self, download: Download) -> None:
        """Learn from one download."""
        transfer_s = max(download.took_s - download.first_byte_s, TRANSFER_S_MIN)
        rate = rate_kbps(download)
        self.throughput_kbps = min([each.add(rate, transfer_s) for each in self._rates])
        self.latency_s = max([each.add(download.first_byte_s, 1) for each in self._latencies])
        self.is_known = True


class _Average:
    """An average in which what was seen `half_life` ago counts half as much as what is seen now."""

    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._value = 0.0
        self._unseen = 1.0  # the weight of the 0 that it began with

    def add(self, value: float, weight: float) -> float:
        """Return the average after `value`, which lasted for `weight`, without the 0 at its start."""
        kept = 0.5 ** (weight / self._half_life)
        self._value = kept * self._value + (1 - kept) * value
        self._unseen *= kept
        return self._value / (1 - self._unseen)


class Window:
    """The mean of the last downloads; harmonic, it is what the same bits would have taken."""

    def __init__(
        self, count: int = WINDOW, mean: Callable[[Sequence[float]], float] = fmean
    ) -> None:
        self.throughput_kbps = 0.0
        self.latency_s = 0.0
        self.is_known = False
        self._mean = mean
        self._rates: deque[float] = deque(maxlen=count)
        self._latencies: deque[float] = deque(maxlen=count)

    def add(self, download: Download) -> None:
        """Learn from one download."""
        self._rates.append(rate_kbps(download))
        self._latencies.append(download.first_byte_s)
        self.throughput_kbps = self._mean(self._rates)
        self.latency_s = fmean(self._latencies)
        self.is_known = True
