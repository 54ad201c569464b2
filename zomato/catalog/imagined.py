"""A city that is made up: restaurants around Bengaluru's middle, with what nobody there can know.

What can be counted is as in 7,105 real ones: how many cuisines each has and which, stars (3.5 ± 0.5), votes
(half have fewer than 40, a tenth more than 400), cost for two (half under 400 rupees), hours by kind.
What nobody can know is how good each really is; votes are drawn around that, and a few votes say little.
Page: docs/zomato/catalog.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import exp
from random import Random

from chapters.geo import Plane
from chapters.sim.errors import at_least
from zomato.catalog.areas import AREAS, CITY, ZONE
from zomato.catalog.dishes import BY_NAME, CUISINES, Cuisine
from zomato.catalog.hours import Hours, every_day, spans
from zomato.catalog.restaurant import Item, Restaurant
from zomato.catalog.reviews import Rating

COUNT = 2_000
SPREAD_M = 900.0  # around the middle of an area
CUISINES_OF_THOUSAND = (257, 338, 237, 113, 36, 19)  # how many have one, two, … of them
QUALITY, QUALITY_SD = 3.5, 0.42  # stars, in truth
VOTE_SD = 1.1  # of one person's stars
VOTES_LOG, VOTES_LOG_SD, VOTES_BY_QUALITY = 3.8, 1.25, 2.0  # the good ones have more
VOTES_MAX = 16_345
COST_LOG, COST_LOG_SD = 5.99, 0.6
USUAL_COST = 400.0
UNRATED, UNPRICED = 0.01, 0.008  # shares
DISHES = (5, 14)  # on a menu
_FIRST = """
Royal Green Spice Golden Anand New Sri Urban Little Old Happy Lotus Silver Blue Grand Ruby Namma Saffron
Coconut Lemon Peacock Banyan Tulsi Jasmine Copper Crown Garden Sunrise Pearl Mango
"""
FIRST = _FIRST.split()
HOLIDAY = ((date(2026, 10, 20), ()), (date(2026, 11, 8), spans("17:00-23:00")))  # Dasara, Deepavali
KINDS: Mapping[str, tuple[int, str]] = {  # of a thousand, hours
    "Quick Bites": (400, "11:00-23:00"),
    "Casual Dining": (230, "12:00-15:30 19:00-23:30"),
    "Delivery": (91, "11:00-25:00"),
    "Cafe": (57, "09:00-23:00"),
    "Night Delivery": (30, "18:00-28:00"),
    "Dessert Parlor": (31, "12:00-24:00"),
    "Bakery": (22, "08:00-21:00"),
    "Bar": (39, "12:00-15:00 18:00-25:30"),
    "Tiffin Room": (100, "07:00-11:30 12:00-15:30 18:30-22:30"),
}


@dataclass(frozen=True, slots=True)
class City:
    """Restaurants, and the stars that each deserves."""

    restaurants: tuple[Restaurant, ...]
    quality: Mapping[str, float]


def imagined(rng: Random, *, count: int = COUNT) -> City:
    """Return a city of so many restaurants."""
    at_least(1, count=count)
    plane, quality = Plane(CITY), dict[str, float]()
    hours = {kind: _hours(text) for kind, (_, text) in KINDS.items()}
    names: dict[str, int] = {}
    made = []
    for number in range(1, count + 1):
        id = f"r{number}"
        quality[id] = min(max(rng.gauss(QUALITY, QUALITY_SD), 1.5), 4.9)
        made.append(_restaurant(rng, id, quality[id], plane, hours, names))
    return City(tuple(made), quality)


def _restaurant(
    rng: Random,
    id: str,
    quality: float,
    plane: Plane,
    hours: Mapping[str, Hours],
    names: dict[str, int],
) -> Restaurant:
    cuisines = _cuisines(rng)
    kind = rng.choices(list(KINDS), [share for share, _ in KINDS.values()])[0]
    area = rng.choice(sorted(AREAS))
    x, y = plane.xy(AREAS[area])
    place = plane.place(x + rng.gauss(0, SPREAD_M), y + rng.gauss(0, SPREAD_M))
    cost = round(exp(rng.gauss(COST_LOG, COST_LOG_SD)) / 50) * 50 or 50
    called = f"{rng.choice(FIRST)} {rng.choice(cuisines[0].called)}"
    names[called] = names.get(called, 0) + 1
    return Restaurant(
        id,
        called if names[called] == 1 else f"{called} {names[called]}",
        place,
        tuple(each.name for each in cuisines),
        hours[kind],
        tuple(_menu(rng, cuisines, cost)),
        area,
        kind,
        None if rng.random() < UNPRICED else cost * 100,
        _rating(rng, quality),
    )


def _hours(text: str) -> Hours:
    return Hours(ZONE, every_day(text, ZONE).week, HOLIDAY)


def _cuisines(rng: Random) -> list[Cuisine]:
    """Some of them, each as often as in the city, none twice; the first gives the name."""
    several = rng.choices(range(1, len(CUISINES_OF_THOUSAND) + 1), CUISINES_OF_THOUSAND)[0]
    weights = [each.of_thousand for each in CUISINES]
    found: dict[str, None] = {}
    while len(found) < several:
        found[rng.choices(CUISINES, weights)[0].name] = None
    return [BY_NAME[name] for name in found]


def _menu(rng: Random, cuisines: list[Cuisine], cost: int) -> list[Item]:
    """Dishes of its cuisines, dearer where two people pay more."""
    dishes = {dish.name: dish for cuisine in cuisines for dish in cuisine.dishes}
    several = min(len(dishes), rng.randint(*DISHES))
    found = []
    for number, name in enumerate(rng.sample(sorted(dishes), several), 1):
        dish = dishes[name]
        rupees = dish.rupees * (cost / USUAL_COST) ** 0.6 * rng.uniform(0.85, 1.15)
        price = max(1, round(rupees / 5)) * 500
        found.append(Item(f"i{number}", name, price, is_vegetarian=dish.is_vegetarian))
    return found


def _rating(rng: Random, quality: float) -> Rating:
    """Stars of those who voted: around the truth, the nearer the more there are."""
    if rng.random() < UNRATED:
        return Rating()
    log = rng.gauss(VOTES_LOG + VOTES_BY_QUALITY * (quality - QUALITY), VOTES_LOG_SD)
    votes = min(max(1, round(exp(log))), VOTES_MAX)
    mean = min(max(rng.gauss(quality, VOTE_SD / votes**0.5), 1.0), 5.0)
    return Rating(votes, min(max(round(mean * 10 * votes), 10 * votes), 50 * votes))
