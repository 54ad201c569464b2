"""The index: segments that never change, and a little that is new; searching never waits for changing.

    add, remove ──► buffer ── refresh ──► a new small segment ── merge ──► fewer, larger ones
    search      ──► reads the list of segments once, and works on that, whatever is swapped meanwhile

A text that is replaced or removed stays in its segment, marked as dead, until a merge leaves it out.
Invariant: after a refresh, what is found is what one segment with all the texts would find, in that
order. Page: docs/chapters/inverted_index.md
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from chapters.inverted_index.bm25 import idf
from chapters.inverted_index.fuzzy import Speller
from chapters.inverted_index.segment import Numbers, Postings, Segment, Text, intersect, union
from chapters.inverted_index.words import words

SEGMENTS_MAX = 8  # more are merged
PENALTY = 0.35  # a mistake divides what a word says by about three
FEW = 1  # with fewer hits, a mistake is thought of
QUERY_WORDS_MAX = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that was found."""

    key: str
    score: float


@dataclass(frozen=True, slots=True)
class _View:
    """What one search works on."""

    segments: tuple[Segment, ...] = ()
    dead: tuple[frozenset[int], ...] = ()  # numbers, by segment
    speller: Speller = field(default_factory=lambda: Speller(()))

    @property
    def count(self) -> int:
        return sum(map(len, self.segments))

    def having(self, term: str) -> int:
        return sum(segment.having(term) for segment in self.segments)


class Index:
    """Texts by their words. Changes are seen after `refresh`; one caller may change, any number search."""

    def __init__(self) -> None:
        self._view = _View()
        self._buffer: dict[str, Text | None] = {}  # None: to be removed

    def __len__(self) -> int:
        """Return how many texts can be found."""
        view = self._view
        return view.count - sum(map(len, view.dead))

    def add(self, key: str, text: str, weight: float = 1.0) -> None:
        """Put a text in, or in place of the one that has this key."""
        self._buffer[key] = Text(key, text, weight)

    def remove(self, key: str) -> None:
        """Take a text out, if it is there."""
        self._buffer[key] = None

    def refresh(self) -> None:
        """Let searches see what was changed since the last time."""
        if not self._buffer:
            return
        changed, self._buffer = self._buffer, {}
        new = Segment(text for text in changed.values() if text is not None)
        view = self._view
        dead = [
            _dead(each, own, changed) for each, own in zip(view.segments, view.dead, strict=True)
        ]
        speller = view.speller
        for term in new.terms:
            speller.add(term)
        segments, graves = [*view.segments, new], [*dead, frozenset[int]()]
        if len(segments) > SEGMENTS_MAX:
            segments, graves = [_merged(segments, graves)], [frozenset()]
        self._view = _View(tuple(segments), tuple(graves), speller)

    def merge(self) -> None:
        """Make one segment of all, without what is dead."""
        view = self._view
        one = _merged(view.segments, view.dead)
        self._view = _View((one,), (frozenset(),), Speller(one.terms))

    def search(self, query: str, count: int = 10, *, is_typing: bool = False) -> list[Hit]:
        """Return the best texts that have all the words; with few, also those with words like them.

        With `is_typing` the last word may be the beginning of one. Equal scores go by key.
        """
        own = words(query)[:QUERY_WORDS_MAX]
        if not own or count < 1:
            return []
        view = self._view
        hits = (
            self._exact(view, own, count)
            if not is_typing
            else self._grouped(view, own, count, _typed)
        )
        if len(hits) < min(count, FEW):
            seen = {hit.key for hit in hits}
            near = self._grouped(view, own, count, _mistyped if not is_typing else _both)
            hits += [hit for hit in near if hit.key not in seen][: count - len(hits)]
        return hits

    def _exact(self, view: _View, own: Sequence[str], count: int) -> list[Hit]:
        """All words as they are; one word alone is answered from its sorted list."""
        found: list[Hit] = []
        total = view.count
        weights = {term: idf(total, view.having(term)) for term in own}
        for segment, dead in zip(view.segments, view.dead, strict=True):
            lists = [segment.postings(term) for term in weights]
            if not all(len(each.texts) for each in lists):
                continue
            if len(lists) == 1 and not dead:
                term, single = own[0], lists[0]
                best = segment.best(term)[:count]
                scores = (single.scores[best] * weights[term]).tolist()
                keys = [segment.keys[number] for number in single.texts[best].tolist()]
                found += map(Hit, keys, scores)
                continue
            weighed = [
                Postings(each.texts, each.scores * np.float32(weights[term]))
                for term, each in zip(weights, lists, strict=True)
            ]
            found += _best(segment, dead, intersect(weighed), count)
        return _sorted(found, count) if len(view.segments) > 1 else found

    def _grouped(self, view: _View, own: Sequence[str], count: int, expand: "Expand") -> list[Hit]:
        """Each word stands for several; a text must have one of each group, and gets the best of them."""
        total = view.count
        groups = [
            [
                (term, idf(total, view.having(term)) * worth)
                for term, worth in expand(view, word, place, len(own))
            ]
            for place, word in enumerate(own)
        ]
        if not all(groups):
            return []
        found: list[Hit] = []
        for segment, dead in zip(view.segments, view.dead, strict=True):
            lists = []
            for group in groups:
                parts = [
                    Postings(each.texts, each.scores * np.float32(weight))
                    for term, weight in group
                    if len((each := segment.postings(term)).texts)
                ]
                if not parts:
                    break
                lists.append(union(parts))
            else:
                found += _best(segment, dead, intersect(lists), count)
        return _sorted(found, count)


