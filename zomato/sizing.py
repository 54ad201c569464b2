"""What food delivery for a country takes: orders, riders, pings of places, looks of the dispatcher.

Inputs say where they are from; what nobody has published says *assumed*, and is there to be argued with:
`kit scale zomato --set orders_a_day=5e6`. Page: docs/zomato/capacity.md
"""

from chapters.measure.capacity import Input, Model, Step

INPUTS = (
    Input("orders_a_day", 2.5e6, "orders/day", "assumed: a country's largest service"),
    Input("peak_factor", 4, "", "assumed: the busiest hour of a day against its mean"),
    Input("searches", 20, "questions/order", "assumed: pages and searches before one orders"),
    Input(
        "order_time", 0.55, "h/order", "zomato/dispatch: from tap to door on published days, about"
    ),
    Input("rider_time", 0.5, "h/order", "assumed: of a rider, with riding back and waiting"),
    Input("ping_rate", 900, "pings/h", "assumed: of each rider, one in four seconds"),
    Input("ping_bytes", 100, "B/ping", "assumed: who, where, when"),
    Input("watch_rate", 900, "messages/h", "assumed: of each open order: every ping of its rider"),
    Input("tell_time", 0.00002, "s/message", "zomato/bench: a gateway's CPU, measured"),
    Input("session_bytes", 5_000, "B", "zomato/bench: of a gateway's memory, measured"),
    Input("cities", 800, "", "assumed"),
    Input("look_rate", 60, "looks/h", "zomato/dispatch: of each city, every minute"),
    Input("look_time", 0.2, "s/look", "assumed: of one core, for a city of the usual size"),
    Input("near_time", 0.00005, "s/question", "chapters/geo: the ten nearest of 100,000, measured"),
    Input("search_time", 0.004, "s/question", "zomato/search: of 7,000 restaurants, measured"),
    Input("kept", 365, "day", "assumed: how long an order is kept at hand"),
    Input("order_bytes", 2_000, "B/order", "assumed: items, prices, addresses, payments"),
)

STEPS = (
    Step("orders", "orders_a_day", "orders/s", "on average"),
    Step("peak_orders", "orders * peak_factor", "orders/s"),
    Step("peak_searches", "peak_orders * searches", "questions/s"),
    Step("open_orders", "peak_orders * order_time", "", "at once, by Little's law"),
    Step("riders", "peak_orders * rider_time", "", "on the road in the busiest hour"),
    Step("pings", "riders * ping_rate", "pings/s"),
    Step("ping_traffic", "pings * ping_bytes", "MB/s"),
    Step("watched", "open_orders * watch_rate", "messages/s", "to those who follow their order"),
    Step("gateway_cores", "watched * tell_time", "", "of CPUs, at gateways"),
    Step("sessions", "open_orders * session_bytes", "GB", "of memory there, if each is followed"),
    Step("looks", "cities * look_rate", "looks/s"),
    Step(
        "dispatch_cores", "looks * look_time", "", "of CPUs: cities share nothing, each has its own"
    ),
    Step(
        "near_cores", "peak_searches * near_time", "", "of CPUs, if every search asks who is near"
    ),
    Step("search_cores", "peak_searches * search_time", "", "of CPUs, to rank what was found"),
    Step("stored", "orders_a_day * order_bytes * kept", "TB", "once"),
)


def capacity() -> Model:
    """Return the arithmetic of a delivery service with two and a half million orders a day."""
    return Model("Food delivery for a country", inputs=INPUTS, steps=STEPS)
