"""BOLA: the buffer alone decides, and it can be proved how near to the best that comes.

Each segment is worth something (its utility, the logarithm of its bit rate, plus a reward `gamma_p` for
not stalling) and costs bits. With the buffer at level Q, take the rung that is worth most a bit:

    score(m) = (V × (utility(m) + gamma_p) − Q) / bitrate(m)         the argmax is the choice

       Q low:  every numerator is large, so the cheapest rung wins
       Q high: cheap rungs' numerators are negative first, so a dear one wins
       all negative: the buffer is above its target, and it is best to ask for nothing now

V converts worth into seconds of buffer and is set such that the top rung is reached just below a full
buffer. Invariant: the level decides which rung, never the throughput; that only caps a
step *up* (BOLA-O), against hopping between two rungs that enclose the line's rate.

Source: Spiteri, Urgaonkar, Sitaraman, *BOLA: near-optimal bitrate adaptation for online videos*,
2016. Page: docs/netflix/bola.md
"""

from collections.abc import Sequence
from math import log

from netflix.abr.estimate import Ewma
from netflix.abr.rule import Download, Ladder, Moment, Progress, Rule
from netflix.abr.throughput import sustainable

GAMMA_P = 5.0  # the reward for not stalling, in units of utility
GROWN_BY_SEGMENTS = 2  # at first the target grows by a segment for two that were fetched …
SMALLEST_SEGMENTS = 3  # … from this many on


def utilities(bitrates_kbps: Sequence[float]) -> list[float]:
    """Return what each rung is worth: 0 for the lowest, and the logarithm of what is above it."""
    return [log(kbps / bitrates_kbps[0]) for kbps in bitrates_kbps]


def best_per_bit(
    worths: Sequence[float], bitrates_kbps: Sequence[float], v_s: float, buffer_s: float
) -> int:
    """Return the rung with the highest (V × worth − Q) / bitrate; of equals, the lowest.

    `worths` are utility + gamma_p; `v_s` is V, seconds of buffer for a unit of worth.
    """
    best, best_score = 0, float("-inf")
    for rung, kbps in enumerate(bitrates_kbps):
        score = (v_s * worths[rung] - buffer_s) / kbps
        if score > best_score:
            best, best_score = rung, score
    return best


def better(
    ladder: Ladder,
    worths: Sequence[float],
    v_s: float,
    progress: Progress,
    left_bits: float,
    buffer_s: float,
) -> int | None:
    """Return the rung whose whole segment is worth more a bit than the rest of the one under way.

    None if there is none, and none that has more bits than are left.
    """
    found = None
    best_score = (v_s * worths[progress.rung] - buffer_s) / left_bits
    for rung in range(progress.rung):
        size_bits = ladder.size_like(progress, rung)
        score = (v_s * worths[rung] - buffer_s) / size_bits
        if size_bits < left_bits and score > best_score:
            found, best_score = rung, score
    return found


class Bola(Rule):
    """BOLA-O; with `basic`, the buffer's target is the same from the first segment to the last."""

    def __init__(
        self,
        ladder: Ladder,
        buffer_max_s: float,
        *,
        basic: bool = False,
        estimate: Ewma | None = None,
    ) -> None:
        self._ladder = ladder
        self._buffer_max_s = buffer_max_s
        self._is_basic = basic
        self._worths = [each + GAMMA_P for each in utilities(ladder.bitrates_kbps)]
        self._estimate = estimate or Ewma(ladder.segment_s)
        self._v_s = self._v_at(0)
        self._last = 0
        self._wait_s = 0.0

    def choose(self, moment: Moment) -> int:
        """Return the rung of the next segment: the lowest, while nothing is known."""
        self._wait_s = 0.0
        if not self._estimate.is_known:
            return 0
        self._v_s = self._v_at(moment.segment)
        rung = best_per_bit(self._worths, self._ladder.bitrates_kbps, self._v_s, moment.buffer_s)
        if rung > self._last:
            rung = self._capped(rung, moment.buffer_s)
        self._last = rung
        return rung

    def wait_s(self) -> float:
        """Return how long to wait first: until the buffer is down at the chosen rung's target."""
        return self._wait_s

    def abandon(self, progress: Progress) -> int | None:
        """Return the rung that is now worth more a bit than what is left of this one."""
        if self._is_basic:
            return None
        left_bits = progress.size_bits - progress.came_bits
        if self._v_s * self._worths[progress.rung] < progress.buffer_s:
            return None
        return better(self._ladder, self._worths, self._v_s, progress, left_bits, progress.buffer_s)

    def downloaded(self, download: Download) -> None:
        """Hear how a download went; of one that was broken off, only for which rung."""
        if download.abandoned_for is None:
            self._estimate.add(download)
        else:
            self._last = download.abandoned_for

    def _v_at(self, segment: int) -> float:
        """Return V: small at first, so that quality comes sooner, and in the end, so that none is left."""
        segment_s = self._ladder.segment_s
        target_s = self._buffer_max_s
        if not self._is_basic:
            nearest_end = min(segment, len(self._ladder.sizes_bits) - segment)
            grown = max(nearest_end / GROWN_BY_SEGMENTS, SMALLEST_SEGMENTS)
            target_s = min(target_s, grown * segment_s)
        return (target_s - segment_s) / self._worths[-1]

    def _capped(self, rung: int, buffer_s: float) -> int:
        """Return the rung to step up to: none that the line cannot carry, and rather wait than hop."""
        found = self._estimate
        carried = sustainable(self._ladder, found.throughput_kbps, found.latency_s)
        if rung <= carried:
            return rung
        if self._last > carried:
            return self._last
        if carried < len(self._worths) - 1:
            self._wait_s = max(0.0, buffer_s - self._v_s * self._worths[carried])
        return carried