Expand = Callable[[_View, str, int, int], list[tuple[str, float]]]


def _typed(view: _View, word: str, place: int, total: int) -> list[tuple[str, float]]:
    """A word as it is; the last one as the beginning of words, itself before the longer ones."""
    if place < total - 1:
        return [(word, 1.0)]
    terms = {term for segment in view.segments for term in segment.beginning(word)}
    return [(term, 1.0 if term == word else len(word) / len(term)) for term in sorted(terms)]


def _mistyped(view: _View, word: str, place: int, total: int) -> list[tuple[str, float]]:
    """A word and those it may be a mistake for."""
    return [
        (each.term, PENALTY**each.distance)
        for each in view.speller.candidates(word, view.having)
        if view.having(each.term)
    ]


def _both(view: _View, word: str, place: int, total: int) -> list[tuple[str, float]]:
    worth = dict(_mistyped(view, word, place, total))
    for term, own in _typed(view, word, place, total):
        worth[term] = max(own, worth.get(term, 0.0))
    return sorted(worth.items())


def _best(segment: Segment, dead: frozenset[int], found: Postings, count: int) -> list[Hit]:
    """The best of a segment's texts, without the dead, equal scores by number."""
    texts, scores = found.texts, found.scores
    if dead and len(texts):
        alive = ~np.isin(texts, np.fromiter(dead, np.int32, len(dead)))
        texts, scores = texts[alive], scores[alive]
    if len(texts) > count:
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        among = np.flatnonzero(scores >= least)
        texts, scores = texts[among], scores[among]
    order: Numbers = np.lexsort((texts, -scores))[:count]  # type: ignore[assignment]
    keys = [segment.keys[number] for number in texts[order].tolist()]
    return list(map(Hit, keys, scores[order].tolist()))


def _sorted(hits: list[Hit], count: int) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.key))[:count]


def _dead(segment: Segment, own: frozenset[int], changed: dict[str, Text | None]) -> frozenset[int]:
    numbers = (segment.number(key) for key in changed)
    return own | {number for number in numbers if number is not None}


def _merged(segments: Sequence[Segment], dead: Sequence[frozenset[int]]) -> Segment:
    return Segment(
        text
        for segment, own in zip(segments, dead, strict=True)
        for number, text in enumerate(segment.texts)
        if number not in own
    )
