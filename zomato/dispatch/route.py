"""A rider's way with a bundle: to the restaurant, and from door to door.

    free ── waits ──► leaves ──► arrives ─½─ picked ─½─► door ─½─ dropped ─½─► next door … free

Half of a handover comes before the food changes hands, half after. A rider who would have to wait at the
restaurant leaves later instead: until then everything may still be decided otherwise.
Page: docs/zomato/dispatch.md
"""

from dataclasses import dataclass

from zomato.dispatch.instance import Instance

Bundle = tuple[str, ...]  # orders of one restaurant, in the order of their doors


@dataclass(frozen=True, slots=True)
class Trip:
    """A bundle and its rider, with the minute of everything. `dropped_min` is one for each order."""

    rider: str
    bundle: Bundle
    restaurant: str
    decided_min: float
    origin: str
    leaves_min: float
    picked_min: float
    dropped_min: tuple[float, ...]


def ride(
    instance: Instance, bundle: Bundle, origin: str, free_min: float
) -> tuple[float, list[float], float]:
    """Return when a bundle is picked up, when it is at each door, and when the rider is free again."""
    terms, restaurant = instance.terms, instance.orders[bundle[0]].restaurant
    arrives = free_min + instance.minutes(origin, restaurant) + terms.pickup_min / 2
    picked = max(arrives, max(instance.orders[each].ready_min for each in bundle))
    free, at, dropped = picked + terms.pickup_min / 2, restaurant, []
    for order in bundle:
        dropped.append(free + instance.minutes(at, order) + terms.dropoff_min / 2)
        free, at = dropped[-1] + terms.dropoff_min / 2, order
    return picked, dropped, free


def trip(
    instance: Instance, rider: str, bundle: Bundle, origin: str, free_min: float, now_min: float
) -> Trip:
    """Return the trip with a bundle that leaves as late as it can without picking up later."""
    picked, dropped, _ = ride(instance, bundle, origin, max(free_min, now_min))
    restaurant = instance.orders[bundle[0]].restaurant
    leaves = picked - instance.terms.pickup_min / 2 - instance.minutes(origin, restaurant)
    return Trip(rider, bundle, restaurant, now_min, origin, leaves, picked, tuple(dropped))
