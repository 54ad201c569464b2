"""The rows of the home page, in an order that is learnt for each part of the day.

    morning   again  made for you │ charts  together        what is in sight is tried: somebody starts
    evening   charts  together    │ again   made for you    a track from it, or does not

Each part of the day has a bandit of its own (Thompson) with an arm for each row. Rows are in the order of
the guesses drawn for them; the first IN_SIGHT were seen, and only they can have failed. What is begun
from a row further down counts for it all the same. Invariant: what was learnt is counts, made of plays
and of pages shown. Source: McInerney et al., "Explore, Exploit, and Explain: Personalizing Explainable
Recommendations with Bandits" (Spotify), RecSys 2018. Page: docs/spotify/home.md
"""

from collections.abc import Mapping, Sequence
from random import Random

from chapters.bandit.policy import Thompson

HOUR_MS = 3_600_000
IN_SIGHT = 2  # rows that are seen without a scroll
PARTS = {"night": (0, 6), "morning": (6, 11), "day": (11, 18), "evening": (18, 24)}  # hours
ROWS = ("made for you", "again", "together", "charts")
SOURCE = "home:"  # of plays that are begun from a row


def part_of(at_ms: int) -> str:
    """Return the part of the day of a time, in UTC."""
    hour = at_ms // HOUR_MS % 24
    return next(name for name, (first, end) in PARTS.items() if first <= hour < end)


class Rows:
    """Which rows to show first; `names` are the rows there are."""

    def __init__(self, names: Sequence[str], *, rng: Random) -> None:
        self._names = list(names)
        self._arms = {part: Thompson(len(names), rng=rng) for part in PARTS}
        self._open: dict[str, tuple[str, frozenset[str]]] = {}

    def order(self, user: str, at_ms: int, names: Sequence[str] | None = None) -> list[str]:
        """Return the rows from the top, and take note of what is in sight until the page is left.

        `names` are those that have something to show, by default all.
        """
        self.settle(user)
        part = part_of(at_ms)
        guesses = dict(zip(self._names, self._arms[part].guesses(), strict=True))
        ranked = sorted(names or self._names, key=lambda name: -guesses[name])
        self._open[user] = part, frozenset(ranked[:IN_SIGHT])
        return ranked

    def begun(self, user: str, source: str) -> None:
        """Hear that a listener has begun a track; `source` is the play's. Other sources are no news."""
        name = source.removeprefix(SOURCE)
        if source.startswith(SOURCE) and name in self._names:
            self.settle(user, name)

    def settle(self, user: str, name: str = "") -> None:
        """Learn from the page that was shown, once: the row a track came from, and those in sight.

        Without a name nothing came of it. A listener without an open page teaches nothing.
        """
        part, in_sight = self._open.pop(user, ("", frozenset()))
        if part:
            for each in {*in_sight, name} - {""}:
                self._arms[part].learn(self._names.index(each), float(each == name))

    def counts(self) -> Mapping[str, dict[str, tuple[int, float]]]:
        """Return for each part of the day each row's trials, and how many led to a track."""
        return {
            part: dict(zip(self._names, zip(arms.pulls, arms.rewards, strict=True), strict=True))
            for part, arms in self._arms.items()
        }
