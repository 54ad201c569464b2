"""BBA-0: a map from the buffer's level to a rate, and nothing else.

    rate  top ┤              ┌────
              │            ╱
              │          ╱            reservoir: so low that only the lowest rung is safe
       lowest ┤────────╱              cushion: here the rate grows with the level
              └────────┼─────┼────    above it: as good as full
              reservoir cushion      buffer

The rung changes only when the map passes the next rung's rate, up or down; in between the old one
stays, or a level that wavers would make a picture that wavers.
Invariant: the rung depends on the level and the last rung alone; of the line it knows nothing.

Source: Huang, Johari, McKeown, Trunnell, Watson, *A buffer-based approach to rate adaptation*, 2014.
Page: docs/netflix/abr.md
"""

from collections.abc import Sequence

from netflix.abr.rule import Download, Ladder, Moment, Rule

RESERVOIR = 0.2  # of the highest level at which anything is asked for
CUSHION = 0.7  # of it too; what is left is as good as full


def stepped(rate_kbps: float, rates_kbps: Sequence[float], last: int) -> int:
    """Return the rung for a mapped rate: the last one, unless the rate has passed its neighbour's.

    Passed upwards, it is the highest rung below the rate; downwards, the lowest above it.
    """
    higher, lower = min(last + 1, len(rates_kbps) - 1), max(last - 1, 0)
    if rate_kbps >= rates_kbps[higher]:
        return max(rung for rung, kbps in enumerate(rates_kbps) if kbps <= rate_kbps)
    if rate_kbps <= rates_kbps[lower]:
        return min(rung for rung, kbps in enumerate(rates_kbps) if kbps >= rate_kbps)
    return last


class BufferBased(Rule):
    """BBA-0."""

    def __init__(self, ladder: Ladder, buffer_max_s: float) -> None:
        self._rates_kbps = ladder.bitrates_kbps
        # Nothing is asked for before it has room, so the level at a choice is never above this.
        highest_s = buffer_max_s - ladder.segment_s
        self._reservoir_s = RESERVOIR * highest_s
        self._cushion_s = CUSHION * highest_s
        self._last = 0

    def choose(self, moment: Moment) -> int:
        """Return the rung of the next segment."""
        rate_kbps = self.mapped_kbps(moment.buffer_s)
        self._last = stepped(rate_kbps, self._rates_kbps, self._last)
        return self._last

    def mapped_kbps(self, buffer_s: float) -> float:
        """Return the rate that the map gives for a level."""
        lowest, top = self._rates_kbps[0], self._rates_kbps[-1]
        share = (buffer_s - self._reservoir_s) / self._cushion_s
        return lowest + min(max(share, 0.0), 1.0) * (top - lowest)

    def downloaded(self, download: Download) -> None:
        """Hear how a download went, which changes nothing."""
