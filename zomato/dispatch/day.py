"""The day as it passes: orders become known, a policy plans, and what must begin now begins.

    every minute:  new orders ──► policy: tours for all that is open ──► first trips that cannot wait: gone
                                         └── all the rest is planned anew in the next minute

A rider on the way cannot be diverted, so the one thing that a dispatcher can keep is time. A trip is
decided in the last minute in which it can leave without being later for it.
Page: docs/zomato/dispatch.md
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Protocol

from zomato.dispatch.instance import Instance, Order
from zomato.dispatch.route import Bundle, Trip, ride, trip

Tours = Mapping[str, Sequence[Bundle]]  # by rider: what to fetch, in this order


@dataclass(slots=True)
class Riding:
    """Where a rider will be free, and when; and how many orders they have got so far."""

    at: str
    free_min: float
    orders: int = 0


@dataclass(slots=True)
class Town:
    """What a dispatcher knows: the orders that nobody has been sent for, and the riders."""

    instance: Instance
    now_min: float
    riding: dict[str, Riding]
    open: dict[str, None] = field(default_factory=dict)  # in the order in which they were placed

    def on_duty(self, ahead_min: float = 0) -> list[str]:
        """Return the riders whose shift is now, or begins within so many minutes."""
        riders = [self.instance.riders[id] for id in self.riding]
        return [
            each.id
            for each in riders
            if each.on_min <= self.now_min + ahead_min and self.now_min <= each.off_min
        ]


class Policy(Protocol):
    """Decides. Called once a look, with the same town each time."""

    is_late: bool  # whether trips are decided as late as they can be, or at once

    def plan(self, town: Town) -> Tours:
        """Return tours with open orders, each at most once."""


class Day:
    """A day that is under way: `look` once for every `every_min` minutes, until it `is_over`."""

    def __init__(self, instance: Instance, policy: Policy, *, every_min: int = 1) -> None:
        self.policy, self.every_min = policy, every_min
        self._coming = sorted(
            instance.orders.values(), key=lambda each: (-each.placed_min, each.id)
        )
        riding = {id: Riding(id, rider.on_min) for id, rider in instance.riders.items()}
        first = self._coming[-1].placed_min if self._coming else 0
        self.town = Town(instance, first, riding)
        self.tours: Tours = {}
        self.trips: list[Trip] = []
        self.given_up: list[str] = []  # orders that nobody could bring in time any more

    @property
    def is_over(self) -> bool:
        """Return whether nothing more will be decided: no orders, or nobody on duty."""
        instance, town = self.town.instance, self.town
        last = max((instance.riders[rider].off_min for rider in town.riding), default=0)
        return not (self._coming or town.open) or town.now_min > last

    def look(self) -> list[Trip]:
        """Plan, begin what cannot wait, and go on to the next look; return the trips that began."""
        town, begun = self.town, list[Trip]()
        while self._coming and self._coming[-1].placed_min <= town.now_min:
            town.open[self._coming.pop().id] = None
        for order in [each for each in town.open if self._is_too_late(each)]:
            del town.open[order]
            self.given_up.append(order)
        self.tours = self.policy.plan(town)
        for rider, bundles in self.tours.items():
            begun += self._begun(rider, bundles)
        self.trips += begun
        town.now_min += self.every_min
        return begun

    def leave_out(self, orders: Iterable[str]) -> None:
        """Forget orders that have not been placed yet: they come by another way."""
        gone = set(orders)
        self._coming = [each for each in self._coming if each.id not in gone]

    def place(self, order: Order) -> None:
        """Take one more order, placed now."""
        self.town.instance.orders[order.id] = order
        self.town.open[order.id] = None

    def lose(self, rider: str) -> list[str]:
        """Lose a rider; return the orders that wait again. What was on the way is cooked anew."""
        town, again = self.town, list[str]()
        del town.riding[rider]
        for number, under_way in enumerate(self.trips):
            if under_way.rider != rider or under_way.dropped_min[-1] <= town.now_min:
                continue
            count = sum(dropped <= town.now_min for dropped in under_way.dropped_min)
            self.trips[number] = replace(
                under_way,
                bundle=under_way.bundle[:count],
                dropped_min=under_way.dropped_min[:count],
            )
            for id in under_way.bundle[count:]:
                if under_way.picked_min <= town.now_min:
                    order = town.instance.orders[id]
                    ready = ceil(town.now_min) + order.ready_min - order.placed_min
                    town.instance.orders[id] = replace(order, ready_min=ready)
                town.open[id] = None
                again.append(id)
        self.trips = [each for each in self.trips if each.bundle]
        return again

    def _is_too_late(self, order: str) -> bool:
        instance = self.town.instance
        return self.town.now_min > instance.orders[order].placed_min + instance.terms.limit_min

    def _begun(self, rider: str, bundles: Sequence[Bundle]) -> list[Trip]:
        """The trips of a tour that begin now: what is no later for beginning at the next look, waits."""
        town, begun, state = self.town, list[Trip](), self.town.riding[rider]
        for bundle in bundles:
            made = trip(town.instance, rider, bundle, state.at, state.free_min, town.now_min)
            if self.policy.is_late and made.leaves_min >= town.now_min + self.every_min:
                break
            start = max(state.free_min, town.now_min)
            _, _, state.free_min = ride(town.instance, bundle, state.at, start)
            state.at, state.orders = bundle[-1], state.orders + len(bundle)
            for order in bundle:
                del town.open[order]
            begun.append(made)
        return begun


def run(instance: Instance, policy: Policy, *, every_min: int = 1) -> list[Trip]:
    """Return the trips of a whole day, in the order in which they were decided."""
    day = Day(instance, policy, every_min=every_min)
    while not day.is_over:
        day.look()
    return day.trips
