"""Search: an index that follows the catalog, and says in each answer how far behind it is.

    catalog ── changes since 812 ──► refresh, every few seconds ──► index, places, what is shown
    question ──► words: candidates of the whole city ─┐
                 no words: the nearest, by a grid     ┴─► filters ─► parts ─► blend ─► the best

Invariant: an answer is what was true when the index was refreshed; the catalog is not asked. So it may
show what is closed by now, and an order finds out. `Stamp` says how many changes are missing, and for how
long. Page: docs/zomato/search.md
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from math import hypot

from chapters.geo import FarAway, Grid, Place, Plane
from chapters.inverted_index import Index
from chapters.inverted_index.inverted import QUERY_WORDS_MAX
from zomato.catalog.catalog import Catalog
from zomato.catalog.restaurant import Restaurant
from zomato.catalog.reviews import USUAL_TENTHS, shrunken, usual_tenths
from zomato.errors import Forgotten
from zomato.search.question import Question
from zomato.search.ranking import WEIGHTS, Parts, blend, parts
from zomato.search.spelling import spelled
from zomato.search.suggestions import Suggestions

DELIVERS_M = 7_000.0
TEXT_HITS_MAX = 5_000  # of the whole city; a word that more have says nothing of them
NEAREST_MAX = 400  # looked at when there are no words
CELL_M = 500.0  # restaurants stand still: larger squares than for riders
NAME_TIMES = 3  # a word in the name says more than one on the menu


@dataclass(frozen=True, slots=True)
class Found:
    """A restaurant as it was when the index was refreshed, and why it is shown here."""

    restaurant: Restaurant
    score: float
    parts: Parts
    metres: float
    stars: float
    is_open: bool


@dataclass(frozen=True, slots=True)
class Stamp:
    """How old an answer is: the last change it knows, how many it lacks, and for how long the first."""

    seen: int
    behind: int
    behind_ns: int
    refreshed_ns: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The best, and the age of it; `understood` is what was searched for."""

    found: tuple[Found, ...]
    understood: Question
    stamp: Stamp


