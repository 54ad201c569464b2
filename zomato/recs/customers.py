"""Customers whose tastes only this file knows: so the best possible list is known too.

    worth = what the hour asks for + own taste + own habit at that hour + a favourite + quality
            − what it costs, − what is unhealthy, each by person and hour       − the way, more in rain

Whoever orders takes the worthiest after a draw of luck for each restaurant (Gumbel's, so that the chances
are a softmax). People of one quarter are alike, a little. Page: docs/zomato/recs.md
"""

from dataclasses import dataclass

import numpy as np

from chapters.sim.errors import at_least
from zomato.recs.moment import DAY_MIN, DAYS, PARTS, WEEK_MIN, Ints, Moment
from zomato.recs.orders import CUISINES, REACH_KM, Bools, Floats, Orders, Town

TOWN_KM, QUARTERS, SPREAD_KM = 9.0, 6, 1.1
OWN, OF_QUARTER, HABIT, FAVOURITE, QUALITY = 0.7, 1.0, 0.5, 0.9, 0.6  # spreads of what is hidden
STRENGTH = 1.6  # how much all that matters beside luck
KM_COSTS, IN_RAIN = 0.35, 1.6
RAIN = 0.2  # of the days
NEW = 0.1  # of the restaurants open only after the last order

# What each hour asks for, by cuisine: morning, noon, afternoon, evening, night.
HOURS = np.array(
    [
        (1.6, 0.4, 0.0, 0.0, -1.5),  # South Indian
        (-0.6, 0.8, -0.8, 0.9, 0.0),
        (-2.5, 0.9, -1.0, 0.8, 0.9),
        (-2.5, 0.3, -0.3, 0.7, 0.4),
        (-2.5, -0.3, 0.0, 0.9, 1.0),  # Pizza
        (-2.0, -0.1, 0.4, 0.4, 1.2),
        (1.2, -1.0, 0.9, -1.2, -1.5),  # Bakery
        (0.8, -0.6, 1.3, -0.8, -1.5),
        (-0.8, -0.8, 0.8, 0.1, 0.6),
        (0.2, 0.9, -0.4, -0.4, -1.5),  # Bowls
    ]
)
# What a weekend adds, at the same hours: brunch, a long lunch, friends.
WEEKEND = np.array(
    [
        (-0.9, 0.0, 0.0, -0.2, 0.0),
        (1.7, 0.4, 0.0, 0.2, 0.0),  # chole bhature on a Sunday morning
        (0.0, 0.9, 0.0, 0.3, 0.0),
        (0.0, 0.2, 0.0, 0.0, 0.0),
        (0.0, 0.2, 0.2, 0.7, 0.3),
        (0.0, 0.0, 0.0, 0.2, 0.2),
        (-0.5, 0.0, 0.0, 0.0, 0.0),
        (1.6, 0.6, 0.3, 0.2, 0.0),  # brunch
        (0.4, 0.3, 0.2, 0.3, 0.0),
        (0.0, -0.9, 0.0, -0.5, 0.0),
    ]
)
RAINY = np.array((0.0, 0.2, 0.4, 0.5, 0.2, 0.0, 0.2, 0.3, -0.4, -0.8))
HEALTH = np.array((0.4, -0.2, -0.4, -0.3, -0.8, -1.0, -0.6, 0.1, -1.0, 1.2))
STRICT = np.array((0.5, 1.0, 0.2, 0.1, -0.4))  # how much health counts, by part of the day
SHARES = np.array((0.14, 0.27, 0.12, 0.36, 0.11))  # of a day's orders
FAMILY_PRICE = 0.25  # families mind prices so much more


@dataclass(frozen=True, slots=True)
class Hidden:
    """What everybody likes: not to be shown to any model."""

    tastes: Floats  # customers × cuisines
    habits: Floats  # customers × parts of the day × cuisines
    favourites: Floats  # customers × restaurants
    quality: Floats
    health: Floats  # how much each customer cares
    thrift: Floats
    family: Bools

    def worth(self, town: Town, customer: int, moment: Moment) -> Floats:
        """Return what each restaurant is worth to somebody now; -inf where it does not deliver."""
        day, part = moment.day, moment.part
        is_weekend = day >= 5
        asked = HOURS[:, part] + is_weekend * (1 + 0.3 * self.family[customer]) * WEEKEND[:, part]
        own = self.tastes[customer] + self.habits[customer, part] + moment.rain * RAINY
        strict = max(0.0, STRICT[part] - 0.5 * is_weekend)
        cuisine = asked + own + self.health[customer] * strict * HEALTH
        thrift = self.thrift[customer] - 0.3 * (is_weekend and part != 1)
        km = town.km(town.homes[customer])
        way = KM_COSTS * (IN_RAIN if moment.rain else 1.0) * km
        worth: Floats = STRENGTH * (
            cuisine[town.cuisines]
            + self.favourites[customer]
            + self.quality
            - thrift * (town.prices - 1)
            - way
        )
        return np.where(km <= REACH_KM, worth, -np.inf)


