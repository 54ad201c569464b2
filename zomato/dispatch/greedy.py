"""The naive one: each order, as it comes, to whoever can fetch it first; and that is that.

Page: docs/zomato/dispatch.md
"""

from zomato.dispatch.day import Tours, Town
from zomato.dispatch.route import ride


class Greedy:
    """No order waits for a better moment, none is thought of together with another one."""

    is_late = False

    def plan(self, town: Town) -> Tours:
        """Return one order for each rider at most: the rest comes at the next look."""
        tours: dict[str, list[tuple[str, ...]]] = {}
        for order in town.open:
            best, chosen = town.instance.terms.limit_min, ""
            for rider, state in town.riding.items():
                if rider in tours or town.instance.riders[rider].on_min > town.now_min:
                    continue
                picked, (door,), _ = ride(
                    town.instance, (order,), state.at, max(state.free_min, town.now_min)
                )
                waited = door - town.instance.orders[order].placed_min
                if waited < best and picked <= town.instance.riders[rider].off_min:
                    best, chosen = waited, rider
            if chosen:
                tours[chosen] = [(order,)]
        return tours
