"""How often is each title started, hour by hour, when reports come late?

    event time   20:00 ────────── 21:00 ────────── 22:00
    watermark              "nothing older than this is expected any more" ──►
    window 20 to 21        closes when the watermark passes 21:00, and is told
                           a straggler within the lateness: told again, corrected
                           one beyond it: counted as too late, and nowhere else

Invariant: every report is in exactly one window, or in `too_late`; so nothing vanishes silently. The hour
of a report is the player's, as far as it can be believed; the watermark is ours: what is older than
`delay_ms` is taken to have come. Source: Akidau et al., "The Dataflow Model", VLDB 2015.
Page: docs/netflix/events.md
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

HOUR_MS = 3_600_000
DELAY_MS = 2 * 60_000  # how far the watermark stays behind our clock
LATENESS_MS = 6 * HOUR_MS  # a telephone that was in a tunnel or a plane
SKEW_MS = 5 * 60_000  # by how much a player's clock may be ahead of ours


@dataclass(frozen=True, slots=True)
class Told:
    """A window's counts by title; `revision` 0 is the first, later ones replace those before."""

    begin_ms: int
    revision: int
    counts: dict[str, int]


class Windows:
    """Tumbling windows of event time, with a watermark and an allowed lateness."""

    def __init__(
        self, length_ms: int = HOUR_MS, delay_ms: int = DELAY_MS, lateness_ms: int = LATENESS_MS
    ) -> None:
        self._length_ms, self._delay_ms, self._lateness_ms = length_ms, delay_ms, lateness_ms
        self._counts: dict[int, Counter[str]] = {}
        self._revisions: dict[int, int] = {}
        self.watermark_ms = 0
        self.too_late = 0
        self.from_the_future = 0

    def add(self, title: str, at_ms: int, now_ms: int) -> Iterator[Told]:
        """Count one start of `title`; yield the windows that have closed by now, and the one it corrects.

        `at_ms` is the time at the player, `now_ms` the time here, which bounds what a player is believed.
        """
        yield from self._advance(now_ms - self._delay_ms)
        if at_ms > now_ms + SKEW_MS:
            self.from_the_future += 1
            at_ms = now_ms
        begin_ms = at_ms - at_ms % self._length_ms
        if self._is_over(begin_ms):
            self.too_late += 1
            return
        self._counts.setdefault(begin_ms, Counter())[title] += 1
        if begin_ms + self._length_ms <= self.watermark_ms:
            yield self._tell(begin_ms)

    def finish(self) -> Iterator[Told]:
        """Yield the windows that are still open: nothing more will come."""
        yield from (
            self._tell(each) for each in sorted(self._counts) if each not in self._revisions
        )

    def _advance(self, watermark_ms: int) -> Iterator[Told]:
        self.watermark_ms = max(self.watermark_ms, watermark_ms)
        for begin_ms in sorted(self._counts):
            if begin_ms + self._length_ms > self.watermark_ms:
                break
            if begin_ms not in self._revisions:
                yield self._tell(begin_ms)
            if self._is_over(begin_ms):
                del self._counts[begin_ms], self._revisions[begin_ms]

    def _is_over(self, begin_ms: int) -> bool:
        """Whether a window takes no more corrections."""
        return begin_ms + self._length_ms + self._lateness_ms <= self.watermark_ms

    def _tell(self, begin_ms: int) -> Told:
        revision = self._revisions.get(begin_ms, -1) + 1
        self._revisions[begin_ms] = revision
        return Told(begin_ms, revision, dict(sorted(self._counts[begin_ms].items())))
