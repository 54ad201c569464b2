"""Who lives in a city: restaurants at junctions, customers at others, and riders by shifts.

Page: docs/zomato/city.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any

from chapters.sim.clock import S
from zomato.city.weather import MINUTES, Weather, cell_of
from zomato.people import Wish
from zomato.roads.graph import Graph

DISHES = (("thali", 180_00), ("biryani", 249_50), ("dosa", 95_25), ("rolls", 140_00))
NEAR = 12  # restaurants from which somebody chooses, the nearest ones
SHIFT_MIN = (180, 420)
COUPON_SHARE = 0.1
PEAKS = ((12.7 * 60, 70.0), (20.2 * 60, 90.0))  # when most riders work


@dataclass(frozen=True, slots=True)
class Cook:
    """A restaurant at a junction."""

    id: str
    node: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A rider's day: from when to when, and where it begins."""

    rider: str
    on_min: int
    off_min: int
    node: int


def cooks(rng: Random, graph: Graph, count: int) -> list[Cook]:
    """Return restaurants, most of them where others are."""
    middles = rng.sample(range(len(graph)), max(1, count // 20))
    return [Cook(f"r{n}", _near(rng, graph, rng.choice(middles))) for n in range(1, count + 1)]


def shifts(rng: Random, graph: Graph, count: int) -> list[Shift]:
    """Return riders' shifts; most are around the two peaks of hunger."""
    made = []
    for number in range(1, count + 1):
        middle, spread = rng.choice(PEAKS)
        long = rng.randint(*SHIFT_MIN)
        on = int(min(max(rng.gauss(middle, spread) - long / 2, 6 * 60), MINUTES - long))
        made.append(Shift(f"rider-{number}", on, on + long, rng.randrange(len(graph))))
    return made


def wishes(
    rng: Random, graph: Graph, places: list[Cook], weather: Weather, count: int
) -> Iterator[tuple[Wish, int]]:
    """Yield what so many customers want and the junction at which they live, in order of time."""
    homes = [rng.randrange(len(graph)) for _ in range(max(1, count // 3))]
    near = {home: _nearest(graph, places, home) for home in set(homes)}
    cells = {home: cell_of((graph.xs[home], graph.ys[home])) for home in near}
    by_minute = list(accumulate(weather.hunger(minute) for minute in range(MINUTES)))
    minutes = sorted(rng.choices(range(MINUTES), cum_weights=by_minute, k=count))
    for number, minute in enumerate(minutes, 1):
        home = rng.choice(homes)
        if weather.hunger(minute, cells[home]) < weather.hunger(minute, weather.festival):
            other = rng.choice(
                homes
            )  # where there is a festival, more of those who order live there
            home = other if cells[other] == weather.festival else home
        yield _wish(rng, number, minute, home, rng.choice(near[home]), graph), home


def _wish(rng: Random, number: int, minute: int, home: int, cook: Cook, graph: Graph) -> Wish:
    lines: list[dict[str, Any]] = [
        {"dish": dish, "quantity": rng.randint(1, 2), "price": paise}
        for dish, paise in rng.sample(DISHES, rng.randint(1, 2))
    ]
    cart = {
        "customer": f"c{number}", "restaurant": cook.id, "lines": lines,
        "coupon": "CITY" if rng.random() < COUPON_SHARE else "",
        "x": round(graph.xs[home]), "y": round(graph.ys[home]),
    }  # fmt: skip
    return Wish((minute * 60 + rng.randrange(60)) * S, f"key-{number}", cart)


def _nearest(graph: Graph, places: list[Cook], home: int) -> list[Cook]:
    return sorted(places, key=lambda each: graph.metres(each.node, home))[:NEAR]


def _near(rng: Random, graph: Graph, middle: int) -> int:
    """Return one of the junctions near another one, by a walk of some steps."""
    node = middle
    for _ in range(rng.randrange(12)):
        ahead = graph.heads[graph.first[node] : graph.first[node + 1]]
        node = rng.choice(ahead) if ahead else node
    return node
