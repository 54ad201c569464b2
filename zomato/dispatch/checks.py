"""What the exercises on dispatch check: the minutes of a trip, when it begins, and who is placed first.

Page: docs/zomato/dispatch.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from zomato.dispatch.day import Day, Tours, Town
from zomato.dispatch.instance import Instance, Order, Restaurant, Rider, Terms
from zomato.dispatch.rolling import Rolling
from zomato.dispatch.route import ride
from zomato.dispatch.score import score

TERMS = (100, 4, 4, 40, 90, 10, 15)
CROWD = (24, 4)


def day(orders: list[list[JSON]], riders: list[list[JSON]], terms: list[float]) -> Instance:
    """Return a day with a restaurant in the middle, and one 2 km to the east."""
    places = (Restaurant("r1", 0, 0), Restaurant("r2", 2000, 0))
    return Instance(
        "small",
        Terms(*terms),
        {str(each[0]): Order(*each) for each in orders},  # type: ignore[arg-type]
        {str(each[0]): Rider(*each) for each in riders},  # type: ignore[arg-type]
        {each.id: each for each in places},
    )


def rides(
    orders: list[list[JSON]], bundle: list[str], home: list[float], free: float, terms: list[float]
) -> JSON:
    """Return the minutes of one bundle, for a rider who is free at a place."""
    instance = day(orders, [["c1", *home, 0, 600]], terms)
    picked, dropped, then = ride(instance, tuple(bundle), "c1", free)
    return [picked, list(dropped), then]


def known(id: str, x: int, y: int, placed: int, restaurant: str, ready: int) -> list[JSON]:
    """Return an order, as a case has it."""
    return [id, x, y, placed, restaurant, ready]


class Fixed:
    """A policy whose mind is made up: each rider has a tour, less what has begun."""

    is_late = True

    def __init__(self, tours: dict[str, list[list[str]]], is_late: bool) -> None:
        self._tours, self.is_late = tours, is_late

    def plan(self, town: Town) -> Tours:
        """Return what is left of the tours, of orders that are known."""
        left = {
            rider: [tuple(o for o in bundle if o in town.open) for bundle in tour]
            for rider, tour in self._tours.items()
        }
        return {rider: [bundle for bundle in tour if bundle] for rider, tour in left.items()}


def begins(
    orders: list[list[JSON]],
    riders: list[list[JSON]],
    tours: dict[str, list[list[str]]],
    is_late: bool,
    every_min: int,
) -> JSON:
    """Let a day pass with fixed tours; return who was sent with what: decided, left, picked up."""
    passing = Day(day(orders, riders, list(TERMS)), Fixed(tours, is_late), every_min=every_min)
    for _ in range(200):
        if passing.is_over:
            break
        passing.look()
    return [
        [each.rider, list(each.bundle), each.decided_min, each.leaves_min, each.picked_min]
        for each in passing.trips
    ]


def planned(orders: list[list[JSON]], riders: list[list[JSON]]) -> JSON:
    """Plan once, without mending anything; return each rider's tour."""
    instance = day(orders, riders, list(TERMS))
    passing = Day(instance, Rolling(rng=Random(1), rounds=0))
    passing.town.open = dict.fromkeys(instance.orders)
    tours = passing.policy.plan(passing.town)
    return {
        rider: [list(bundle) for bundle in tour] for rider, tour in sorted(tours.items()) if tour
    }


def crowd(seed: str) -> JSON:
    """Let a busy evening pass; return how many came, and how long they waited on average."""
    rng = Random(seed)
    count, riders = CROWD
    orders = [
        _order(rng, f"o{n}", rng.choice(("r1", "r2")), rng.randrange(40)) for n in range(count)
    ]
    crew: list[list[JSON]] = [[f"c{n}", *_spot(rng), 0, 240] for n in range(riders)]
    passing = Day(day(orders, crew, list(TERMS)), Rolling(rng=Random(2), rounds=3))
    while not passing.is_over:
        passing.look()
    found = score(passing.town.instance, passing.trips)
    return [found.delivered, round(found.click_to_door_min, 6)]


def _spot(rng: Random) -> tuple[int, int]:
    return rng.randrange(-1500, 3500), rng.randrange(-1500, 1500)


def _order(rng: Random, id: str, restaurant: str, placed: int = 0) -> list[JSON]:
    """An order somewhere, that is ready within half an hour."""
    x, y = _spot(rng)
    return known(id, x, y, placed, restaurant, placed + rng.randrange(30))


def one_door(rng: Random) -> Iterator[Case]:
    yield [known("o1", 500, 0, 0, "r1", 20)], ["o1"], [-250, 0], 0, TERMS
    yield [known("o1", 500, 0, 0, "r1", 2)], ["o1"], [-250, 0], 0, TERMS
    yield [known("o1", 500, 0, 0, "r1", 20)], ["o1"], [-250, 0], 30, TERMS
    for _ in range(3):
        order = _order(rng, "o1", "r2")
        yield [order], ["o1"], _spot(rng), rng.randrange(20), TERMS


