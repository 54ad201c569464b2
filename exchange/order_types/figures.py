"""A drawing of the page on order types: how far one sale goes, by the stops that lie below it.

Page: docs/exchange/order-types.md
"""

from chapters.measure.plot import Axes, lines
from chapters.sim.promises import Series
from exchange.engine import Engine
from exchange.orders import BUY, SELL, Filled, New, Terms

START, FLOOR = 1_000, 940  # ticks: bids wait at each price between
SOLD = 75  # lots, by somebody in a hurry
BIDS = (10, 20, 30)  # lots wanted at each price
STOPS_MAX = 40  # lots of stops at each price


def falling() -> str:
    """Draw how far the price falls, by the lots of stop orders that wait at each price."""
    sizes = range(STOPS_MAX + 1)
    series = [
        Series(f"{bids} lots wanted a tick", "ticks", tuple((n, fall(bids, n)) for n in sizes))
        for bids in BIDS
    ]
    title = f"Somebody sells {SOLD} lots"
    return lines(Axes(title, "lots of stops at each tick", "ticks that it falls"), *series)


def fall(bids: int, stops: int) -> int:
    """Return how far the price falls, in ticks, by one sale and all that it sets off."""
    engine = Engine(["ACME"])
    for price in range(START, FLOOR - 1, -1):
        engine.apply(New(1, f"bid{price}", "ACME", BUY, bids, price))
        if stops:
            terms = Terms(stop_price=price)
            engine.apply(New(2, f"stop{price}", "ACME", SELL, stops, None, terms=terms))
    events = engine.apply(New(3, "sale", "ACME", SELL, SOLD, None))
    return START - min(event.price for event in events if isinstance(event, Filled))
