"""The list: each restaurant that delivers, by its reasons and what they weigh; and why it is there.

Weights are learnt from some weeks, with reasons counted from the weeks before them: if they were counted
from the same weeks, every order would speak for itself. Then all is counted anew, up to now.
Page: docs/zomato/recs.md
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from zomato.recs.moment import Moment
from zomato.recs.orders import Floats, Orders, Town
from zomato.recs.popular import STRENGTH
from zomato.recs.reasons import NAMES, Reasons
from zomato.recs.weigh import weigh

COUNT = 10  # on a list
LEARNS_MAX = 1_000  # orders that weights are learnt from: more change nothing any more


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place on the list; `reasons`: what each adds to the mean of those that deliver, the most first."""

    restaurant: int
    reasons: tuple[tuple[str, float], ...]


class Model:
    """Learns once, from orders up to now, of which the last ones from minute `held` weigh the reasons."""

    def __init__(
        self,
        town: Town,
        orders: Orders,
        held: int,
        *,
        strength: float = STRENGTH,
        without: Collection[str] = (),
    ) -> None:
        earlier, later = orders.between(0, held), orders.between(held, int(orders.minutes[-1]) + 1)
        before = Reasons(town, earlier, strength=strength, without=without)
        few = later.only(_evenly(len(later), LEARNS_MAX))
        self.weights = _weights(before, few, [int(who) for who in few.customers])
        self.weights_if_new = _weights(before, few, [None] * len(few))
        self.reasons = Reasons(town, orders, strength=strength, without=without)
        self.town = town

    def scores(self, customer: int | None, home: Floats, moment: Moment) -> Floats:
        """Return how much speaks for each restaurant, whether it delivers or not."""
        found: Floats = self._parts(customer, home, moment).sum(axis=1)
        return found

    def suggest(
        self, customer: int | None, home: Floats, moment: Moment, count: int = COUNT
    ) -> list[Suggestion]:
        """Return the best `count` of those that are open and deliver there, with reasons."""
        offered = self.town.offered(home)
        parts = self._parts(customer, home, moment)[offered]
        above = parts - parts.mean(axis=0) if len(parts) else parts
        order = np.argsort(-parts.sum(axis=1), kind="stable")[:count]
        return [Suggestion(int(offered[each]), _sorted(above[each])) for each in order]

    def _parts(self, customer: int | None, home: Floats, moment: Moment) -> Floats:
        """What each reason adds, for each restaurant."""
        weights = self.weights_if_new if customer is None else self.weights
        found: Floats = self.reasons.of(customer, home, moment) * weights
        return found


def _weights(before: Reasons, later: Orders, known_as: Sequence[int | None]) -> Floats:
    """What reasons weigh for those who ordered, if each is known as that customer, or is new."""
    town = before.town
    reasons = np.stack(
        [
            before.of(known_as[number], town.homes[who], later.moment(number))
            for number, who in enumerate(later.customers)
        ]
    )
    offered = np.zeros(reasons.shape[:2], dtype=np.bool_)
    for number, who in enumerate(later.customers):
        offered[number, town.offered(town.homes[who])] = True
    return weigh(reasons, offered, later.restaurants)


def _evenly(count: int, most: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of so many to take, so that at most `most` are taken."""
    every = max(1, -(-count // most))
    return np.asarray(np.arange(count) % every == 0)


def _sorted(parts: Floats) -> tuple[tuple[str, float], ...]:
    found = zip(NAMES, map(float, parts), strict=True)
    return tuple(sorted(found, key=lambda each: -each[1]))
