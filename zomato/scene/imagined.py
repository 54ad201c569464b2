"""An evening in a town that is made up: restaurants in a few streets, people around, riders by shifts.

As in the published instances: straight lines at 320 m a minute, four minutes to hand over, forty as the
target. Orders have two peaks, at half past twelve and at eight. Page: docs/zomato/dispatch.md
"""

from collections.abc import Iterator
from random import Random

from chapters.sim.errors import at_least
from zomato.dispatch.instance import Instance, Order, Restaurant, Rider, Terms

TERMS = Terms(320, 4, 4, 40, 90, 10, 15)
SIZE_M = 9_000
STREETS, SPREAD_M = 5, 900  # where restaurants are, and how far around
RESTAURANTS_A_STREET = 12
HOME_M = 2_200  # how far away those live who order
PEAKS_MIN = ((12.5 * 60, 55.0, 0.4), (20 * 60.0, 70.0, 0.6))  # middle, spread, share
PREPARATION_MIN = (6, 26)
OPENS_MIN, CLOSES_MIN = 10 * 60, 23 * 60
SHIFT_MIN = (120, 300)


def imagined(rng: Random, *, orders: int = 240, riders: int = 45) -> Instance:
    """Return a day with so many orders and shifts of riders."""
    at_least(1, orders=orders, riders=riders)
    middles = [
        (rng.uniform(0.2, 0.8) * SIZE_M, rng.uniform(0.2, 0.8) * SIZE_M) for _ in range(STREETS)
    ]
    restaurants = [
        Restaurant(f"r{number + 1}", *_around(rng, middles[number % STREETS], SPREAD_M))
        for number in range(STREETS * RESTAURANTS_A_STREET)
    ]
    placed = sorted(_minute(rng) for _ in range(orders))
    made = [_order(rng, f"o{number + 1}", at, restaurants) for number, at in enumerate(placed)]
    crew = list(_riders(rng, riders, middles))
    return Instance(
        "imagined",
        TERMS,
        {each.id: each for each in made},
        {each.id: each for each in crew},
        {each.id: each for each in restaurants},
    )


def _minute(rng: Random) -> int:
    middle, spread, _ = rng.choices(PEAKS_MIN, [share for _, _, share in PEAKS_MIN])[0]
    return int(min(max(rng.gauss(middle, spread), OPENS_MIN), CLOSES_MIN - 60))


def _order(rng: Random, id: str, placed: int, restaurants: list[Restaurant]) -> Order:
    restaurant = rng.choice(restaurants)
    x, y = _around(rng, (restaurant.x, restaurant.y), HOME_M)
    return Order(id, x, y, placed, restaurant.id, placed + rng.randint(*PREPARATION_MIN))


def _riders(rng: Random, count: int, middles: list[tuple[float, float]]) -> Iterator[Rider]:
    """Shifts that cover the day: most begin before a peak."""
    for number in range(count):
        long = rng.randint(*SHIFT_MIN)
        middle = _minute(rng)
        on = max(OPENS_MIN - 30, min(middle - long // 2, CLOSES_MIN - long))
        place = _around(rng, rng.choice(middles), 2 * SPREAD_M)
        yield Rider(f"c{number + 1}", *place, on, on + long)


def _around(rng: Random, middle: tuple[float, float], spread: float) -> tuple[int, int]:
    x, y = (round(min(max(rng.gauss(each, spread), 0), SIZE_M)) for each in middle)
    return x, y
