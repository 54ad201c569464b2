"""One order of an evening, from the tap to the door, in virtual time.

Followed is the order whose rider was changed most often before anybody was sent, of those that came in
time: it shows what waiting is good for. Page: docs/zomato/index.md
"""

from random import Random
from typing import Any

from chapters.sim.chance import Chance
from chapters.sim.clock import MS
from chapters.sim.trace import Trace, note, span, tracing
from zomato.dispatch.day import Day, Tours
from zomato.dispatch.instance import Order
from zomato.dispatch.rolling import Rolling
from zomato.live import Live
from zomato.ordering.states import State
from zomato.people import SERVICE
from zomato.scene.imagined import imagined
from zomato.town.menus import Menus
from zomato.town.shop import Shop

ORDERS, RIDERS = 160, 36


def in_simulation(seed: int) -> Trace:
    """Return the trace of one order: paid for over a line that fails once, then planned, sent, brought."""
    own = evening(seed).town.instance.orders[most_changed(seed)]
    shop = with_shop(seed, own)
    shop.pass_to(own.placed_min)
    line = shop.menus.lines(Random(seed), own.restaurant)
    cart = {
        "key": "tap-1",
        "restaurant": own.restaurant,
        "lines": line,
        "coupon": "",
        "x": own.x,
        "y": own.y,
    }
    name = shop.menus.names()[own.restaurant]
    with (
        tracing(shop.clock) as trace,
        span("Place Order is tapped", restaurant=name) as whole,
    ):
        id = _paid(shop, cart)
        rider = _until_sent(shop, id)
        _until_door(shop, id)
        minutes = shop.order(id)["door"] - own.placed_min
        whole.set(rider=rider, click_to_door=f"{minutes:.0f} min")
    return trace


def with_shop(seed: int, own: Order) -> Shop:
    """Return the evening with an order process; one order is not placed yet."""
    day = evening(seed)
    day.leave_out([own.id])
    live = Live(day)
    menus = Menus(Random(seed), day.town.instance.restaurants.values(), lambda: live.minute)
    return Shop(live, menus, [], seed=seed, ready_min=lambda id, now: own.ready_min)


def _paid(shop: Shop, cart: dict[str, Any]) -> str:
    """Place the order; the payment company's first answer is lost on the line."""
    with span("ordered and paid; one answer is lost on the line"):
        id: str = shop.place(cart)["id"]
        shop.simulation.network.cut("gateway", SERVICE)
        while id not in shop.gateway.intents:
            shop.clock.advance(10 * MS)
        shop.simulation.network.heal("gateway", SERVICE)
        while shop.service.orders.order(id).state is not State.PAID:
            shop.clock.advance(50 * MS)
    return id


def _until_sent(shop: Shop, id: str) -> str:
    """The dispatcher looks every minute, and changes its mind until somebody has to leave."""
    planned = 0
    with span("planned, and nobody is sent yet"):
        while True:
            shop.pass_to(shop.minute + 0.5)
            found = shop.order(id)
            for _, rider in found["planned"][planned:]:
                note("the plan" if not planned else "a better plan", rider=rider)
                planned += 1
            if found["state"] not in ("paid", "waiting", "planned"):
                note("a rider is sent", rider=found["rider"], expected=_clock(found["door"]))
                return str(found["rider"])


def _until_door(shop: Shop, id: str) -> None:
    for what, states in (
        ("rides to the restaurant, and waits for the food", ("sent", "fetched")),
        ("rides to the door", ("on the way to you",)),
    ):
        with span(what):
            while shop.order(id)["state"] in states:
                shop.pass_to(shop.minute + 0.5)
    note("at the door")
    shop.pass_to(shop.minute + 2)
    note("the books sum to", all=shop.money()["sum"], differences=len(shop.money()["differ"]))


def _clock(minute: float) -> str:
    return f"{int(minute) // 60:02}:{int(minute) % 60:02}"


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