def more_doors(rng: Random) -> Iterator[Case]:
    two = [known("o1", 500, 0, 0, "r1", 20), known("o2", 500, 300, 0, "r1", 25)]
    yield two, ["o1", "o2"], [-250, 0], 0, TERMS
    yield two, ["o2", "o1"], [-250, 0], 0, TERMS
    for _ in range(3):
        many = [_order(rng, f"o{n}", "r1") for n in range(3)]
        yield many, ["o2", "o0", "o1"], _spot(rng), rng.randrange(20), TERMS


def other_terms(rng: Random) -> Iterator[Case]:
    order = [known("o1", 500, 0, 0, "r1", 10), known("o2", 700, 0, 0, "r1", 10)]
    yield order, ["o1", "o2"], [-250, 0], 0, (100, 2, 6, 40, 90, 10, 15)
    yield order, ["o1", "o2"], [-250, 0], 0, (100, 6, 2, 40, 90, 10, 15)
    yield order, ["o1", "o2"], [-250, 0], 0, (100, 0, 0, 40, 90, 10, 15)


LONE: JSON = ["c1", -300, 0, 0, 300]


def not_before_it_must(rng: Random) -> Iterator[Case]:
    yield [known("o1", 500, 0, 10, "r1", 30)], [LONE], {"c1": [["o1"]]}, True, 1
    yield [known("o1", 500, 0, 10, "r1", 30)], [LONE], {"c1": [["o1"]]}, True, 5
    yield [known("o1", 500, 0, 10, "r1", 10)], [LONE], {"c1": [["o1"]]}, True, 1
    ready = rng.randrange(20, 60)
    yield [known("o1", 500, 0, 3, "r1", ready)], [LONE], {"c1": [["o1"]]}, True, rng.randint(2, 6)


def one_after_the_other(rng: Random) -> Iterator[Case]:
    two = [known("o1", 500, 0, 0, "r1", 5), known("o2", -500, 0, 0, "r1", 8)]
    yield two, [LONE], {"c1": [["o1"], ["o2"]]}, True, 1
    yield two, [LONE], {"c1": [["o1", "o2"]]}, True, 1
    three = [_order(rng, f"o{n}", "r1") for n in range(3)]
    yield three, [LONE], {"c1": [["o0"], ["o1", "o2"]]}, True, 2


def at_once(rng: Random) -> Iterator[Case]:
    two = [known("o1", 500, 0, 0, "r1", 25), known("o2", -500, 0, 0, "r1", 40)]
    yield two, [LONE], {"c1": [["o1"], ["o2"]]}, False, 1
    three = [known(f"o{n}", 400 + 100 * n, 0, 0, "r1", 5) for n in range(3)]
    yield three, [LONE], {"c1": [["o0"], ["o1"], ["o2"]]}, False, 1
    yield [known("o1", 500, 0, 4, "r1", 60)], [LONE], {"c1": [["o1"]]}, False, 3


def who_has_most_to_lose(rng: Random) -> Iterator[Case]:
    """One rider near both restaurants, one far from r2: whoever depends on the first one gets it."""
    orders = [known("o1", 0, 300, 0, "r1", 5), known("o2", 2000, 300, 0, "r2", 5)]
    yield orders, [["c1", 1000, 0, 0, 300], ["c2", -1500, 0, 0, 300]]
    yield orders, [["c1", 1000, 0, 0, 300], ["c2", 3500, 0, 0, 300]]


def together(rng: Random) -> Iterator[Case]:
    near = [known(f"o{n}", 1800, 50 * n, 0, "r1", 10) for n in range(3)]
    yield near, [LONE]
    yield [known("o1", 9000, 0, 0, "r1", 10), known("o2", 100, 0, 0, "r1", 10)], [LONE]
    for _ in range(3):
        orders = [_order(rng, f"o{n}", f"r{rng.randint(1, 2)}") for n in range(6)]
        crew: list[JSON] = [[f"c{n}", *_spot(rng), 0, 300] for n in range(3)]
        yield orders, crew


def evenings(rng: Random) -> Iterator[Case]:
    for _ in range(2):
        yield (f"{rng.random():.6f}",)


STAGES = {
    "ride": [
        Stage("to the restaurant, wait if it is early, to the door", one_door, rides),
        Stage("from door to door; nothing leaves before all is ready", more_doors, rides),
        Stage("other terms: half of a handover before, half after", other_terms, rides),
    ],
    "late-commitment": [
        Stage("in the last look that makes nothing later", not_before_it_must, begins),
        Stage("one trip after the other", one_after_the_other, begins),
        Stage("a policy that does not wait: all of it, now", at_once, begins),
    ],
    "regret": [
        Stage("who would lose most is placed first", who_has_most_to_lose, planned),
        Stage("tours, bundles, and who fits nowhere", together, planned),
        Stage("a busy evening", evenings, crowd),
    ],
}
