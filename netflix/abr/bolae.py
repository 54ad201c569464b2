"""BOLA-E: BOLA for a buffer that is small or empty, by pretending that there is more.

    ├──── placeholder ────┼─ what is really there ─┤     BOLA is asked at the level of both together

BOLA reads the line off the buffer's level. Right after the start, and after each pause at a full
buffer, the level says little about the line. So a *placeholder* is put under the buffer: at the start
as much as the estimated throughput deserves, later each second in which nothing could be fetched.

Invariant: after a download, the placeholder is such that BOLA itself could have chosen its rung. It is
virtual, so it protects from nothing: a low *real* buffer is watched by the insufficient-buffer rule.

Source: Spiteri, Sitaraman, Sparacio, *From theory to practice: improving bitrate adaptation in the
DASH reference player*, 2018. Page: docs/netflix/bola.md
"""

from netflix.abr.bola import best_per_bit, better, utilities
from netflix.abr.estimate import Ewma
from netflix.abr.rule import Download, Ladder, Moment, Progress, Rule
from netflix.abr.throughput import LowBuffer, sustainable

LOWEST_UNTIL_S = 10.0  # of virtual buffer: there the second rung begins, …
MORE_A_RUNG_S = 2.0  # … and this much room each rung has at least


class BolaE(Rule):
    """BOLA with a placeholder buffer and the insufficient-buffer rule."""

    def __init__(self, ladder: Ladder, buffer_max_s: float) -> None:
        self._ladder = ladder
        utility = utilities(ladder.bitrates_kbps)
        virtual_s = max(LOWEST_UNTIL_S + MORE_A_RUNG_S * len(utility), buffer_max_s)
        gamma_p = (utility[-1] or 1.0) / (virtual_s / LOWEST_UNTIL_S - 1)
        self._v_s = LOWEST_UNTIL_S / gamma_p
        self._worths = [1 + each + gamma_p for each in utility]
        self._begins_s = [self._begin_s(rung) for rung in range(len(utility))]
        self._estimate = Ewma(ladder.segment_s)
        self._low_buffer = LowBuffer(ladder)
        self._placeholder_s = 0.0
        self._is_steady = False
        self._wait_s = 0.0
        self._asked_s = 0.0
        self._last = Download(0, 0, 0, 0.0, 0.0)

    def choose(self, moment: Moment) -> int:
        """Return the rung of the next segment: the lowest, while nothing is known."""
        self._wait_s = 0.0
        rung = 0
        if self._is_steady:
            self._settle(moment)
            rung = self._watched(self._virtual(moment.buffer_s), moment.buffer_s)
        elif self._estimate.is_known:
            self._is_steady = True
            rung = self._carried()
            self._placeholder_s = max(0.0, self._begins_s[rung] - moment.buffer_s)
        self._asked_s = moment.now_s
        return rung

    def wait_s(self) -> float:
        """Return how long to wait first: what the placeholder could not give of the excess."""
        return self._wait_s

    def abandon(self, progress: Progress) -> int | None:
        """Return the rung that would be worth more a bit, after the wait for its first byte."""
        transfer_s = progress.took_s - progress.first_byte_s
        rate = progress.came_bits / transfer_s if transfer_s > 0 else 0.0
        left_bits = progress.size_bits - progress.came_bits - progress.first_byte_s * rate
        if left_bits <= 0:
            return None
        level_s = max(0.0, progress.buffer_s + self._placeholder_s - progress.first_byte_s)
        return better(self._ladder, self._worths, self._v_s, progress, left_bits, level_s)

    def downloaded(self, download: Download) -> None:
        """Hear how a download went."""
        if download.abandoned_for is None:
            self._estimate.add(download)
        self._last = download

    def _settle(self, moment: Moment) -> None:
        """Make the placeholder fit the last download, and add the time since, which went unused."""
        last = self._last
        idle_s = max(0.0, moment.now_s - self._asked_s - self._wait_s - last.took_s)
        level_s = moment.buffer_s + idle_s
        if last.abandoned_for is None:
            before_s = level_s + last.took_s
            most_s = max(0.0, self._target_s(last.rung) - before_s)
            self._placeholder_s = min(self._placeholder_s, most_s)
            self._placeholder_s = max(self._placeholder_s, self._begins_s[last.rung] - before_s)
        else:
            wanted_s = self._begins_s[last.abandoned_for] if last.abandoned_for else LOWEST_UNTIL_S
            self._placeholder_s = min(self._placeholder_s, max(0.0, wanted_s - level_s))
        self._placeholder_s += idle_s

    def _virtual(self, buffer_s: float) -> int:
        """Return what BOLA chooses at the virtual level, and let the placeholder take up an excess."""
        level_s = buffer_s + self._placeholder_s
        rung = best_per_bit(self._worths, self._ladder.bitrates_kbps, self._v_s, level_s)
        if rung > self._last.rung:
            rung = min(rung, max(self._last.rung, self._carried()))
        excess_s = max(0.0, level_s - self._target_s(rung))
        taken_s = min(excess_s, self._placeholder_s)
        self._placeholder_s -= taken_s
        if rung < len(self._worths) - 1:
            self._wait_s = excess_s - taken_s
        return rung

    def _watched(self, rung: int, buffer_s: float) -> int:
        """Return the rung, or a lower one that arrives before the real buffer is empty."""
        safe = self._low_buffer.limit(rung, buffer_s, self._estimate)
        if safe < rung:
            self._wait_s = 0.0
            most_s = max(0.0, self._begins_s[safe] - buffer_s)
            self._placeholder_s = min(self._placeholder_s, most_s)
        return safe

    def _carried(self) -> int:
        found = self._estimate
        return sustainable(self._ladder, found.throughput_kbps, found.latency_s)

    def _target_s(self, rung: int) -> float:
        """Return the level above which this rung is not worth a bit more."""
        return self._v_s * self._worths[rung]

    def _begin_s(self, rung: int) -> float:
        """Return the lowest level at which this rung beats all below it."""
        kbps, worth = self._ladder.bitrates_kbps, self._worths
        crossings = (
            self._v_s
            * (kbps[rung] * worth[low] - kbps[low] * worth[rung])
            / (kbps[rung] - kbps[low])
            for low in range(rung)
        )
        return max(crossings, default=0.0)
