"""What the exercises on recommendations check: shares by hour, the neighbours, and who is new.

Page: docs/zomato/recs.md
"""

from collections.abc import Iterator
from random import Random

import numpy as np

from chapters.checking import JSON, Case, Stage
from chapters.recommend.checks import near as close
from zomato.recs.customers import world
from zomato.recs.habits import Habits
from zomato.recs.judge import cut, gains, of_known, of_new, oracle
from zomato.recs.model import Model
from zomato.recs.moment import CELLS, DAY_MIN, Moment
from zomato.recs.near import Near
from zomato.recs.orders import CUISINES, Orders, Town
from zomato.recs.popular import chain, shrunk

DIGITS = 9
SAME = 0.01  # of an NDCG
SUNDAY_MORNING, SUNDAY_NOON, TUESDAY_EVENING = 6 * DAY_MIN + 600, 6 * DAY_MIN + 750, DAY_MIN + 1230

Rows = list[list[float]]


def _rounded(found: object) -> JSON:
    listed: JSON = np.round(np.asarray(found, dtype=np.float64), DIGITS).tolist()
    return listed


# Shares by hour.


def shares(counts: Rows, prior: list[float], strength: float) -> JSON:
    """Shrink rows of counts to one prior."""
    return _rounded(shrunk(np.array(counts), np.array(prior), strength))


def by_hour(
    things: list[int], minutes: list[int], overall: list[float], strength: float, asked: list[int]
) -> JSON:
    """Return the shares of things at the minutes that are asked for."""
    cells = np.array([Moment(each).cell for each in minutes], dtype=np.int64)
    found = chain(np.array(things, dtype=np.int64), cells, np.array(overall), strength)
    assert found.shape == (CELLS, len(overall))
    return _rounded([found[Moment(each).cell] for each in asked])


def rows_of_counts(rng: Random) -> Iterator[Case]:
    yield [[6.0, 2.0]], [0.5, 0.5], 4.0
    yield [[0.0, 0.0], [30.0, 10.0]], [0.9, 0.1], 10.0
    for _ in range(2):
        counts = [[float(rng.randrange(20)) for _ in range(3)] for _ in range(3)]
        yield counts, [0.2, 0.3, 0.5], float(rng.randint(1, 50))


def one_level(rng: Random) -> Iterator[Case]:
    """All orders at one hour: what another part of the day says is what all orders say."""
    yield [0, 0, 1], [SUNDAY_MORNING] * 3, [0.5, 0.5], 3.0, [TUESDAY_EVENING]
    yield [0], [SUNDAY_MORNING], [0.25, 0.75], 1.0, [SUNDAY_MORNING]


def levels(rng: Random) -> Iterator[Case]:
    """Other days have the same mornings; the finest context is believed last."""
    minutes = [SUNDAY_MORNING, SUNDAY_MORNING + 5, 600, 605, 610, TUESDAY_EVENING]
    asked = [SUNDAY_MORNING, 600, DAY_MIN + 600, TUESDAY_EVENING, SUNDAY_NOON]
    yield [0, 0, 1, 1, 1, 2], minutes, [0.3, 0.5, 0.2], 2.0, asked
    for _ in range(2):
        many = [rng.randrange(7 * DAY_MIN) for _ in range(30)]
        yield (
            [rng.randrange(3) for _ in many],
            many,
            [0.2, 0.3, 0.5],
            float(rng.randint(1, 9)),
            asked,
        )


# The neighbours.


def around(homes: Rows, counts: Rows, overall: list[float], home: list[float], enough: int) -> JSON:
    """Return what is liked around a home."""
    near = Near(np.array(homes), np.array(counts), np.array(overall))
    return _rounded(near.share(np.array(home), enough))


def nearest_first(rng: Random) -> Iterator[Case]:
    homes, counts = [[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]], [[90.0, 10.0], [50.0, 50.0], [0.0, 100.0]]
    yield homes, counts, [0.5, 0.5], [0.2, 0.0], 100
    yield homes, counts, [0.5, 0.5], [8.0, 0.0], 100
    yield homes, counts, [0.5, 0.5], [0.2, 0.0], 101
    yield homes, counts, [0.5, 0.5], [0.2, 0.0], 250


