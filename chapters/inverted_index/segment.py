"""A part of an index that never changes: for each word its texts, and how much it says for each.

    love    texts   3    17    40   101        sorted, so that two lists are intersected in one walk
            scores  1.9  1.2   2.2   0.8       the tf part, times how popular the text is

Invariant: a segment is only ever read; so who reads needs no lock, and what is new goes into another one.
Page: docs/chapters/inverted_index.md
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from chapters.inverted_index.bm25 import tf_part
from chapters.inverted_index.words import words

Numbers = NDArray[np.int32]
Scores = NDArray[np.float32]
PREFIX_TERMS_MAX = 64  # words that a prefix stands for; the rest is not looked at


@dataclass(frozen=True, slots=True)
class Text:
    """What is indexed: a key, a text, and how popular it is; 1 is usual, 2 counts twice."""

    key: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Postings:
    """A word's texts, by rising number, and what the word says for each."""

    texts: Numbers
    scores: Scores


NOTHING = Postings(np.empty(0, np.int32), np.empty(0, np.float32))


class Segment:
    """Texts by number; numbers rise with their keys, so that equal scores are told apart by key."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self.texts = sorted(texts, key=lambda each: each.key)
        self.keys = [each.key for each in self.texts]
        found = [words(each.text) for each in self.texts]
        lengths = np.array([len(each) for each in found], dtype=np.float64)
        self.mean_length = max(1.0, float(lengths.mean())) if found else 1.0
        self._postings = _inverted(found, lengths, self.mean_length, self.texts)
        self.terms = sorted(self._postings)
        self._best: dict[str, Numbers] = {}

    def __len__(self) -> int:
        return len(self.texts)

    def number(self, key: str) -> int | None:
        """Return the number of a key that is here."""
        place = bisect_left(self.keys, key)
        return place if place < len(self.keys) and self.keys[place] == key else None

    def postings(self, term: str) -> Postings:
        """Return a word's postings; empty ones for a word that is not here."""
        return self._postings.get(term, NOTHING)

    def having(self, term: str) -> int:
        """Return how many texts have a word."""
        return len(self.postings(term).texts)

    def beginning(self, prefix: str) -> list[str]:
        """Return the words that begin so, at most PREFIX_TERMS_MAX, the first in the alphabet.

        O(log words + what is returned). Words are sorted, so those that begin alike are neighbours.
        """
        first = bisect_left(self.terms, prefix)
        found = []
        for term in islice(self.terms, first, first + PREFIX_TERMS_MAX):
            if not term.startswith(prefix):
                break
            found.append(term)
        return found

    def best(self, term: str) -> Numbers:
        """Return where in a word's postings the best are, best first; sorted when first asked for."""
        if term not in self._best:
            own = self.postings(term)
            self._best[term] = np.lexsort((own.texts, -own.scores)).astype(np.int32)
        return self._best[term]


def _inverted(
    found: Sequence[list[str]],
    lengths: NDArray[np.float64],
    mean_length: float,
    texts: Sequence[Text],
) -> dict[str, Postings]:
    """From texts with words to words with texts."""
    numbers: dict[str, list[int]] = {}
    counts: dict[str, list[int]] = {}
    for number, own in enumerate(found):
        for term, count in Counter(own).items():
            numbers.setdefault(term, []).append(number)
            counts.setdefault(term, []).append(count)
    weights = np.array([each.weight for each in texts])
    made = {}
    for term, own_numbers in numbers.items():
        places = np.array(own_numbers, dtype=np.int32)
        parts = tf_part(np.array(counts[term], dtype=np.float64), lengths[places], mean_length)
        made[term] = Postings(places, (parts * weights[places]).astype(np.float32))
    return made


def intersect(lists: Sequence[Postings]) -> Postings:
    """Return the texts that are in all lists, with the sums of their scores.

    The shortest list is looked up in the others, each time by a binary search: O(shortest × log longest).
    """
    ordered = sorted(lists, key=lambda each: len(each.texts))
    texts, scores = ordered[0].texts, ordered[0].scores
    for other in ordered[1:]:
        if not len(texts):
            break
        places = other.texts.searchsorted(texts)
        places[places == len(other.texts)] = 0
        both = other.texts[places] == texts
        texts, scores = texts[both], scores[both] + other.scores[places[both]]
    return Postings(texts, scores)


def union(lists: Sequence[Postings]) -> Postings:
    """Return the texts that are in any list, each with the best of its scores."""
    if len(lists) == 1:
        return lists[0]
    texts = np.concatenate([each.texts for each in lists])
    scores = np.concatenate([each.scores for each in lists])
    order = np.lexsort((-scores, texts))
    texts, scores = texts[order], scores[order]
    first = np.ones(len(texts), dtype=bool)
    first[1:] = texts[1:] != texts[:-1]
    return Postings(texts[first], scores[first])
