"""Everybody's first page: which rows there could be for a profile, from what everybody has watched.

    views (profile, title, when) ──► histories ──► likeness of titles ──► worth of each for this profile
                                               └─► rows: continue, top picks, because of …, trending, genres

A profile without a history gets what is popular; a service without any views gets its catalogue. Nothing
here is wrong then, only less personal: a page never fails for want of a recommendation.
Page: docs/netflix/rows.md
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from chapters.recommend.knn import ItemKnn
from netflix.catalogue import Entry
from netflix.events.windows import HOUR_MS
from netflix.recs.rows import Row

HALF_LIFE_MS = 3 * 24 * HOUR_MS  # trending: a view of three days ago counts half
BECAUSE_MAX = 2  # rows "because you watched"
PRIOR = 0.05  # what popularity adds to a title's worth: it decides where nothing is known
GENRE_WEIGHT, TRENDING_WEIGHT, BECAUSE_WEIGHT = 0.6, 0.8, 0.9


@dataclass(frozen=True, slots=True)
class View:
    """Somebody began to watch something."""

    profile: str
    title: str
    at_ms: int


class Home:
    """What is known of titles and viewers at one time; it answers for any profile."""

    def __init__(self, catalogue: Sequence[Entry], views: Iterable[View], now_ms: int) -> None:
        """Learn from `views`; `catalogue` is what can be watched."""
        self._entries = {str(entry.title): entry for entry in catalogue}
        self._titles = list(self._entries)
        self._places = {title: place for place, title in enumerate(self._titles)}
        self._history: dict[str, dict[str, int]] = {}
        self._trend = np.zeros(len(self._titles))
        for view in views:
            if view.title in self._places:
                own = self._history.setdefault(view.profile, {})
                own[view.title] = max(view.at_ms, own.get(view.title, 0))
                age_ms = max(0, now_ms - view.at_ms)
                self._trend[self._places[view.title]] += 2.0 ** (-age_ms / HALF_LIFE_MS)
        self._model = ItemKnn()
        self._model.fit(self._matrix(list(self._history.values())))

    def worth(self, profile: str) -> dict[str, float]:
        """Return how much this profile is thought to like each title: 0 or more, watched ones too."""
        popular = self._trend / max(1.0, self._trend.max(initial=0.0))
        scores = self._model.scores(self._matrix([self._history.get(profile, ())]))[0] + PRIOR * (
            popular + PRIOR
        )
        return dict(zip(self._titles, map(float, scores), strict=True))

    def rows(self, profile: str, begun: Sequence[str]) -> list[Row]:
        """Return the rows that there could be; `begun`: what is not finished, the latest first."""
        worth, history = self.worth(profile), self._history.get(profile, {})
        trend = dict(zip(self._titles, self._trend.tolist(), strict=True))
        ranked = self._ranked(worth, history)
        latest = sorted(history, key=lambda title: (-history[title], title))
        going_on = tuple(title for title in begun if title in self._places)
        return [
            Row("Continue watching", going_on, is_fixed=True),
            Row("Top picks for you" if history else "Popular here", ranked),
            *(self._because(title, history) for title in latest[:BECAUSE_MAX]),
            Row("Trending now", self._ranked(trend, history), TRENDING_WEIGHT),
            *self._by_genre(ranked),
        ]

    def _ranked(self, worth: Mapping[str, float], history: Collection[str]) -> tuple[str, ...]:
        """All titles, the best first; what was watched comes after what was not."""
        return tuple(
            sorted(self._titles, key=lambda title: (title in history, -worth[title], title))
        )

    def _because(self, title: str, history: Collection[str]) -> Row:
        scores = self._model.scores(self._matrix([[title]]))[0]
        alike = dict(zip(self._titles, map(float, scores), strict=True))
        found = tuple(
            other for other in self._ranked(alike, history) if other != title and alike[other]
        )
        return Row(f"Because you watched {self._entries[title].name}", found, BECAUSE_WEIGHT)

    def _by_genre(self, ranked: Sequence[str]) -> Iterator[Row]:
        for genre in sorted({genre for each in self._entries.values() for genre in each.genres}):
            own = tuple(title for title in ranked if genre in self._entries[title].genres)
            if len(own) > 1:
                yield Row(genre, own, GENRE_WEIGHT)

    def taste(self, profile: str) -> str:
        """Return the genre of most of a profile's titles, the first by name; empty without any."""
        counts: dict[str, int] = {}
        for title in self._history.get(profile, {}):
            for genre in self._entries[title].genres:
                counts[genre] = counts.get(genre, 0) + 1
        return min(counts, key=lambda genre: (-counts[genre], genre), default="")

    def _matrix(self, histories: Sequence[Iterable[str]]) -> csr_array:
        """Histories × titles, 1 where it was watched; at least one row, empty where there is no history."""
        dense = np.zeros((max(1, len(histories)), len(self._titles)))
        for row, titles in enumerate(histories):
            for title in titles:
                dense[row, self._places[title]] = 1.0
        return csr_array(dense)
