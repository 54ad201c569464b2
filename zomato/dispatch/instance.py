"""A day to be dispatched: orders, riders, restaurants, and the terms, as the published instances have them.

Times are minutes of the day, places are metres. From one place to another it takes as many whole minutes
as the straight line needs, rounded up; so a way with a stop can be quicker than one without. A town with
roads measures them by those instead (zomato/roads/travel.py). Source:
Reyes et al., "The Meal Delivery Routing Problem", 2018, and its public instances.
Page: docs/zomato/dispatch.md
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, hypot
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Order:
    """What is known of an order from `placed_min` on; it can be taken away at `ready_min`."""

    id: str
    x: float
    y: float
    placed_min: int
    restaurant: str
    ready_min: int


@dataclass(frozen=True, slots=True)
class Rider:
    """Who rides from `on_min` to `off_min`, and where they begin."""

    id: str
    x: float
    y: float
    on_min: int
    off_min: int

    @property
    def hours(self) -> float:
        """Return how long the shift is."""
        return (self.off_min - self.on_min) / 60


@dataclass(frozen=True, slots=True)
class Restaurant:
    """Where orders are fetched."""

    id: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Terms:
    """Speed, minutes of handing over, what is promised to customers, and what riders get."""

    metres_a_minute: float
    pickup_min: float  # half of it before the food changes hands, half after
    dropoff_min: float
    target_min: float  # from tap to door
    limit_min: float  # later than this, an order is not delivered at all
    pay_an_order: float
    pay_an_hour: float  # at least so much, whatever was delivered

    def pay(self, orders: int, hours: float) -> float:
        """Return what a rider gets for so many orders in a shift."""
        return max(self.pay_an_order * orders, self.pay_an_hour * hours)


class Travel(Protocol):
    """How long a ride takes, if it is not the straight line; there and back may differ."""

    def minutes(self, one: tuple[float, float], other: tuple[float, float]) -> float:
        """Return minutes from one place to the other, in metres as everything here."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One day. Ids of orders, riders and restaurants are different from each other."""

    name: str
    terms: Terms
    orders: dict[str, Order]  # more of them may come
    riders: Mapping[str, Rider]
    restaurants: Mapping[str, Restaurant]
    travel: Travel | None = field(default=None, compare=False, repr=False)  # None: a straight line
    _minutes: dict[tuple[str, str], int] = field(default_factory=dict, compare=False, repr=False)

    def minutes(self, origin: str, goal: str) -> int:
        """Return the minutes from one id's place to another's. Raises `KeyError`."""
        found = self._minutes.get((origin, goal))
        if found is None:
            found = ceil(self._ride_min(self.place(origin), self.place(goal)))
            self._minutes[origin, goal] = found
        return found

    def place(self, id: str) -> Order | Rider | Restaurant:
        """Return whoever has that id. Raises `KeyError`."""
        found = self.orders.get(id) or self.restaurants.get(id) or self.riders.get(id)
        if found is None:
            raise KeyError(id)
        return found

    def _ride_min(
        self, one: Order | Rider | Restaurant, other: Order | Rider | Restaurant
    ) -> float:
        if self.travel is not None:
            return self.travel.minutes((one.x, one.y), (other.x, other.y))
        return hypot(one.x - other.x, one.y - other.y) / self.terms.metres_a_minute
