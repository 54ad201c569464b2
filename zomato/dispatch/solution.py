"""A day as others judge it: who was sent with what, when each door was reached, who rode where.

It says some things twice, an order's pickup by itself and by its bundle, so that a checker can find out
whether they agree. Page: docs/zomato/dispatch.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zomato.dispatch.instance import Instance
from zomato.dispatch.route import Bundle, Trip


@dataclass(frozen=True, slots=True)
class Assignment:
    """A bundle is given to a rider."""

    decided_min: float
    picked_min: float
    rider: str
    bundle: Bundle


@dataclass(frozen=True, slots=True)
class Delivery:
    """An order, as its customer saw it."""

    order: str
    picked_min: float
    dropped_min: float
    rider: str


@dataclass(frozen=True, slots=True)
class Leg:
    """A ride from one id's place to another's."""

    rider: str
    leaves_min: float
    origin: str
    goal: str


@dataclass(frozen=True, slots=True)
class Solution:
    """Everything that happened; what is not in it was not delivered."""

    assignments: tuple[Assignment, ...]
    deliveries: tuple[Delivery, ...]
    legs: tuple[Leg, ...]  # of each rider in order


def solution(instance: Instance, trips: Sequence[Trip]) -> Solution:
    """Return the solution that some trips are."""
    return Solution(
        tuple(
            Assignment(each.decided_min, each.picked_min, each.rider, each.bundle) for each in trips
        ),
        tuple(
            Delivery(order, each.picked_min, dropped, each.rider)
            for each in trips
            for order, dropped in zip(each.bundle, each.dropped_min, strict=True)
        ),
        tuple(leg for each in sorted(trips, key=_by_rider) for leg in _legs(instance, each)),
    )


def _by_rider(trip: Trip) -> tuple[str, float]:
    return trip.rider, trip.leaves_min


def _legs(instance: Instance, trip: Trip) -> Iterator[Leg]:
    """The rides of a trip."""
    at, leaves = trip.restaurant, trip.picked_min + instance.terms.pickup_min / 2
    yield Leg(trip.rider, trip.leaves_min, trip.origin, trip.restaurant)
    for order, dropped in zip(trip.bundle, trip.dropped_min, strict=True):
        yield Leg(trip.rider, leaves, at, order)
        at, leaves = order, dropped + instance.terms.dropoff_min / 2
