"""Which words might have been meant: SymSpell, by leaving letters out on both sides.

    lvoe   ──►  lvoe voe loe lve lvo          the query, with a letter left out
    love   ──►  love ove lve loe lov          each word of the index, likewise: kept in a table
                      lve loe                 in both: so love may be meant; the distance is then measured

All words at a distance of one share such a remnant, and no alphabet has to be tried out. A word that
exists may be a mistake too, so there are always several candidates, and what they find together is
ranked as one. Source: Garbe, "1000x Faster Spelling Correction", 2012; distance: Damerau 1964, optimal
string alignment. Page: docs/chapters/inverted_index.md
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

EDITS = 1  # mistakes in a word; with two, what is left of a word is left of too many others
SHORT_CHARS = 3  # below, none: every short word is near every other
CANDIDATES_MAX = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may be meant, and how many mistakes away it is."""

    term: str
    distance: int


class Speller:
    """The words of an index by what is left of them when letters are left out."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._terms: set[str] = set()
        self._by_remnant: dict[str, list[str]] = {}
        for term in terms:
            self.add(term)

    def add(self, term: str) -> None:
        """Take a word in."""
        if term in self._terms:
            return
        self._terms.add(term)
        for remnant in set(remnants(term)):
            self._by_remnant.setdefault(remnant, []).append(term)

    def candidates(
        self, word: str, having: Callable[[str], int], count: int = CANDIDATES_MAX
    ) -> list[Candidate]:
        """Return the words that may be meant: the nearest first, and of those the ones most texts have."""
        near = {term for left in remnants(word) for term in self._by_remnant.get(left, ())}
        found = [Candidate(term, away) for term in near if (away := distance(word, term)) <= EDITS]
        found.sort(key=lambda each: (each.distance, -having(each.term), each.term))
        return found[:count]


def remnants(word: str) -> Iterator[str]:
    """Yield a word and what is left of it when a letter is left out; of a short word itself alone."""
    yield word
    if len(word) >= SHORT_CHARS:
        for place in range(len(word)):
            yield word[:place] + word[place + 1 :]


def distance(a: str, b: str) -> int:
    """Return the least number of letters to put in, leave out, change, or swap with a neighbour.

    O(len(a) × len(b)). Source: Damerau 1964; optimal string alignment: no part is edited twice.
    """
    before, row = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i] + [0] * len(b)
        for j, y in enumerate(b, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]
