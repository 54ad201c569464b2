"""All open orders and all riders at once: the assignment that costs least in total.

The cost of a pair is how long the customer would have waited at the door. Where an order would be too
late, or a rider gone home, there is none. Solved by scipy (Jonker & Volgenant 1987; Crouse 2016),
O(orders³) at worst, milliseconds here. Page: docs/zomato/dispatch.md
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

from zomato.dispatch.day import Tours, Town
from zomato.dispatch.route import ride

NEVER = 1e6  # minutes


class Matching:
    """One order for each rider at most, and the best sum of all of them."""

    is_late = True

    def plan(self, town: Town) -> Tours:
        """Return the pairs of the best assignment."""
        riders = town.on_duty()
        orders = list(town.open)
        cost = np.array([[_waited(town, order, rider) for rider in riders] for order in orders])
        if not cost.size:
            return {}
        pairs = zip(*linear_sum_assignment(cost), strict=True)
        return {riders[j]: [(orders[i],)] for i, j in pairs if cost[i, j] < NEVER}


def _waited(town: Town, order: str, rider: str) -> float:
    """How long after the tap this rider would be at the door."""
    state = town.riding[rider]
    picked, (door,), _ = ride(town.instance, (order,), state.at, max(state.free_min, town.now_min))
    waited = door - town.instance.orders[order].placed_min
    is_possible = (
        picked <= town.instance.riders[rider].off_min and waited <= town.instance.terms.limit_min
    )
    return waited if is_possible else NEVER
