"""How good a day was: what customers, riders and the house had of it.

Page: docs/zomato/dispatch.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from zomato.dispatch.instance import Instance
from zomato.dispatch.route import Trip


@dataclass(frozen=True, slots=True)
class Score:
    """Means over what was delivered; minutes, and units of pay."""

    orders: int
    delivered: int
    click_to_door_min: float
    over_target_min: float
    ready_to_pickup_min: float
    ready_to_door_min: float
    pay_an_order: float
    on_guarantee: float  # share of riders that get no more than what is guaranteed
    orders_a_bundle: float


def score(instance: Instance, trips: Sequence[Trip]) -> Score:
    """Return the figures of a day. Without any delivery all means are 0."""
    terms, carried = instance.terms, dict.fromkeys(instance.riders, 0)
    waits, ready_to_pickup, ready_to_door = list[float](), list[float](), list[float]()
    for each in trips:
        carried[each.rider] += len(each.bundle)
        for id, door in zip(each.bundle, each.dropped_min, strict=True):
            order = instance.orders[id]
            waits.append(door - order.placed_min)
            ready_to_pickup.append(each.picked_min - order.ready_min)
            ready_to_door.append(door - order.ready_min)
    hours = {rider.id: rider.hours for rider in instance.riders.values()}
    pay = sum(terms.pay(count, hours[rider]) for rider, count in carried.items())
    guaranteed = [
        rider
        for rider, count in carried.items()
        if terms.pay(count, 0) <= terms.pay(0, hours[rider])
    ]
    return Score(
        orders=len(instance.orders),
        delivered=len(waits),
        click_to_door_min=_mean(waits),
        over_target_min=_mean([max(0.0, each - terms.target_min) for each in waits]),
        ready_to_pickup_min=_mean(ready_to_pickup),
        ready_to_door_min=_mean(ready_to_door),
        pay_an_order=pay / len(waits) if waits else 0.0,
        on_guarantee=len(guaranteed) / len(carried) if carried else 0.0,
        orders_a_bundle=len(waits) / len(trips) if trips else 0.0,
    )


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0
