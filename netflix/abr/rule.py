"""What a bitrate rule is asked and told: the seam between a player, real or simulated, and its rule.

    player ──► rule.choose(Moment) ──► index of the rung ──► GET segment ──► rule.downloaded(Download)
                                 rule.wait_s()       rule.abandon(Progress)

`choose` and `downloaded` are all that most rules have. A player that wants to may also ask how long
to wait before the request, and, while the bytes come, whether to break off and choose again.

Rungs are numbered from 0, the lowest. A rule has no clock of its own; all that it knows is here.
Page: docs/netflix/abr.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Ladder:
    """A title as a rule sees it: `sizes_bits[segment][rung]`, `bitrates_kbps[rung]` ascending."""

    segment_s: float
    bitrates_kbps: Sequence[float]
    sizes_bits: Sequence[Sequence[int]]

    def size_like(self, progress: "Progress", rung: int) -> float:
        """Return what the segment would be in another rung, going by the rungs' bit rates."""
        rates = self.bitrates_kbps
        return progress.size_bits * rates[rung] / rates[progress.rung]


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known when the next segment is to be chosen. Times in seconds of playback or wall."""

    segment: int  # the number of the segment to be fetched, from 0
    buffer_s: float  # how much is there to be played
    now_s: float  # since the session began


@dataclass(frozen=True, slots=True)
class Download:
    """One finished download: `first_byte_s` is the wait before the first byte, `took_s` all of it."""

    segment: int
    rung: int
    size_bits: int
    first_byte_s: float
    took_s: float
    abandoned_for: int | None = None  # broken off, since this rung seemed better; `size_bits` came


class Progress(NamedTuple):
    """A download under way: `came_bits` of `size_bits` in `took_s`, and what is left to be played."""

    rung: int
    size_bits: int
    came_bits: float
    first_byte_s: float
    took_s: float
    buffer_s: float


class Rule(Protocol):
    """A bitrate rule in one session of one viewer."""

    def choose(self, moment: Moment) -> int:
        """Return the rung of the next segment."""

    def wait_s(self) -> float:
        """Return how long to wait before asking for what was chosen last; most rules never wait."""
        return 0.0

    def abandon(self, progress: Progress) -> int | None:
        """Return a lower rung for which the download should be broken off, or None to go on.

        It changes nothing in the rule. Where it says None, it says so too if more had come, or sooner.
        """
        return None

    def downloaded(self, download: Download) -> None:
        """Hear how a download went."""
