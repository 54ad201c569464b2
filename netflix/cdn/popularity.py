"""How often will each title be played tonight? Yesterday's plays, where older ones count less.

    hour      …  18  19  20      a play of `HALF_LIFE_MS` ago counts half, one of twice that a quarter
    plays     …  40  52  61  ──► sum of plays × 2^(−age / half-life)

Invariant: an hour counts once, with the last that was told of it. So it makes no difference when an hour's
count arrives, or how often it is corrected. Memory: HOURS_MAX × titles. Page: docs/netflix/fill.md
"""

from collections.abc import Collection

from netflix.events.windows import HOUR_MS, Told

HALF_LIFE_MS = 24 * HOUR_MS
HOURS_MAX = 14 * 24  # after two weeks a play counts 1/16384
SELDOM = 0.01  # plays of a title that nobody was seen to play
PREMIERE_QUANTILE = 0.95  # a new title is taken to be as popular as one in twenty is


class Popularity:
    """Plays of each title, hour by hour, as the windows of netflix/events told them."""

    def __init__(self, half_life_ms: int = HALF_LIFE_MS) -> None:
        self._half_life_ms = half_life_ms
        self._hours: dict[int, tuple[int, dict[str, int]]] = {}  # revision, plays

    def hear(self, told: Told) -> None:
        """Take an hour's counts; they replace what an earlier revision said of that hour."""
        revision, _ = self._hours.get(told.begin_ms, (-1, {}))
        if told.revision >= revision:
            self._hours[told.begin_ms] = told.revision, told.counts
        if len(self._hours) > HOURS_MAX:
            del self._hours[min(self._hours)]

    def predict(
        self, now_ms: int, titles: Collection[str], new: Collection[str] = ()
    ) -> dict[str, float]:
        """Return the expected plays of each of `titles`, relative to the others.

        Nothing known counts SELDOM, so that room is used even when no hour was ever told. Those in `new`
        could not be played yet: they count like one that is more popular than PREMIERE_QUANTILE of all,
        unless they were played more already.
        """
        found = dict.fromkeys(titles, SELDOM)
        for begin_ms, (_, counts) in self._hours.items():
            weight = 2.0 ** (-max(0, now_ms - begin_ms) / self._half_life_ms)
            for title, plays in counts.items():
                if title in found:
                    found[title] += weight * plays
        premiere = _quantile(sorted(found.values()), PREMIERE_QUANTILE)
        return found | {title: max(premiere, found[title]) for title in new if title in found}


def _quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else SELDOM
