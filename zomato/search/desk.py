"""What is asked of search in words, as a URL or a command line has them, and answers as plain facts.

Page: docs/zomato/search.md
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from chapters.geo import Place, metres
from chapters.inverted_index.fuzzy import EDITS, SHORT_CHARS, distance
from chapters.sim.clock import S
from zomato.catalog.catalog import Catalog
from zomato.catalog.files import CITY_M
from zomato.catalog.hours import Hours, every_day, instant
from zomato.catalog.restaurant import Restaurant, is_open
from zomato.errors import BadQuestion
from zomato.search.question import Question
from zomato.search.search import Answer, Found, Search, Stamp
from zomato.search.spelling import spelled

WORDS = {"q", "near", "at", "cuisine", "veg", "open", "stars", "cost", "count"}
DISHES_MAX = 3  # shown of a restaurant
DAY_NS = 24 * 3600 * S
YES, NO = {"1", "true", "yes"}, {"", "0", "false", "no"}
Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers for a city: what is searched is the index, what is ordered from is the catalog."""

    catalog: Catalog
    search: Search
    middle: Place
    zone: str
    now_ns: Callable[[], int]

    def find(self, query: Mapping[str, str]) -> Facts:
        """Return the best restaurants, and why. Raises `BadQuestion`, `BadHours`, `BadPlace`."""
        if unknown := sorted(query.keys() - WORDS):
            known = ", ".join(sorted(WORDS))
            raise BadQuestion(f"{unknown[0]!r:.40} is no word of a search; there are {known}")
        answer = self.search.find(self.question(query), self.now_ns())
        return shown(answer)

    def question(self, query: Mapping[str, str]) -> Question:
        """Return the question that words mean."""
        now_ns, own = self.now_ns(), every_day("", self.zone)
        at = query.get("at", "")
        cost = _number(query, "cost", "")
        return Question(
            query.get("q", ""),
            self.place(query["near"]) if query.get("near") else self.middle,
            instant(at, self.zone, own.local(now_ns).date()) if at else now_ns,
            cuisine=query.get("cuisine", ""),
            is_vegetarian=_yes(query, "veg"),
            is_open=_yes(query, "open"),
            stars_least=_number(query, "stars", "0") or 0.0,
            cost_paise_most=None if cost is None else round(cost * 100),
            count=count_of(query, "10"),
        )

    def place(self, text: str) -> Place:
        """Return the place of "12.97,77.59", in this city. Raises `BadPlace`, `BadQuestion`."""
        try:
            lat, lon = (float(each) for each in text.split(","))
        except ValueError:
            told = f"near is {text!r:.40}; write latitude and longitude, as 12.97,77.59"
            raise BadQuestion(told) from None
        found = Place(lat, lon)
        if (away := metres(found, self.middle)) > CITY_M:
            swapped = abs(lon) <= 90 and metres(Place(lon, lat), self.middle) <= CITY_M
            remedy = "swap latitude and longitude" if swapped else "ask within 60 km"
            raise BadQuestion(f"near is {text:.40}, {away / 1000:.0f} km from this city; {remedy}")
        return found

    def suggest(self, text: str, count: int = 8) -> Facts:
        """Return what may be meant by the beginning of a text. Raises `BadQuestion`."""
        found = self.search.suggestions.find(text, count)
        return {"suggestions": [asdict(each) for each in found]}

    def restaurant(self, id: str) -> Facts:
        """Return a restaurant as it is now, with its menu. Raises `NoRestaurant`."""
        own, now_ns = self.catalog.restaurant(id), self.now_ns()
        menu = [asdict(each) for each in own.menu]
        return _card(own) | {
            "menu": menu,
            "is_open": is_open(own, now_ns),
            "hours": when(own, now_ns),
        }


def count_of(query: Mapping[str, str], usual: str) -> int:
    """Return how many are wanted. Raises `BadQuestion`."""
    found = _number(query, "count", usual) or 0.0
    if found != int(found):
        raise BadQuestion(f"count is {found}; it must be a whole number")
    return int(found)


def shown(answer: Answer) -> Facts:
    """Return an answer as facts: what was understood, the age of it, and what was found."""
    asked = answer.understood
    only = {"vegetarian": asked.is_vegetarian, "open": asked.is_open}
    return {
        "searched": asked.text,
        "only": [name for name, holds in only.items() if holds],
        "stamp": _stamp(answer.stamp),
        "found": [_found(each, asked) for each in answer.found],
    }


def when(own: Restaurant, at_ns: int) -> str:
    """Return until when it is open, or when it opens."""
    hours: Hours = own.hours
    if is_open(own, at_ns):
        closes = hours.closes_ns(at_ns)
        soon = closes is not None and closes - at_ns < DAY_NS
        return f"open until {hours.local(closes):%a %H:%M}" if closes and soon else "open"
    later = max(at_ns, own.closed_until_ns)
    opens = later if hours.is_open(later) else hours.opens_ns(later)
    return "closed" if opens is None else f"closed, opens {hours.local(opens):%a %H:%M}"


def _card(own: Restaurant) -> Facts:
    cost = own.cost_for_two_paise
    return {
        "id": own.id, "name": own.name, "area": own.area, "cuisines": list(own.cuisines),
        "lat": round(own.place.lat, 5), "lon": round(own.place.lon, 5),
        "cost_for_two": None if cost is None else cost // 100,
        "votes": own.rating.votes,
    }  # fmt: skip


def dishes(own: Restaurant, text: str, is_vegetarian: bool = False) -> list[str]:
    """Return the dishes that a text may mean: those with most of its words, one mistake forgiven."""
    asked = spelled(text)
    having = {
        each.name: sum(any(_alike(word, own) for own in spelled(each.name)) for word in asked)
        for each in own.menu
        if each.is_available and (each.is_vegetarian or not is_vegetarian)
    }
    most = max(having.values(), default=0)
    return [name for name, count in having.items() if count == most > 0][:DISHES_MAX]


def _alike(one: str, other: str) -> bool:
    return one == other or (len(one) > SHORT_CHARS and distance(one, other) <= EDITS)


def _found(each: Found, asked: Question) -> Facts:
    why = {name: round(part, 3) for name, part in asdict(each.parts).items()}
    return _card(each.restaurant) | {
        "metres": round(each.metres), "stars": round(each.stars, 2), "is_open": each.is_open,
        "hours": when(each.restaurant, asked.at_ns), "score": round(each.score, 4), "why": why,
        "dishes": dishes(each.restaurant, asked.text, asked.is_vegetarian),
    }  # fmt: skip


def _stamp(stamp: Stamp) -> Facts:
    return {"seen": stamp.seen, "behind": stamp.behind, "behind_s": round(stamp.behind_ns / S, 1)}


def _yes(query: Mapping[str, str], name: str) -> bool:
    found = query.get(name, "").casefold()
    if found not in YES | NO:
        raise BadQuestion(f"{name} is {found!r:.40}; say yes or no")
    return found in YES


def _number(query: Mapping[str, str], name: str, usual: str) -> float | None:
    text = query.get(name) or usual
    try:
        found = float(text) if text else None
    except ValueError:
        raise BadQuestion(f"{name} is {text!r:.40}; it must be a number") from None
    if found is not None and not -1e9 < found < 1e9:
        raise BadQuestion(f"{name} is {text!r:.40}; it must be a number of a usual size")
    return found