@dataclass(frozen=True, slots=True)
class World:
    """A town, what was ordered in it for some weeks, and why."""

    town: Town
    orders: Orders
    weeks: int
    hidden: Hidden


def world(
    rng: np.random.Generator, *, customers: int = 500, restaurants: int = 120, weeks: int = 12,
    a_week: float = 4.0,
) -> World:  # fmt: skip
    """Return a town with the orders of so many weeks, so many `a_week` from each. Raises `UsageError`."""
    at_least(20, customers=customers, restaurants=restaurants)
    at_least(4, weeks=weeks)
    at_least(0.5, a_week=a_week)
    town, quarters = _town(rng, customers, restaurants)
    hidden = _hidden(rng, town, quarters)
    return World(town, _orders(rng, town, hidden, weeks, a_week), weeks, hidden)


def _town(rng: np.random.Generator, customers: int, restaurants: int) -> tuple[Town, Ints]:
    """The town, and the quarter in which each customer lives."""
    middles = rng.uniform(0.2, 0.8, (QUARTERS, 2)) * TOWN_KM
    quarters = rng.integers(QUARTERS, size=customers)
    cuisines = rng.permutation(np.arange(restaurants) % len(CUISINES))
    places = middles[rng.integers(QUARTERS, size=restaurants)]
    is_open = np.ones(restaurants, dtype=np.bool_)
    is_open[rng.permutation(restaurants)[: round(NEW * restaurants)]] = False
    town = Town(
        names=tuple(name(number, int(cuisine)) for number, cuisine in enumerate(cuisines)),
        cuisines=cuisines,
        prices=rng.integers(1, 5, size=restaurants).astype(np.float64),
        places=places + rng.normal(0, 1.5 * SPREAD_KM, places.shape),
        homes=middles[quarters] + rng.normal(0, SPREAD_KM, (customers, 2)),
        is_open=is_open,
    )
    return town, quarters


def _hidden(rng: np.random.Generator, town: Town, quarters: Ints) -> Hidden:
    count, kinds = len(town.homes), len(CUISINES)
    of_quarter = rng.normal(0, OF_QUARTER, (QUARTERS, kinds))
    family = rng.random(count) < 0.4
    return Hidden(
        tastes=of_quarter[quarters] + rng.normal(0, OWN, (count, kinds)),
        habits=rng.normal(0, HABIT, (count, len(PARTS), kinds)),
        favourites=rng.normal(0, FAVOURITE, (count, len(town.names))),
        quality=rng.normal(0, QUALITY, len(town.names)),
        health=np.maximum(0.0, rng.normal(0.4, 0.6, count)),
        thrift=np.maximum(0.0, rng.normal(0.3, 0.25, count)) + FAMILY_PRICE * family,
        family=family,
    )


def _orders(
    rng: np.random.Generator, town: Town, hidden: Hidden, weeks: int, a_week: float
) -> Orders:
    rainy = rng.random(weeks * len(DAYS)) < RAIN
    rows = []
    for customer in range(len(town.homes)):
        for minute in _minutes(rng, rng.poisson(a_week * weeks), weeks):
            moment = Moment(int(minute), bool(rainy[minute // DAY_MIN]))
            worth = np.where(town.is_open, hidden.worth(town, customer, moment), -np.inf)
            if np.isfinite(worth).any():
                taken = int(np.argmax(worth + rng.gumbel(size=len(worth))))
                rows.append((int(minute), customer, taken, moment.rain))
    minutes, who, what, rain = (np.array(each) for each in zip(*sorted(rows), strict=True))
    return Orders(who, what, minutes, rain.astype(np.bool_))


def _minutes(rng: np.random.Generator, count: int, weeks: int) -> Ints:
    """Minutes of orders: any day, by the shares of its parts, evenly within each."""
    starts, ends = np.array((5, 11, 15, 18, 23)) * 60, np.array((11, 15, 18, 23, 26)) * 60
    parts = rng.choice(len(PARTS), size=count, p=SHARES)
    minutes = rng.integers(starts[parts], ends[parts]) + DAY_MIN * rng.integers(
        7 * weeks, size=count
    )
    return np.sort(minutes[minutes < weeks * WEEK_MIN])


FIRST = ("Lotus", "Annapurna", "Green", "Royal", "Corner", "Sagar", "Old", "Silver", "Mango",
         "Station", "Lake", "Garden", "Blue")  # fmt: skip


def name(number: int, cuisine: int) -> str:
    """Return what a restaurant is called: another name for each number."""
    again, first = divmod(number, len(FIRST))
    return f"{FIRST[first]} {CUISINES[cuisine]}{f' {again + 1}' if again else ''}"
