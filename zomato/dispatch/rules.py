"""Is a solution allowed? The published rules, checked from what was written, by whomever it was made.

Nothing here is shared with what makes plans: times are not computed again as a plan would have them,
but compared with where each rider was, ride by ride. Source: Reyes et al. 2018, section 2, and the rules
beside the public instances. Page: docs/zomato/dispatch.md
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from zomato.dispatch.instance import Instance
from zomato.dispatch.solution import Assignment, Leg, Solution

TINY_MIN = 1e-6


def violations(instance: Instance, solution: Solution) -> list[str]:
    """Return a line for each rule that is broken; none, if the solution is allowed."""
    strange = list(_unknown(instance, solution))
    if strange:  # nothing can be said about what is not there
        return strange
    legs: dict[str, list[Leg]] = {rider: [] for rider in instance.riders}
    for leg in solution.legs:
        legs[leg.rider].append(leg)
    return [
        *_once(solution),
        *(line for each in solution.assignments for line in _of_bundle(instance, each)),
        *(line for rider, own in legs.items() for line in _of_rides(instance, rider, own)),
        *(
            line
            for each in solution.assignments
            for line in _of_handing_over(instance, solution, each, legs)
        ),
        *_of_customers(instance, solution),
    ]


def _unknown(instance: Instance, solution: Solution) -> Iterator[str]:
    riders = {leg.rider for leg in solution.legs} | {each.rider for each in solution.assignments}
    orders = {each.order for each in solution.deliveries}
    orders |= {order for each in solution.assignments for order in each.bundle}
    strange = (riders - instance.riders.keys()) | (orders - instance.orders.keys())
    yield from (f"{id} is not in the instance" for id in sorted(strange))
    for leg in solution.legs:
        for id in (leg.origin, leg.goal):
            if not any(
                id in known for known in (instance.orders, instance.riders, instance.restaurants)
            ):
                yield f"{leg.rider} rides to {id}, which is not in the instance"
    yield from (
        f"{each.rider} is sent with nothing" for each in solution.assignments if not each.bundle
    )


def _once(solution: Solution) -> Iterator[str]:
    sent = Counter(order for each in solution.assignments for order in each.bundle)
    yield from (f"{order} is assigned {times} times" for order, times in sent.items() if times > 1)
    delivered = Counter(each.order for each in solution.deliveries)
    yield from (
        f"{order} is delivered {times} times" for order, times in delivered.items() if times > 1
    )
    yield from (
        f"{order} is delivered by nobody who was sent" for order in delivered.keys() - sent.keys()
    )
    yield from (
        f"{order} is assigned and never delivered" for order in sent.keys() - delivered.keys()
    )


def _of_bundle(instance: Instance, given: Assignment) -> Iterator[str]:
    """What was known, whose food it is, and when it is fetched."""
    orders = [instance.orders[each] for each in given.bundle]
    for order in orders:
        if given.decided_min < order.placed_min:
            yield f"{order.id} is assigned at {given.decided_min:g}, placed at {order.placed_min}"
        if given.picked_min < order.ready_min:
            yield f"{order.id} is picked up at {given.picked_min:g}, ready at {order.ready_min}"
    if len({order.restaurant for order in orders}) > 1:
        yield f"{', '.join(given.bundle)} are of different restaurants"
    if given.picked_min > instance.riders[given.rider].off_min:
        yield f"{given.rider} picks up at {given.picked_min:g}, after going home"


def _of_rides(instance: Instance, rider: str, legs: list[Leg]) -> Iterator[str]:
    """Nobody begins before the shift, is in two places, or leaves before arriving."""
    if legs and legs[0].leaves_min < instance.riders[rider].on_min:
        yield f"{rider} leaves at {legs[0].leaves_min:g}, before the shift"
    if legs and legs[0].origin != rider:
        yield f"{rider} leaves from {legs[0].origin}, and was at home"
    for one, other in pairwise(legs):
        if one.goal != other.origin:
            yield f"{rider} rides to {one.goal} and leaves from {other.origin}"
        if other.leaves_min < _arrives(instance, one) - TINY_MIN:
            yield f"{rider} leaves {other.origin} at {other.leaves_min:g}, before arriving"


def _of_handing_over(
    instance: Instance, solution: Solution, given: Assignment, legs: dict[str, list[Leg]]
) -> Iterator[str]:
    """The rider rides to the restaurant and from door to door, and stays long enough at each."""
    own, terms = legs[given.rider], instance.terms
    doors = {each.order: each for each in solution.deliveries if each.order in given.bundle}
    restaurant = instance.orders[given.bundle[0]].restaurant
    stops = [(restaurant, given.picked_min, terms.pickup_min / 2)]
    stops += [
        (order, doors[order].dropped_min, terms.dropoff_min / 2)
        for order in given.bundle
        if order in doors
    ]
    found = _visit(instance, own, restaurant, given.picked_min)
    if found is None or own[found].leaves_min < given.decided_min:
        yield f"{given.rider} was not sent to {restaurant} for {given.picked_min:g}, or left before"
        return
    for place, at_min, half in stops:
        if found >= len(own) or own[found].goal != place:
            yield f"{given.rider} does not ride to {place} after that"
            return
        if at_min < _arrives(instance, own[found]) + half - TINY_MIN:
            yield f"{given.rider} is at {place} too short before {at_min:g}"
        if found + 1 < len(own) and own[found + 1].leaves_min < at_min + half - TINY_MIN:
            yield f"{given.rider} leaves {place} too soon after {at_min:g}"
        found += 1


def _visit(instance: Instance, legs: list[Leg], place: str, at_min: float) -> int | None:
    """The last ride to a place that arrived by a minute."""
    found = [
        number
        for number, leg in enumerate(legs)
        if leg.goal == place and _arrives(instance, leg) <= at_min
    ]
    return found[-1] if found else None


def _of_customers(instance: Instance, solution: Solution) -> Iterator[str]:
    """Each order says the same as its bundle, and is not too late."""
    given = {order: each for each in solution.assignments for order in each.bundle}
    for each in solution.deliveries:
        own = given.get(each.order)
        if own and (own.picked_min, own.rider) != (each.picked_min, each.rider):
            yield f"{each.order} has another pickup or rider than its bundle"
        waited = each.dropped_min - instance.orders[each.order].placed_min
        if waited > instance.terms.limit_min:
            limit = f"at most {instance.terms.limit_min:g}"
            yield f"{each.order} is delivered after {waited:g} minutes; {limit}"


def _arrives(instance: Instance, leg: Leg) -> float:
    return leg.leaves_min + instance.minutes(leg.origin, leg.goal)
