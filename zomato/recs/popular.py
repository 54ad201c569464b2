"""What is ordered at this hour: by each context as far as it has orders, for the rest by the one above.

    all orders           Lotus 3 %                                          12,000 orders
      mornings           Lotus 9 %     3 % stands in for 200 orders          1,700
        Sunday mornings  Lotus 4 %     9 % stands in for 200 orders            220
          in rain        Lotus 5 %     4 % stands in for 200 orders             70

A context of its own for everything would be right, and empty; no contexts would be full, and wrong.
Invariant: a context without orders is exactly the one above it; shares add up to 1 and none is 0.
Source: Efron & Morris, "Stein's Paradox in Statistics", 1977. Page: docs/zomato/recs.md
"""

import numpy as np

from chapters.sim.errors import at_least
from zomato.recs.moment import CELLS, SIZES, Ints, Moment, coarser
from zomato.recs.orders import Floats

STRENGTH = 200.0  # orders that the context above stands for


def shrunk(counts: Floats, prior: Floats, strength: float) -> Floats:
    """Return shares: what was counted, with `prior` counted on top of it as `strength` more orders.

    Counts may be one row or many; a prior is a row, or one for each.
    """
    total = counts.sum(axis=-1, keepdims=True) + strength
    found: Floats = (counts + strength * prior) / total
    return found


class ByHour:
    """Shares of `count` things, restaurants or cuisines, for every context."""

    def __init__(self, things: Ints, cells: Ints, count: int, strength: float = STRENGTH) -> None:
        at_least(0, strength=strength)
        even = np.full(count, 1 / count)
        self.overall = shrunk(np.bincount(things, minlength=count).astype(float), even, 1.0)
        self._finest = chain(things, cells, self.overall, strength)

    def share(self, moment: Moment) -> Floats:
        """Return how the orders of such a moment are shared among the things."""
        found: Floats = self._finest[moment.cell]
        return found


def chain(things: Ints, cells: Ints, overall: Floats, strength: float) -> Floats:
    """Return the shares for each finest context: each level shrunk to the one above, the first to all."""
    belongs = coarser(np.arange(CELLS))
    above = np.tile(overall, (CELLS, 1))
    for level, size in enumerate(SIZES):
        counts = np.zeros((size, len(overall)))
        np.add.at(counts, (belongs[level][cells], things), 1.0)
        above = shrunk(counts[belongs[level]], above, strength)
    return above
