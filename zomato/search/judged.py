"""How good is a ranking? By customers of a city that is made up, of whom it is known what they want.

    joy = stars in truth + how well this kitchen makes this dish - minutes - a price that does not fit

None of that can be searched for: shown are the votes, which say little where they are few; of the dish
nothing; of the purse nothing. For each customer the ten restaurants with most joy are what should be
found; they must be open, have the dish, and be near enough. Page: docs/zomato/search.md
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import exp, log
from random import Random

import numpy as np

from chapters.geo import Place, Plane, metres
from chapters.recommend.evaluate import ndcg
from chapters.sim.chance import Chance
from zomato.catalog.areas import AREAS, CITY, ZONE
from zomato.catalog.catalog import Catalog
from zomato.catalog.dishes import BY_NAME, CUISINES
from zomato.catalog.hours import DAY_MIN, every_day
from zomato.catalog.imagined import COST_LOG, USUAL_COST, City
from zomato.catalog.restaurant import Restaurant, is_open
from zomato.search.question import Question
from zomato.search.ranking import WEIGHTS, Parts
from zomato.search.search import DELIVERS_M, Search

COUNT = 10
FRIDAY = date(2026, 11, 27)
SPREAD_M = 1_500.0  # of customers around the middle of an area
DISH_SD = 0.25  # stars: how differently good a kitchen is at its dishes
SPECIALTY = 0.3  # stars more for what a kitchen is named for
STARS_A_MINUTE = 0.05
METRES_A_MINUTE = 250.0
STARS_A_PRICE = 0.4  # for a price e times as high as the purse
PURSE_SD = 0.4
DISH, CUISINE = 0.6, 0.3  # shares of what is asked for; else a restaurant by its name
MISTYPED = 0.2
BASELINES: Mapping[str, Parts] = {
    "text alone": Parts(1, 0, 0, 0),
    "distance alone": Parts(0, 1, 0, 0),
    "stars alone": Parts(0, 0, 1, 0),
    "popularity alone": Parts(0, 0, 0, 1),
    "blend": WEIGHTS,
}


@dataclass(frozen=True, slots=True)
class Customer:
    """A question, and what is behind it."""

    question: Question
    dish: str
    cuisine: str
    name: str
    purse: float


def customers(city: City, rng: Random, count: int) -> Iterator[Customer]:
    """Yield customers who want a dish, a cuisine, or a restaurant they know."""
    week, plane = every_day("00:00-24:00", ZONE), Plane(CITY)
    for _ in range(count):
        x, y = plane.xy(rng.choice(sorted(AREAS.items()))[1])
        place = plane.place(x + rng.gauss(0, SPREAD_M), y + rng.gauss(0, SPREAD_M))
        minute = round(rng.choice((13 * 60, 20 * 60, 20 * 60)) + rng.gauss(0, 100)) % DAY_MIN
        at_ns = week.instant(FRIDAY, minute)
        dish = cuisine = name = ""
        drawn = rng.random()
        wanted = rng.choices(CUISINES, [each.of_thousand for each in CUISINES])[0]
        if drawn < DISH:
            text = dish = rng.choice(wanted.dishes).name
        elif drawn < DISH + CUISINE:
            text = cuisine = wanted.name
        else:
            text = name = _near(city, place, rng).name
        if rng.random() < MISTYPED:
            text = mistyped(text, rng)
        purse = exp(rng.gauss(COST_LOG, PURSE_SD))
        yield Customer(Question(text, place, at_ns, count=COUNT), dish, cuisine, name, purse)


def wanted(city: City, who: Customer, seed: int) -> list[str]:
    """Return the ten restaurants that would please a customer most, the best first; fewer if fewer fit."""
    joys = {
        each.id: joy(each, city.quality[each.id], who, seed)
        for each in city.restaurants
        if _serves(each, who)
    }
    return sorted(joys, key=lambda id: (-joys[id], id))[:COUNT]


def joy(own: Restaurant, quality: float, who: Customer, seed: int) -> float:
    """Return how pleased a customer would be, in stars."""
    skill = Chance(seed).stream(f"{own.id}/{who.dish or who.cuisine}").gauss(0, DISH_SD)
    skill += SPECIALTY if _is_named_for(own, who) else 0.0
    minutes = metres(own.place, who.question.near) / METRES_A_MINUTE
    cost = own.cost_for_two_paise / 100 if own.cost_for_two_paise else USUAL_COST
    return quality + skill - STARS_A_MINUTE * minutes - STARS_A_PRICE * abs(log(cost / who.purse))


def _is_named_for(own: Restaurant, who: Customer) -> bool:
    """Whether what is wanted is of its first cuisine, the one that it is called after."""
    first = own.cuisines[0]
    return first == who.cuisine or who.dish in {each.name for each in BY_NAME[first].dishes}


def _serves(own: Restaurant, who: Customer) -> bool:
    fits = (
        any(each.name == who.dish for each in own.menu) if who.dish
        else who.cuisine in own.cuisines if who.cuisine
        else own.name == who.name
    )  # fmt: skip
    near = metres(own.place, who.question.near) <= DELIVERS_M
    return fits and near and is_open(own, who.question.at_ns)


def _near(city: City, place: Place, rng: Random) -> Restaurant:
    some = rng.sample(city.restaurants, min(40, len(city.restaurants)))
    return min(some, key=lambda each: metres(each.place, place))


def mistyped(text: str, rng: Random) -> str:
    """Return a text with a letter left out, doubled, or swapped, in a word of five or more."""
    long = [each for each in text.split() if len(each) >= 5]
    if not long:
        return text
    word = rng.choice(long)
    at = rng.randrange(1, len(word) - 1)
    wrong = rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return text.replace(word, wrong, 1)


def quality(
    city: City, asked: Iterable[Customer], weights: Mapping[str, Parts], seed: int
) -> dict[str, float]:
    """Return the NDCG@10 of each way to weigh, over customers whom somebody could please."""
    known = [(who, set(wanted(city, who, seed))) for who in asked]
    return {name: _ndcg(city, each, known) for name, each in weights.items()}


def _ndcg(city: City, weights: Parts, known: list[tuple[Customer, set[str]]]) -> float:
    search = Search(Catalog(city.restaurants), CITY, weights=weights)
    search.refresh(0)
    gains = []
    for who, right in known:
        if right:
            found = [each.restaurant.id for each in search.find(who.question, 0).found]
            hits = np.array([id in right for id in found] + [False] * (COUNT - len(found)))
            gains.append(ndcg(hits, len(right)))
    return float(np.mean(gains))
