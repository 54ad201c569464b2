"""How good are lists? By what was ordered in weeks that no model has seen: NDCG@10, by hour.

    weeks 1 to 8          9 and 10                11 and 12
    counted               weigh the reasons       to foretell: one order each, where on the list was it?

Only restaurants that deliver to the customer are on any list, also on that of mere popularity. The
oracle ranks by what the generator knows; it misses too, since people choose with luck. So the share of
*its* NDCG is what can be asked for. Page: docs/zomato/recs.md
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from chapters.recommend.ease import Ease
from chapters.recommend.evaluate import ndcg
from chapters.recommend.model import Recommender
from chapters.recommend.popularity import Popularity
from zomato.recs.customers import World
from zomato.recs.model import COUNT, Model
from zomato.recs.moment import DAYS, PARTS, WEEK_MIN, Moment, coarser
from zomato.recs.orders import Bools, Floats, Orders
from zomato.recs.popular import STRENGTH

HELD, TEST = 2, 2  # weeks, at the end
NEW_EVERY = 10
LAMBDA = 100.0  # EASE's

Scorer = Callable[[int, Moment], Floats]


@dataclass(frozen=True, slots=True)
class Parts:
    """Orders to learn from, the minute from which they weigh reasons, and those to foretell."""

    seen: Orders
    held: int
    test: Orders


def cut(made: World) -> Parts:
    """Return the orders of a world, cut by time: the future is the same for everybody."""
    end, test = made.weeks * WEEK_MIN, (made.weeks - TEST) * WEEK_MIN
    orders = made.orders
    return Parts(orders.between(0, test), test - HELD * WEEK_MIN, orders.between(test, 2 * end))


def gains(scorer: Scorer, made: World, test: Orders) -> Floats:
    """Return the NDCG of each order of `test`."""
    found = np.zeros(len(test))
    for number, (who, what) in enumerate(zip(test.customers, test.restaurants, strict=True)):
        offered = made.town.offered(made.town.homes[who])
        scores = scorer(int(who), test.moment(number))[offered]
        shown = offered[np.argsort(-scores, kind="stable")[:COUNT]]
        found[number] = ndcg(shown == what, 1)
    return found


def scorers(made: World, strength: float = STRENGTH) -> Mapping[str, Scorer]:
    """Return the ways to rank that are compared, by name; the oracle comes last."""
    parts, town = cut(made), made.town
    learn = partial(Model, town, parts.seen, parts.held, strength=strength)
    own = learn()
    return {
        "popularity": _as_in_the_chapter(Popularity(), parts.seen, made),
        "EASE": _as_in_the_chapter(Ease(LAMBDA), parts.seen, made),
        "hour and place": of_new(own),
        "history, no hour": of_known(learn(without=("hour",))),
        "all reasons": of_known(own),
        "oracle": oracle(made),
    }


def of_known(model: Model) -> Scorer:
    """Return a model's scores, asked for customers that it knows."""
    homes = model.town.homes
    return lambda who, moment: model.scores(who, homes[who], moment)


def of_new(model: Model) -> Scorer:
    """Return a model's scores, asked for the same customers as if they were new."""
    homes = model.town.homes
    return lambda who, moment: model.scores(None, homes[who], moment)


def oracle(made: World) -> Scorer:
    """Return what the generator knows."""
    return lambda who, moment: made.hidden.worth(made.town, who, moment)


def _as_in_the_chapter(model: Recommender, seen: Orders, made: World) -> Scorer:
    """A recommender that knows pairs alone: neither hours, nor places, nor how often."""
    pairs = seen.pairs(len(made.town.homes), len(made.town.names)).matrix()
    model.fit(pairs)
    scores = model.scores(pairs)
    return lambda who, moment: scores[who]


def newcomers(made: World) -> Mapping[str, float]:
    """Return the NDCG for every tenth customer, if nobody had ever seen an order of theirs."""
    parts, town = cut(made), made.town
    seen = parts.seen.only(parts.seen.customers % NEW_EVERY > 0)
    test = parts.test.only(parts.test.customers % NEW_EVERY == 0)
    ways = {
        "popularity": _as_in_the_chapter(Popularity(), seen, made),
        "without neighbours": of_new(Model(town, seen, parts.held, without=("you",))),
        "hour and place": of_new(Model(town, seen, parts.held)),
        "oracle": oracle(made),
    }
    return {name: float(gains(scorer, made, test).mean()) for name, scorer in ways.items()}


def slices(test: Orders) -> Mapping[str, Bools]:
    """Return which orders belong to what is told apart."""
    part, day_part, _ = coarser(test.cells)
    day = day_part // len(PARTS)
    return {
        "all": np.ones(len(test), dtype=np.bool_),
        "Tuesday evening": (day == DAYS.index("Tuesday")) & (part == PARTS.index("evening")),
        "Sunday morning": (day == DAYS.index("Sunday")) & (part == PARTS.index("morning")),
    }
