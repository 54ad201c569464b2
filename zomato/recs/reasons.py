"""Reasons for a restaurant, each a number: what speaks for it now, for this customer, at this home.

    hour     log of its share of the orders at such an hour                   popular.py
    you      log of how much more than the town you order such food now       habits.py
    again    log of 1 + how often you had it                                  counted here
    near     km, negative

For somebody new `again` is 0 everywhere, and `you` is what the neighbours like.
Page: docs/zomato/recs.md
"""

from collections.abc import Collection

import numpy as np

from zomato.recs.habits import Habits
from zomato.recs.moment import Moment
from zomato.recs.orders import Floats, Orders, Town
from zomato.recs.popular import STRENGTH, ByHour

NAMES = ("hour", "you", "again", "near")


class Reasons:
    """Everything counted from `orders`, and nothing from later ones; `without` leaves reasons out.

    Without `hour` there are no contexts at all: neither the town's hours nor the customer's.
    """

    def __init__(
        self,
        town: Town,
        orders: Orders,
        *,
        strength: float = STRENGTH,
        without: Collection[str] = (),
    ) -> None:
        self.town, self._without = town, without
        seen = orders if "hour" not in without else _at_one_hour(orders)
        self._moment = Moment(int(seen.minutes[0])) if "hour" in without else None
        self.by_hour = ByHour(seen.restaurants, seen.cells, len(town.names), strength)
        self._habits = Habits(town, seen, strength)
        self.had = np.zeros((len(town.homes), len(town.names)))
        np.add.at(self.had, (orders.customers, orders.restaurants), 1.0)

    def of(self, customer: int | None, home: Floats, moment: Moment) -> Floats:
        """Return restaurants × NAMES."""
        moment, town = self._moment or moment, self.town
        had = np.zeros(len(town.names)) if customer is None else self.had[customer]
        columns = (
            np.log(self.by_hour.share(moment)),
            np.log(self._habits.lift(customer, home, moment))[town.cuisines],
            np.log1p(had),
            -town.km(home),
        )
        found = np.stack(columns, axis=1)
        found[:, [NAMES.index(each) for each in self._without if each != "hour"]] = 0.0
        return found


def _at_one_hour(orders: Orders) -> Orders:
    """The same orders as if all had been placed at once: no contexts."""
    zero = np.zeros(len(orders), dtype=np.int64)
    return Orders(orders.customers, orders.restaurants, zero, zero.astype(np.bool_))
