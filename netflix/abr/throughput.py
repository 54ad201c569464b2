"""The rule that everybody thinks of first: take the best rung that the line can carry.

    rung = the highest with  latency + segment_s × bitrate / (0.9 × throughput) ≤ segment_s

Invariant: what it chooses would, at the estimated rate, arrive within the time that it plays.
Its weakness is the estimate: the line of the next seconds is not that of the last. So it takes a
tenth off, and while the buffer is low it takes only what would arrive before the buffer is empty.

Source: the rule of the same name of dash.js and of Sabre (Spiteri et al. 2018).
Page: docs/netflix/abr.md
"""

from netflix.abr.estimate import Ewma
from netflix.abr.rule import Download, Ladder, Moment, Progress, Rule

SAFETY = 0.9  # of the estimate is counted on
LOW_BUFFER_SAFETY = 0.5  # of the buffer may be bet on one segment …
LOW_BUFFER_SAFETY_AT_FIRST = 0.9  # … and more in the beginning, when it is always low

ABANDON_AFTER_S = 0.5  # sooner, the rate of what has come says nothing
ABANDON_SEGMENTS = 1.8  # a download that would take so many times what it plays is broken off
TINY_S = 1e-9  # what a sum of binary fractions may be off by


def sustainable(
    ladder: Ladder, throughput_kbps: float, latency_s: float, share: float = 1.0
) -> int:
    """Return the best rung whose segments arrive as fast as they play, at `share` of the throughput."""
    transfer_s = ladder.segment_s - latency_s
    rung = 0
    for higher in range(1, len(ladder.bitrates_kbps)):
        needs_s = ladder.segment_s * ladder.bitrates_kbps[higher] / (throughput_kbps * share)
        if needs_s > transfer_s:
            break
        rung = higher
    return rung


class LowBuffer:
    """The insufficient-buffer rule: do not bet the whole buffer on one segment."""

    def __init__(self, ladder: Ladder) -> None:
        self._sizes_kbits = [kbps * ladder.segment_s for kbps in ladder.bitrates_kbps]
        self._safety = LOW_BUFFER_SAFETY_AT_FIRST

    def limit(self, rung: int, buffer_s: float, estimate: Ewma) -> int:
        """Return the best rung up to `rung` that arrives in a safe share of the buffer."""
        in_time_s = self._safety * (buffer_s - estimate.latency_s)
        self._safety = max(self._safety * LOW_BUFFER_SAFETY_AT_FIRST, LOW_BUFFER_SAFETY)
        safe_kbits = in_time_s * estimate.throughput_kbps
        for lower in range(rung):
            if self._sizes_kbits[lower + 1] > safe_kbits:
                return lower
        return rung


class Throughput(Rule):
    """Choose by the estimated throughput, less a margin."""

    def __init__(self, ladder: Ladder, estimate: Ewma | None = None) -> None:
        self._ladder = ladder
        self._estimate = estimate or Ewma(ladder.segment_s)
        self._low_buffer = LowBuffer(ladder)

    def choose(self, moment: Moment) -> int:
        """Return the rung of the next segment: the lowest, while nothing is known."""
        found = self._estimate
        if not found.is_known:
            return 0
        rung = sustainable(self._ladder, found.throughput_kbps, found.latency_s, SAFETY)
        return self._low_buffer.limit(rung, moment.buffer_s, found)

    def abandon(self, progress: Progress) -> int | None:
        """Return the rung that the download's own rate carries, if this one would take far too long."""
        transfer_s = progress.took_s - progress.first_byte_s
        if progress.took_s < ABANDON_AFTER_S - TINY_S or transfer_s <= 0:
            return None
        kbps = progress.came_bits / transfer_s / 1000
        left_bits = progress.size_bits - progress.came_bits
        if progress.took_s + left_bits / kbps / 1000 <= ABANDON_SEGMENTS * self._ladder.segment_s:
            return None
        rung = sustainable(self._ladder, kbps, self._estimate.latency_s, SAFETY)
        if rung < progress.rung and self._ladder.size_like(progress, rung) < left_bits:
            return rung
        return None

    def downloaded(self, download: Download) -> None:
        """Hear how a download went; of one that was broken off, nothing is learnt."""
        if download.abandoned_for is None:
            self._estimate.add(download)