class Search:
    """What can be found in a catalog. One caller refreshes, any number ask."""

    def __init__(self, catalog: Catalog, origin: Place, *, weights: Parts = WEIGHTS) -> None:
        self._catalog, self._plane, self._weights = catalog, Plane(origin), weights
        self._shown: dict[str, Restaurant] = {}
        self._spots: dict[str, tuple[float, float]] = {}  # where each is on the plane
        self._index, self._grid = Index(), Grid(self._plane, CELL_M)
        self._usual_tenths: float = USUAL_TENTHS
        self.suggestions = Suggestions()
        self.seen, self.refreshed_ns = -1, 0  # nothing was read yet

    def __len__(self) -> int:
        return len(self._shown)

    def refresh(self, now_ns: int) -> set[str]:
        """Bring the index up to the catalog; return whose facts were read again."""
        last = self._catalog.last
        try:
            if self.seen < 0:
                raise Forgotten("nothing was read yet")
            changed = {each.fact.id for each in self._catalog.changes_since(self.seen)}
        except Forgotten:
            changed = {each.id for each in self._catalog} | self._shown.keys()
            self._usual_tenths = usual_tenths(each.rating for each in self._catalog)
        for id in sorted(changed):
            self._bring(id)
        self._index.refresh()
        self.suggestions.refresh()
        self.seen, self.refreshed_ns = last, now_ns
        return changed

    def _bring(self, id: str) -> None:
        """Show a restaurant as it is now; its words are indexed again only if they are others."""
        before, now = self._shown.pop(id, None), self._catalog.known(id)
        spot = self._spot(now)
        if now is None or spot is None:
            self.suggestions.bring(before, None)
            self._index.remove(id)
            self._grid.remove(id)
            return
        self.suggestions.bring(before, now)
        self._shown[id], self._spots[id] = now, spot
        self._grid.put(id, now.place)
        if before is None or told(before) != told(now):
            self._index.add(id, told(now))

    def _spot(self, own: Restaurant | None) -> tuple[float, float] | None:
        """Where a restaurant is on the plane; None beyond it: one that is far must not stop the rest."""
        with suppress(FarAway):
            return self._plane.xy(own.place) if own else None
        return None

    def stamp(self, now_ns: int) -> Stamp:
        """Return how far behind the index is."""
        behind = self._catalog.last - self.seen
        try:
            missing = self._catalog.changes_since(self.seen) if behind else []
            since = missing[0].at_ns if missing else now_ns
        except Forgotten:
            since = self.refreshed_ns
        return Stamp(self.seen, behind, now_ns - since, self.refreshed_ns)

    def find(self, question: Question, now_ns: int) -> Answer:
        """Return the best for a question. Raises `FarAway` for a place outside of this city.

        If nobody near has all of its words, one is left out: the last whose absence helps.
        """
        asked = question.understood()
        at, best = self._plane.xy(asked.near), list[Found]()
        for text in fewer_words(asked.text):
            tried = replace(asked, text=text)
            best = sorted(self._scored(tried, at), key=lambda e: (-e.score, e.restaurant.id))
            if best:
                asked = tried
                break
        return Answer(tuple(best[: asked.count]), asked, self.stamp(now_ns))

    def _scored(self, asked: Question, at: tuple[float, float]) -> Iterator[Found]:
        """Those with the words who fit, scored."""
        hits, calendar = self._hits(asked), Calendar(asked.at_ns)
        text_best = max((score for _, score in hits), default=0.0)
        for key, score in hits:
            own = self._shown[key]
            x, y = self._spots[key]
            metres = hypot(x - at[0], y - at[1])
            if metres > DELIVERS_M or not _fits(own, asked):
                continue
            is_open = calendar.is_open(own)
            stars = shrunken(own.rating, self._usual_tenths)
            if (is_open or not asked.is_open) and stars >= asked.stars_least:
                made = parts(score, text_best, metres, stars, own.rating.votes)
                total = blend(made, self._weights, is_open=is_open)
                yield Found(own, total, made, metres, stars, is_open)

    def _hits(self, asked: Question) -> list[tuple[str, float]]:
        """Ids with the score of their words; without words, the nearest."""
        if not asked.text:
            return [(each.id, 0.0) for each in self._grid.nearest(asked.near, NEAREST_MAX)]
        return [(hit.key, hit.score) for hit in self._index.search(asked.text, TEXT_HITS_MAX)]


class Calendar:
    """Who is open at an instant; many have the same hours, and those are looked up once."""

    def __init__(self, at_ns: int) -> None:
        self._at_ns = at_ns
        self._known: dict[int, bool] = {}  # by the object that the hours are

    def is_open(self, own: Restaurant) -> bool:
        """Return what `zomato.catalog.is_open` would."""
        week = id(own.hours)
        if week not in self._known:
            self._known[week] = own.hours.is_open(self._at_ns)
        return self._known[week] and self._at_ns >= own.closed_until_ns


def fewer_words(text: str) -> Iterator[str]:
    """Yield a text, then the texts with one of several words left out, the last one first."""
    own = text.split()[:QUERY_WORDS_MAX]
    yield text
    for place in range(len(own) - 1, -1, -1) if len(own) > 1 else ():
        yield " ".join(own[:place] + own[place + 1 :])


def told(own: Restaurant) -> str:
    """Return the words by which a restaurant is found."""
    dishes: Iterable[str] = (each.name for each in own.menu if each.is_available)
    parts = [*[own.name] * NAME_TIMES, *own.cuisines, own.area, *dishes, *own.known_for]
    return " ".join(spelled(" ".join(parts)))


def _fits(own: Restaurant, asked: Question) -> bool:
    """Whether it is what must hold: cuisine, vegetarian, cost."""
    if asked.cuisine and asked.cuisine.casefold() not in {e.casefold() for e in own.cuisines}:
        return False
    if asked.is_vegetarian and not any(each.is_vegetarian for each in own.menu):
        return False
    most, cost = asked.cost_paise_most, own.cost_for_two_paise
    return most is None or (cost is not None and cost <= most)
