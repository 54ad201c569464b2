"""One order of an evening, from the tap to the door, in virtual time.

Followed is the order whose rider was changed most often before anybody was sent, of those that came in
time: it shows what waiting is good for. Page: docs/zomato/index.md
"""

from chapters.sim.chance import Chance
from chapters.sim.clock import S, VirtualClock
from chapters.sim.trace import Trace, note, span, tracing
from zomato.dispatch.day import Day, Tours
from zomato.dispatch.rolling import Rolling
from zomato.dispatch.route import Trip
from zomato.scene.imagined import imagined

MINUTE = 60 * S
ORDERS, RIDERS = 160, 36


def in_simulation(seed: int) -> Trace:
    """Return the trace of one order."""
    order = most_changed(seed)
    day, clock = evening(seed), VirtualClock()
    placed = day.town.instance.orders[order].placed_min
    while day.town.now_min < placed:
        day.look()
    clock.advance(int(placed) * MINUTE)
    with tracing(clock) as trace:
        facts = day.town.instance.orders[order]
        ready = f"in {facts.ready_min - facts.placed_min} min"
        with span("Place Order is tapped", order=order, ready=ready) as whole:
            trip = _until_sent(day, order, clock)
            _delivered(day, order, trip, clock)
            whole.set(rider=trip.rider, click_to_door=f"{clock.now_ns() // MINUTE - placed} min")
    return trace


def evening(seed: int) -> Day:
    """Return an imagined day with tours that roll, at its beginning."""
    chance = Chance(seed)
    town = imagined(chance.stream("town"), orders=ORDERS, riders=RIDERS)
    return Day(town, Rolling(rng=chance.stream("dispatcher")))


def most_changed(seed: int) -> str:
    """Return the order that was planned for the most riders, one after the other."""
    day = evening(seed)
    planned: dict[str, list[str]] = {order: [] for order in day.town.instance.orders}
    while not day.is_over:
        day.look()
        for order in day.town.instance.orders:
            rider = planned_for(day.tours, order)
            if rider and planned[order][-1:] != [rider]:
                planned[order].append(rider)
    town = day.town.instance
    in_time = [
        order
        for trip in day.trips
        for order, door in zip(trip.bundle, trip.dropped_min, strict=True)
        if door - town.orders[order].placed_min <= town.terms.target_min
    ]
    return max(sorted(in_time), key=lambda order: len(planned[order]))


def planned_for(tours: Tours, order: str) -> str:
    """Return whose tour has an order; "" for nobody's."""
    return next((who for who, tour in tours.items() if any(order in each for each in tour)), "")


def _until_sent(day: Day, order: str, clock: VirtualClock) -> Trip:
    """The dispatcher looks every minute, and changes its mind until somebody has to leave."""
    last = ""
    with span("planned, and nobody is sent yet"):
        while True:
            begun = day.look()
            trip = next((each for each in begun if order in each.bundle), None)
            rider = trip.rider if trip else planned_for(day.tours, order)
            if rider != last:
                note(
                    "the plan" if not last else "a better plan",
                    rider=rider,
                    open=len(day.town.open),
                )
            last = rider
            if trip:
                note("a rider is sent", rider=trip.rider, bundle=", ".join(trip.bundle))
                return trip
            clock.advance(day.every_min * MINUTE)


def _delivered(day: Day, order: str, trip: Trip, clock: VirtualClock) -> None:
    half = day.town.instance.terms.pickup_min / 2

    def until(minute: float) -> None:
        clock.advance(max(0, int(minute * MINUTE) - clock.now_ns()))

    until(trip.leaves_min)
    with span("rides to the restaurant", rider=trip.rider, restaurant=trip.restaurant):
        until(trip.picked_min - half)
    with span("the food changes hands"):
        until(trip.picked_min + half)
    door = trip.dropped_min[trip.bundle.index(order)]
    with span("rides to the door", bundle=len(trip.bundle)):
        until(door - day.town.instance.terms.dropoff_min / 2)
    with span("at the door"):
        until(door)
