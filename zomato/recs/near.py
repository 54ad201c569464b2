"""What the neighbours like: all that is known of somebody who has just moved in.

    ·  · ·      the circle around a home widens, neighbour by neighbour, until they have
     ·(⌂·)·     ordered ENOUGH; what they had, by cuisine, is shrunk to what the town has
    ·  · ·

Who lives among few looks further than who lives among many. Page: docs/zomato/recs.md
"""

import numpy as np

from zomato.recs.orders import Floats
from zomato.recs.popular import shrunk

ENOUGH = 1_500  # orders: of some forty neighbours
STANDS_FOR = 200.0  # orders that the town's shares stand for


class Near:
    """Shares of cuisines around any place: `counts` are customers × cuisines, `overall` the town's."""

    def __init__(self, homes: Floats, counts: Floats, overall: Floats) -> None:
        self._homes, self._counts, self._overall = homes, counts, overall
        self._ordered = counts.sum(axis=1)

    def share(self, home: Floats, enough: int = ENOUGH) -> Floats:
        """Return how the orders of the nearest are shared: of those who have ordered `enough`, or all."""
        km = np.hypot(*(self._homes - home).T)
        nearest = np.argsort(km, kind="stable")
        until = int(np.searchsorted(np.cumsum(self._ordered[nearest]), enough)) + 1
        return shrunk(self._counts[nearest[:until]].sum(axis=0), self._overall, STANDS_FOR)
