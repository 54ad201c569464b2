"""What a session was like: how good the picture, how long it stalled, how often it changed.

    ├─ startup ─┤▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇│ stall │▇▇▇▇▇▇▇▇▇▇▇▇▇│    duration_s = startup_s + content + stalled_s
Page: docs/netflix/abr.md
"""

from dataclasses import dataclass
from itertools import pairwise

from netflix.abr.rule import Ladder


@dataclass(frozen=True, slots=True)
class Fetch:
    """One download of a session."""

    segment: int
    rung: int
    size_bits: int
    asked_s: float
    took_s: float
    buffer_s: float  # when it was asked for
    stalled_s: float  # while it was on its way
    is_whole: bool  # or it was broken off


@dataclass(frozen=True, slots=True)
class Session:
    """A title watched to its end."""

    ladder: Ladder
    fetches: tuple[Fetch, ...]

    @property
    def startup_s(self) -> float:
        """Return how long the first picture was waited for."""
        return next(each.asked_s + each.took_s for each in self.fetches if each.is_whole)

    @property
    def content_s(self) -> float:
        """Return how long the title plays."""
        return self.ladder.segment_s * len(self.ladder.sizes_bits)

    @property
    def stalled_s(self) -> float:
        """Return how long the picture stood still after it had begun."""
        return sum(each.stalled_s for each in self.fetches)

    @property
    def stalls(self) -> int:
        """Return how often it stopped."""
        return sum(each.stalled_s > 0 and each.buffer_s > 0 for each in self.fetches)

    @property
    def duration_s(self) -> float:
        """Return how long the viewer sat there."""
        return self.startup_s + self.content_s + self.stalled_s

    @property
    def rebuffer_ratio(self) -> float:
        """Return the share of the time in which the picture stood still."""
        return self.stalled_s / self.duration_s

    @property
    def played_kbps(self) -> list[float]:
        """Return the bit rate of each segment as it was played."""
        return [self.ladder.bitrates_kbps[each.rung] for each in self.fetches if each.is_whole]

    @property
    def bitrate_kbps(self) -> float:
        """Return the bit rate on the screen, averaged over all of the time; a stall counts as none."""
        return self.ladder.segment_s * sum(self.played_kbps) / self.duration_s

    @property
    def change_kbps(self) -> float:
        """Return how much the bit rate changed, averaged over the time like `bitrate_kbps`."""
        played = self.played_kbps
        changes = (abs(after - before) for before, after in pairwise(played))
        return self.ladder.segment_s * sum(changes) / self.duration_s

    @property
    def switches(self) -> int:
        """Return how often the bit rate changed."""
        played = self.played_kbps
        return sum(before != after for before, after in pairwise(played))

    @property
    def wasted_bits(self) -> int:
        """Return what came and was thrown away, because the download was broken off."""
        return sum(each.size_bits for each in self.fetches if not each.is_whole)
