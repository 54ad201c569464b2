"""A town that can be seen: who lives where, what restaurants are like, and who ordered what, and when.

Nothing here says what anybody likes. That is for a model to find out. Page: docs/zomato/recs.md
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapters.recommend.interactions import Interactions
from zomato.recs.moment import Ints, Moment, cells

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CUISINES = (
    "South Indian",
    "North Indian",
    "Biryani",
    "Chinese",
    "Pizza",
    "Burgers",
    "Bakery",
    "Café",
    "Sweets",
    "Bowls",
)
REACH_KM = 6.0  # further away nobody delivers


@dataclass(frozen=True, slots=True)
class Town:
    """Restaurants and homes, by number. Places in km; prices from 1, cheap, to 4; `is_open` for orders."""

    names: tuple[str, ...]
    cuisines: Ints
    prices: Floats
    places: Floats  # restaurants × 2
    homes: Floats  # customers × 2
    is_open: Bools

    def km(self, home: Floats) -> Floats:
        """Return how far each restaurant is from a home."""
        found: Floats = np.hypot(*(self.places - home).T)
        return found

    def offered(self, home: Floats) -> Ints:
        """Return the restaurants that are open and deliver there."""
        return np.flatnonzero(self.is_open & (self.km(home) <= REACH_KM))


@dataclass(frozen=True, slots=True)
class Orders:
    """What was ordered, in the order of time, as parallel arrays."""

    customers: Ints
    restaurants: Ints
    minutes: Ints
    rain: Bools

    def __len__(self) -> int:
        return len(self.customers)

    @property
    def cells(self) -> Ints:
        """Return the finest context of each."""
        return cells(self.minutes, self.rain)

    def only(self, chosen: Bools) -> "Orders":
        """Return those where `chosen` is true."""
        return Orders(
            self.customers[chosen],
            self.restaurants[chosen],
            self.minutes[chosen],
            self.rain[chosen],
        )

    def between(self, first: int, end: int) -> "Orders":
        """Return those from minute `first` to before `end`."""
        return self.only((self.minutes >= first) & (self.minutes < end))

    def moment(self, number: int) -> Moment:
        """Return when the order of that number was placed."""
        return Moment(int(self.minutes[number]), bool(self.rain[number]))

    def pairs(self, customers: int, restaurants: int) -> Interactions:
        """Return who ordered where at all, with the first time of each pair."""
        keys = self.customers * restaurants + self.restaurants
        _, first = np.unique(keys, return_index=True)
        first.sort()
        kept = self.customers[first], self.restaurants[first], self.minutes[first]
        return Interactions(*kept, customers, restaurants)
