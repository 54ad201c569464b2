"""Robust MPC: play the next five segments through in all ways, and begin as the best of them does.

       now        +1        +2                 value of a way = Σ bit rate − |change| − penalty × stalls
    ── rung 2 ┬─ rung 2 ┬─ rung 2 …
              │         └─ rung 1 …            only its first step is taken: the next choice
              └─ rung 1 …                      looks at the world anew
    ── rung 1 …

It knows what the others do not: the sizes of the segments to come. It must guess what they need not: the
throughput. Robust means that the guess is divided by 1 + the worst error of the last five guesses,
so whoever has just been wrong is careful.

Invariant: the choice is exact, that of the best of all ways: a branch is left only when even the top rung
without a stall could not make it the best. Cost: rungs^5 at worst, some hundred steps as a rule.

Source: Yin, Jindal, Sekar, Sinopoli, *A control-theoretic approach for dynamic adaptive video
streaming over HTTP*, 2015 (RobustMPC, QoE_lin). Page: docs/netflix/mpc.md
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import harmonic_mean

from netflix.abr.estimate import Window, rate_kbps
from netflix.abr.rule import Download, Ladder, Moment, Rule

HORIZON = 5  # segments
STALL_S = 4.0  # a second of stall is as bad as so many seconds of nothing instead of the top rung
REMEMBERED = 5  # downloads, for the mean and for the errors


@dataclass(frozen=True, slots=True)
class Outlook:
    """The segments to come: `takes_s[step][rung]` is how long each would take, as is guessed."""

    rates_kbps: Sequence[float]
    takes_s: Sequence[Sequence[float]]
    segment_s: float
    buffer_max_s: float

    @property
    def stall_kbps(self) -> float:
        """Return what a second of stall costs, in the unit of a step's worth."""
        return STALL_S * self.rates_kbps[-1] / self.segment_s

    def at_most(self, step: int, rung: int) -> float:
        """Return what the steps from `step` on are worth after `rung`, if nothing ever stalls."""
        left, top = len(self.takes_s) - step, self.rates_kbps[-1]
        return left * top - (top - self.rates_kbps[rung]) if left else 0.0


def best_way(
    outlook: Outlook, last: int, buffer_s: float, step: int = 0, above: float = float("-inf")
) -> tuple[float, int]:
    """Return the value of the best way from `step` on, and the rung it begins with.

    A step is worth its bit rate, less its difference from the last one's, less `stall_kbps` for each second
    of stall. Only ways worth more than `above` count: if there is none, (above, last).
    """
    if step == len(outlook.takes_s):
        return 0.0, last
    rates, best = outlook.rates_kbps, last
    for rung in nearest_first(len(rates), last):
        left_s = buffer_s - outlook.takes_s[step][rung]
        worth = rates[rung] - abs(rates[rung] - rates[last]) + outlook.stall_kbps * min(left_s, 0.0)
        if worth + outlook.at_most(step + 1, rung) <= above:
            continue
        level_s = min(max(left_s, 0.0) + outlook.segment_s, outlook.buffer_max_s)
        needed = above - worth
        rest, _ = best_way(outlook, rung, level_s, step + 1, needed)
        if rest > needed:
            above, best = worth + rest, rung
    return above, best


@cache
def nearest_first(count: int, last: int) -> tuple[int, ...]:
    """Return all rungs, those near the last one first: a good way found early leaves more branches."""
    return tuple(sorted(range(count), key=lambda rung: abs(rung - last)))


class RobustMpc(Rule):
    """Look five segments ahead with a careful guess of the throughput."""

    def __init__(self, ladder: Ladder, buffer_max_s: float) -> None:
        self._ladder = ladder
        self._buffer_max_s = buffer_max_s
        self._estimate = Window(REMEMBERED, harmonic_mean)
        self._errors: deque[float] = deque(maxlen=REMEMBERED)
        self._last = 0

    def choose(self, moment: Moment) -> int:
        """Return the rung of the next segment: the lowest, while nothing is known."""
        if self._estimate.is_known:
            outlook = self._outlook(moment.segment)
            _, self._last = best_way(outlook, self._last, moment.buffer_s)
        return self._last

    def downloaded(self, download: Download) -> None:
        """Hear how a download went, and how far off the guess about it was."""
        if self._estimate.is_known:
            kbps = rate_kbps(download)
            self._errors.append(abs(self._estimate.throughput_kbps - kbps) / kbps)
        self._estimate.add(download)

    def guess_kbps(self) -> float:
        """Return the throughput to count on: the mean, less by the worst of the last errors."""
        return self._estimate.throughput_kbps / (1 + max(self._errors, default=0.0))

    def _outlook(self, segment: int) -> Outlook:
        bits_per_s, latency_s = self.guess_kbps() * 1000, self._estimate.latency_s
        rows = self._ladder.sizes_bits[segment : segment + HORIZON]
        takes_s = [[latency_s + size / bits_per_s for size in row] for row in rows]
        rates_kbps = self._ladder.bitrates_kbps
        return Outlook(rates_kbps, takes_s, self._ladder.segment_s, self._buffer_max_s)
