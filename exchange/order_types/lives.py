"""How long orders wait: until a date, until the day's end, or until somebody cancels them.

    good-till-date ──► a heap by expiry ──► market.due_ns ──► a Tick in the journal ──► expire
    day            ──► the day's end    ──► end_of_day

Nobody asks a clock here: time comes with commands, and the sequencer journals a `Tick` when the earliest
date is over, so a replay ends each order where it ended. Invariant: `due_ns` is never later than the
earliest expiry. Cost: O(log orders) each; dates of orders that are gone are swept out when the heap has
doubled. Source: FIX tag 59, TimeInForce. Page: docs/exchange/order-types.md
"""

from heapq import heapify, heappop, heappush

from exchange.book import Order
from exchange.market import Market
from exchange.order_types.special import STAYS
from exchange.orders import Canceled, Event, Reason

SWEEP_MIN = 64  # dates; below this many, sweeping is not worth its while


def remember(market: Market, order_id: int, expires_ns: int) -> None:
    """See to it that the order goes when its date is over."""
    heappush(market.dated, (expires_ns, order_id))
    market.wake(expires_ns)
    if len(market.dated) > max(market.sweep_at, SWEEP_MIN):
        market.dated = [each for each in market.dated if market.find(each[1]) is not None]
        heapify(market.dated)
        market.sweep_at = 2 * len(market.dated)


def expire(market: Market, now_ns: int, events: list[Event]) -> None:
    """Cancel the orders whose date is over by `now_ns`, earliest first, and say when the next is."""
    dated = market.dated
    while dated and (dated[0][0] <= now_ns or market.find(dated[0][1]) is None):
        order = market.find(heappop(dated)[1])
        if order is not None:
            _end(market, order, events)
    if dated:
        market.wake(dated[0][0])


def end_of_day(market: Market, events: list[Event]) -> None:
    """Cancel all orders that were for this day only, oldest first."""
    for order in market.everyone():
        if order.life not in STAYS:
            _end(market, order, events)


def _end(market: Market, order: Order, events: list[Event]) -> None:
    events.append(Canceled(order.id, market.take_out(order), Reason.EXPIRED))


def demo() -> None:
    """One order until canceled, one until noon, one for the day; noon passes, then the day."""
    from exchange.control import Tick
    from exchange.engine import Engine
    from exchange.orders import BUY, Life, New, Terms
    from exchange.saying import say

    engine, noon_ns = Engine(["ACME"]), 12 * 3_600 * 10**9
    market = engine.markets["ACME"]
    engine.apply(New(1, "stays", "ACME", BUY, 10, 1000, Life.GOOD_TILL_CANCEL))
    dated = Terms(expires_ns=noon_ns)
    engine.apply(New(2, "dated", "ACME", BUY, 10, 1000, Life.GOOD_TILL_DATE, terms=dated))
    engine.apply(New(3, "day", "ACME", BUY, 10, 1000))
    print("noon")
    say(engine.apply(Tick("ACME"), noon_ns))
    print("the day's end")
    events: list[Event] = []
    end_of_day(market, events)
    say(events)
    print("left:", *(f"#{number}" for number in market.book.orders))