def few_and_none(rng: Random) -> Iterator[Case]:
    yield [[0.0, 0.0], [5.0, 5.0]], [[3.0, 0.0], [0.0, 2.0]], [0.4, 0.6], [1.0, 1.0], 1000
    yield [[0.0, 0.0]], [[0.0, 0.0]], [0.4, 0.6], [1.0, 1.0], 10
    homes = [[rng.uniform(0, 9), rng.uniform(0, 9)] for _ in range(12)]
    counts = [[float(rng.randrange(40)) for _ in range(2)] for _ in homes]
    for enough in (1, 60, 200):
        yield homes, counts, [0.3, 0.7], [rng.uniform(0, 9), 4.0], enough


# Who is new, and who is known.


def lifts(orders: list[list[int]], customer: int | None, home: list[float], minute: int) -> JSON:
    """Return by cuisine how much more than the town somebody orders; orders: [who, cuisine, minute]."""
    who, what, minutes = (np.array(each, dtype=np.int64) for each in zip(*orders, strict=True))
    count = len(CUISINES)
    town = Town(CUISINES, np.arange(count), np.ones(count), np.zeros((count, 2)),
                np.array([[float(each), 0.0] for each in range(4)]), np.ones(count, bool))  # fmt: skip
    habits = Habits(town, Orders(who, what, minutes, np.zeros(len(who), bool)), 5.0)
    return _rounded(habits.lift(customer, np.array(home), Moment(minute)))


def some_orders(rng: Random) -> list[list[int]]:
    """Four customers' orders; the first has a mind of its own on mornings."""
    found = [[rng.randrange(4), rng.randrange(10), rng.randrange(7 * DAY_MIN)] for _ in range(60)]
    return found + [[0, 6, SUNDAY_MORNING + each] for each in range(8)]


def known_ones(rng: Random) -> Iterator[Case]:
    orders = some_orders(rng)
    yield orders, 0, [0.0, 0.0], SUNDAY_MORNING
    yield orders, 0, [0.0, 0.0], TUESDAY_EVENING
    yield orders, rng.randrange(1, 4), [1.0, 0.0], rng.randrange(7 * DAY_MIN)


def new_ones(rng: Random) -> Iterator[Case]:
    orders = some_orders(rng)
    yield orders, None, [0.0, 0.0], SUNDAY_MORNING
    yield orders, None, [3.0, 0.0], TUESDAY_EVENING
    yield orders, None, [rng.uniform(0, 3), 2.0], rng.randrange(7 * DAY_MIN)


# A town.


def lists(seed: int) -> JSON:
    """Make lists in a small town; return the NDCG for those who are known, as if new, and the oracle's."""
    made = world(np.random.default_rng(seed), customers=30, restaurants=30, weeks=5)
    parts = cut(made)
    model = Model(made.town, parts.seen, parts.held)
    ways = of_known(model), of_new(model), oracle(made)
    return _rounded([gains(each, made, parts.test).mean() for each in ways])


def nearly(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether two are equal but for places on lists that rounding decides."""
    return np.allclose(np.array(got, float), np.array(expected, float), atol=SAME)


def some_town(rng: Random) -> Iterator[Case]:
    yield (rng.randrange(1_000_000),)


def told(args: Case, got: JSON) -> str:
    """Say how good lists are on the learner's code."""
    known, new, best = map(float, got)  # type: ignore[arg-type]
    return (
        f"lists of a town on your code: NDCG@10 of {known:.2f} for who is known, {new:.2f} for who is new; "
        f"an oracle's is {best:.2f}"
    )


TOWN = "the lists of a small town"

STAGES = {
    "context-shrinkage": [
        Stage("counts, and a prior that counts as so many more", rows_of_counts, shares, close),
        Stage("a context without orders is the one above it", one_level, by_hour, close),
        Stage("from all to the part, to the day, to the weather", levels, by_hour, close),
        Stage(TOWN, some_town, lists, nearly, summary=told),
    ],
    "cold-start": [
        Stage("the nearest, until they have ordered enough", nearest_first, around, close),
        Stage("few neighbours, and none", few_and_none, around, close),
        Stage("who is known", known_ones, lifts, close),
        Stage("who is new", new_ones, lifts, close, needs=(2, 3)),
        Stage(TOWN, some_town, lists, nearly, summary=told),
    ],
}
