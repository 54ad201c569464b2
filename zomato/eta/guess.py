"""The middle of what an order may take: two ways to guess it, from days that are over.

    Plain      everybody cooks as long as all do on average, everybody rides straight, at one speed
    Learned    each kitchen its minutes and how it takes a crowd, each half-hour its roads, rain

Page: docs/zomato/eta.md
"""

from collections.abc import Sequence
from math import exp, log, log1p
from statistics import fmean
from typing import Protocol

from chapters.errors import UsageError
from zomato.eta.delivery import Asked, Delivery
from zomato.eta.ridge import Effects

HALF_LIFE_DAYS = 10.0  # a day that long ago weighs half
DOUBT = 3.0  # deliveries
SLOT_MIN = 30  # roads are alike within

Days = Sequence[Sequence[Delivery]]  # the last one is yesterday


class Guess(Protocol):
    """Whoever guesses minutes."""

    def fit(self, days: Days) -> None:
        """Learn from days that are over; all that was known before is forgotten."""

    def likely_min(self, asked: Asked) -> float:
        """Return the middle of what an order may take. Raises `UsageError` before the first fit."""


class Plain:
    """The naive one: distance through speed, and a usual preparation."""

    def __init__(self) -> None:
        self._prepared_min, self._metres_a_min = 0.0, 0.0

    def fit(self, days: Days) -> None:
        """Find the mean preparation, and the speed of all rides together."""
        past = _some(days)
        self._prepared_min = fmean(each.prepared_min for each in past)
        travelled = sum(each.travelled_min for each in past)
        self._metres_a_min = sum(each.asked.straight_m for each in past) / travelled

    def likely_min(self, asked: Asked) -> float:
        """Return preparation and ride."""
        if not self._metres_a_min:
            raise UsageError("nothing is known yet; learn a day of deliveries first")
        return self._prepared_min + asked.straight_m / self._metres_a_min


class Learned:
    """Effects of kitchens and roads, by their logarithms: each is a factor."""

    def __init__(self) -> None:
        self._effects: tuple[Effects, Effects] | None = None

    def fit(self, days: Days) -> None:
        """Find all effects anew."""
        past, last = _some(days), len(days) - 1
        weights = [0.5 ** ((last - n) / HALF_LIFE_DAYS) for n, day in enumerate(days) for _ in day]
        prepared = [log(each.prepared_min) for each in past]
        travelled = [log(each.travelled_min) for each in past]
        self._effects = (
            Effects([kitchen_of(each.asked) for each in past], prepared, weights, DOUBT),
            Effects([road_of(each.asked) for each in past], travelled, weights, DOUBT),
        )

    def likely_min(self, asked: Asked) -> float:
        """Return preparation and travel, each by its effects."""
        if self._effects is None:
            raise UsageError("nothing is known yet; learn a day of deliveries first")
        prepared, travelled = self._effects
        return exp(prepared(kitchen_of(asked))) + exp(travelled(road_of(asked)))


def kitchen_of(asked: Asked) -> dict[str, float]:
    """Return what preparation may depend on."""
    crowd, own = log1p(asked.waiting), f"kitchen {asked.kitchen}"
    return {"dishes": asked.dishes - 1.0, "crowd": crowd, own: 1.0, f"{own}, crowd": crowd}


def road_of(asked: Asked) -> dict[str, float]:
    """Return what travel may depend on."""
    slot = f"slot {asked.minute // SLOT_MIN}"
    return {"road": log1p(asked.road_min), "rain": float(asked.rain), slot: 1.0}


def _some(days: Days) -> list[Delivery]:
    """All deliveries. Raises `UsageError` if there are none."""
    past = [each for day in days for each in day]
    if not past:
        raise UsageError("there are no deliveries to learn from; at least one is needed")
    return past
