"""What *you* eat at this hour, by cuisine: from the town to the neighbours to you, and your hours.

    the town, Sunday mornings                                   Café 21 %   South Indian 14 %
    you, whenever: your orders, with the neighbours' as a guess     2 times as much South Indian as the town
    so you, Sunday mornings, as a guess                         Café 18 %   South Indian 25 %
    and with what you had on mornings                           Café 11 %   South Indian 38 %

Who never ordered is like the neighbours, and who has none like the town. Page: docs/zomato/recs.md
"""

import numpy as np

from zomato.recs.moment import PARTS, Moment, coarser
from zomato.recs.near import Near
from zomato.recs.orders import CUISINES, Floats, Orders, Town
from zomato.recs.popular import ByHour, shrunk

OWN = 8.0  # orders that a guess stands for


class Habits:
    """How much of each cuisine somebody orders, at each hour, against the town."""

    def __init__(self, town: Town, orders: Orders, strength: float) -> None:
        kinds, parts = town.cuisines[orders.restaurants], coarser(orders.cells)[0]
        self._own = np.zeros((len(town.homes), len(PARTS), len(CUISINES)))
        np.add.at(self._own, (orders.customers, parts, kinds), 1.0)
        self._town = ByHour(kinds, orders.cells, len(CUISINES), strength)
        self._near = Near(town.homes, self._own.sum(axis=1), self._town.overall)
        self._around: dict[tuple[float, float], Floats] = {}

    def lift(self, customer: int | None, home: Floats, moment: Moment) -> Floats:
        """Return by cuisine how much more than the town somebody orders now; None for who is new."""
        own = np.zeros(self._own.shape[1:]) if customer is None else self._own[customer]
        usual, hour = self._town.overall, self._town.share(moment)
        guess = hour * shrunk(own.sum(axis=0), self._neighbours(home), OWN) / usual
        found: Floats = shrunk(own[moment.part], guess / guess.sum(), OWN) / hour
        return found

    def _neighbours(self, home: Floats) -> Floats:
        """Computed once for each home."""
        key = float(home[0]), float(home[1])
        if key not in self._around:
            self._around[key] = self._near.share(home)
        return self._around[key]
