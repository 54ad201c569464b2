"""Weeks of deliveries that are made up, with kitchens that nobody can look into.

    preparation = kitchen's own minutes · dishes · how many are waiting there · luck (log-normal)
    travel      = empty road · rush hours · rain · luck (log-normal)             + handing over

Hidden are: each kitchen's minutes, how it takes a crowd, how moody it is, and that all of it drifts from
day to day. How many are waiting is no draw: it is who has ordered there before and is not served yet.
Page: docs/zomato/eta.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from random import Random

from chapters.sim.errors import at_least
from zomato.eta.delivery import Asked, Delivery
from zomato.roads.hierarchy import Hierarchy
from zomato.roads.matrix import matrix
from zomato.roads.town import town

KITCHENS, HOMES, JUNCTIONS = 40, 300, 1_500
PEAKS = ((12.6 * 60, 50.0, 0.4), (19.8 * 60, 65.0, 0.6))  # middle, spread, share of the orders
OPENS_MIN, CLOSES_MIN = 10 * 60, 23 * 60
RUSHES = ((13 * 60, 50.0, 0.35), (18.7 * 60, 75.0, 0.7))  # middle, spread, how much slower
MINUTES, CROWDED, MOODY = (6.0, 26.0), (0.02, 0.16), (0.08, 0.38)  # of kitchens: from, to
DRIFT = 0.015  # of a kitchen's minutes, from day to day
A_DISH, DISHES_MAX = 0.07, 8  # how much more, each after the first one
RAINY, RAIN_MIN, SLOWER_IN_RAIN = 0.3, 240, 1.35  # share of days, how long, how much
ROAD_LUCK, HANDING_OVER_MIN, PACE = 0.16, 3.0, 1.7  # PACE: a bicycle against an empty road
MS_A_MIN = 60_000


@dataclass(slots=True)
class Kitchen:
    """What nobody sees."""

    id: str
    junction: int
    minutes: float
    crowded: float
    moody: float


@dataclass(frozen=True, slots=True)
class Way:
    """From a kitchen to a home: the straight line, and by an empty road."""

    straight_m: float
    road_min: float


@dataclass(frozen=True, slots=True)
class Hidden:
    """The middle of an order's two times, and how far luck spreads each: the best that one could know."""

    prepared_min: float
    prepared_luck: float
    travelled_min: float
    travelled_luck: float


@dataclass(frozen=True, slots=True)
class Lived:
    """A delivery, with the truth behind it."""

    delivery: Delivery
    hidden: Hidden


def history(rng: Random, *, days: int = 42, orders: int = 300) -> list[list[Lived]]:
    """Return the deliveries of each day, in the order in which they were placed."""
    at_least(1, days=days, orders=orders)
    graph = town(rng, JUNCTIONS)
    kitchens = [_kitchen(rng, f"k{n + 1}", rng.randrange(len(graph))) for n in range(KITCHENS)]
    homes = rng.sample(range(len(graph)), HOMES)
    ms = matrix(Hierarchy(graph), [each.junction for each in kitchens], homes)
    ways = [
        [
            Way(graph.metres(each.junction, home), ms[row][at] / MS_A_MIN)
            for at, home in enumerate(homes)
        ]
        for row, each in enumerate(kitchens)
    ]
    return [list(_day(rng, day, kitchens, ways, orders)) for day in range(days)]


def _kitchen(rng: Random, id: str, junction: int) -> Kitchen:
    return Kitchen(id, junction, *(rng.uniform(*each) for each in (MINUTES, CROWDED, MOODY)))


def _day(
    rng: Random, day: int, kitchens: list[Kitchen], ways: list[list[Way]], orders: int
) -> Iterator[Lived]:
    """One day: who orders where, how long it takes there, and on the road."""
    for kitchen in kitchens:
        kitchen.minutes *= exp(rng.gauss(0, DRIFT))
    rain = rng.randrange(OPENS_MIN, CLOSES_MIN) if rng.random() < RAINY else CLOSES_MIN
    cooking: list[list[float]] = [[] for _ in kitchens]  # when each order is ready
    chosen = rng.choices(range(KITCHENS), [1 / (2 + n) for n in range(KITCHENS)], k=orders)
    for minute, number in zip(sorted(_minute(rng) for _ in chosen), chosen, strict=True):
        kitchen, way = kitchens[number], rng.choice(ways[number])
        cooking[number] = [ready for ready in cooking[number] if ready > minute]
        is_wet, dishes = rain <= minute < rain + RAIN_MIN, 1 + int(rng.expovariate(0.7))
        asked = Asked(
            day,
            minute,
            kitchen.id,
            min(dishes, DISHES_MAX),
            len(cooking[number]),
            way.straight_m,
            way.road_min,
            is_wet,
        )
        truth = hidden(kitchen, asked)
        prepared = truth.prepared_min * exp(rng.gauss(0, truth.prepared_luck))
        travelled = truth.travelled_min * exp(rng.gauss(0, truth.travelled_luck))
        cooking[number].append(minute + prepared)
        yield Lived(Delivery(asked, prepared, travelled + HANDING_OVER_MIN), truth)


def hidden(kitchen: Kitchen, asked: Asked) -> Hidden:
    """Return the truth behind an order."""
    dishes, crowd = 1 + A_DISH * (asked.dishes - 1), 1 + kitchen.crowded * asked.waiting
    slower = 1 + sum(
        more * exp(-(((asked.minute - middle) / spread) ** 2) / 2)
        for middle, spread, more in RUSHES
    )
    weather = SLOWER_IN_RAIN if asked.rain else 1.0
    return Hidden(
        kitchen.minutes * dishes * crowd,
        kitchen.moody,
        PACE * asked.road_min * slower * weather,
        ROAD_LUCK,
    )


def _minute(rng: Random) -> int:
    middle, spread, _ = rng.choices(PEAKS, [share for _, _, share in PEAKS])[0]
    return int(min(max(rng.gauss(middle, spread), OPENS_MIN), CLOSES_MIN - 1))
