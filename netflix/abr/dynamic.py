"""DYNAMIC: throughput while the buffer is low, BOLA once it is not.

A buffer rule is blind while there is no buffer, and a throughput rule hops while there is plenty. So each
does what it is good at, and changing between the two needs the level *and* their agreement:

    throughput ──  level > 10 s and BOLA's rung is no lower   ──► BOLA
    throughput ◄── level < 10 s and BOLA's rung is lower      ──  BOLA

Invariant: changing over to BOLA never lowers the rung at that moment, nor does changing back.
Source: Spiteri, Sitaraman, Sparacio 2018. Page: docs/netflix/bola.md
"""

from netflix.abr.bola import Bola
from netflix.abr.estimate import Ewma
from netflix.abr.rule import Download, Ladder, Moment, Progress, Rule
from netflix.abr.throughput import Throughput

THRESHOLD_S = 10.0


class Dynamic(Rule):
    """Two rules, of which one is followed."""

    def __init__(self, ladder: Ladder, buffer_max_s: float) -> None:
        self._estimate = Ewma(ladder.segment_s)  # one for both
        self._bola = Bola(ladder, buffer_max_s, estimate=self._estimate)
        self._throughput = Throughput(ladder, self._estimate)
        self.follows_bola = False

    def choose(self, moment: Moment) -> int:
        """Return the rung of the rule that is followed; both are asked, as both must keep up."""
        by_buffer = self._bola.choose(moment)
        by_throughput = self._throughput.choose(moment)
        if self.follows_bola:
            self.follows_bola = moment.buffer_s >= THRESHOLD_S or by_buffer >= by_throughput
        else:
            self.follows_bola = moment.buffer_s > THRESHOLD_S and by_buffer >= by_throughput
        return by_buffer if self.follows_bola else by_throughput

    def wait_s(self) -> float:
        """Return how long to wait first."""
        return self._bola.wait_s() if self.follows_bola else 0.0

    def abandon(self, progress: Progress) -> int | None:
        """Return what the throughput rule says, whichever is followed."""
        return self._throughput.abandon(progress)

    def downloaded(self, download: Download) -> None:
        """Hear how a download went; of one that was broken off, nothing is learnt."""
        if download.abandoned_for is None:
            self._estimate.add(download)
