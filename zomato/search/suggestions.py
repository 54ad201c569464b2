"""Suggestions while somebody types: dishes, cuisines and restaurants that begin so.

    "bir"   ──►   Biryani (cuisine, 412)   Chicken Biryani (dish, 260)   Royal Biryani House

A dish counts as often as restaurants have it; the index is told only when that has doubled or halved.
Page: docs/zomato/search.md
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chapters.inverted_index import Index, words
from zomato.catalog.restaurant import Restaurant
from zomato.errors import BadQuestion
from zomato.search.question import COUNT_MAX, TEXT_CHARS_MAX
from zomato.search.spelling import spelled

BETWEEN = "\n"  # kind and name in a key


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may be meant, of which kind, and how many restaurants have it."""

    text: str
    kind: str
    restaurants: int


class Suggestions:
    """Names by their beginnings."""

    def __init__(self) -> None:
        self._index, self._having = Index(), Counter[str]()
        self._weights: dict[str, int] = {}
        self._changed: set[str] = set()

    def bring(self, before: Restaurant | None, now: Restaurant | None) -> None:
        """Take note of what a restaurant was, and what it is."""
        if before == now:
            return
        old, new = set(_keys(before)), set(_keys(now))
        self._having.subtract(old - new)
        self._having.update(new - old)
        self._changed |= old ^ new

    def refresh(self) -> None:
        """Let what was noted be found."""
        for key in sorted(self._changed):
            weight = self._having[key].bit_length()
            if weight != self._weights.get(key, 0):
                self._weights[key] = weight
                if weight:
                    name = key.partition(BETWEEN)[2]
                    others = set(spelled(name)) - set(words(name))
                    self._index.add(key, " ".join([name, *sorted(others)]), float(weight))
                else:
                    self._index.remove(key)
                    del self._weights[key], self._having[key]
        self._changed = set()
        self._index.refresh()

    def find(self, text: str, count: int = 8) -> list[Suggestion]:
        """Return the best of those that begin so, or nearly. Raises `BadQuestion`."""
        if len(text) > TEXT_CHARS_MAX:
            raise BadQuestion(f"the text has {len(text)} letters; at most {TEXT_CHARS_MAX}")
        if not 1 <= count <= COUNT_MAX:
            raise BadQuestion(f"count is {count}; it must be 1 to {COUNT_MAX}")
        found = []
        for hit in self._index.search(text, count, is_typing=True):
            kind, _, name = hit.key.partition(BETWEEN)
            found.append(Suggestion(name, kind, self._having[hit.key]))
        return found


def _keys(own: Restaurant | None) -> Iterator[str]:
    """What a restaurant makes findable."""
    if own is not None:
        yield f"restaurant{BETWEEN}{own.name}"
        yield from (f"cuisine{BETWEEN}{each}" for each in own.cuisines)
        yield from (f"dish{BETWEEN}{each.name}" for each in own.menu if each.is_available)
