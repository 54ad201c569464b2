"""What an order sets off: pegs that follow, stops that are reached, and what those set off in turn.

    a trade ──► stops reached, nearest first ──► a queue ──► the first of them arrives ──► a trade ──► …
                                                     ▲─────────── behind those already there ◄──┘

First triggered, first served: stops that a triggered stop sets off go behind those that were reached
before (breadth first). The other way round (depth first), whoever was reached by the *second* trade
would trade before the one reached by the first. Invariant: afterwards no peg is out of place and no
stop waits that the last trade reached. It ends, as a stop triggers once and a peg moves only
when something traded. Cost: that of the orders which arrive. Page: docs/exchange/order-types.md
"""

from collections import deque

from exchange.control import Phase
from exchange.market import Market
from exchange.matching import enter, would_cross
from exchange.order_types.pegs import NOWHERE, follow, price_of, reprice
from exchange.order_types.special import AT_ONCE, Special
from exchange.order_types.stops import trailed
from exchange.orders import DAY, Canceled, Event, Filled, Life, Reason, Triggered


def arrive(market: Market, order: Special, events: list[Event]) -> None:
    """Let an accepted `order` wait for its price, follow one, or trade, as its terms say."""
    if order.is_stop:
        if order.stop_price is None:
            order.stop_price = trailed(order, market.last_price)
        market.stops.add(order)
    elif order.life is Life.AT_CLOSE and market.phase is not Phase.CLOSING_AUCTION:
        market.parked[order.id] = order
    elif order.peg is not None:
        if order.life not in AT_ONCE:
            market.pegs[order.id] = order
        order.price = NOWHERE
        if market.phase is Phase.CONTINUOUS:
            reprice(market, order, price_of(market, order), events)
    else:
        if order.life is Life.AT_CLOSE:  # for the public it has waited, if only for a moment
            events.append(Triggered(order.id))
        begin(market, order, events)


def begin(market: Market, order: Special, events: list[Event]) -> None:
    """Let an order with nothing to wait for trade, and its rest wait as long as it wants to.

    Bands hold it; while orders gather for an auction it waits whatever it wants.
    """
    life = DAY if market.book.gathers else order.entry_life
    if market.bands is not None and not market.book.gathers:
        market.bands.hold(order, events)
    if order.post_only and would_cross(market.book, order.side, order.price):
        events.append(Canceled(order.id, order.quantity, Reason.WOULD_CROSS))
        return
    enter(market.book, order, life, events)
    order.quantity_min = 0  # it has been met; what waits is an order like any other


def settle(market: Market, events: list[Event], first: int) -> None:
    """Let happen what `events[first:]` set off in `market`, and append it.

    While no continuous trading goes on, trades are noted, and nothing is set off until it does.
    """
    is_trading = market.phase is Phase.CONTINUOUS
    triggered: deque[Special] = deque()
    while True:
        if market.pegs and is_trading:
            follow(market, events)
        triggered.extend(notice(market, events[first:]))
        first = len(events)
        if not triggered:
            return
        stop = triggered.popleft()
        events.append(Triggered(stop.id))
        begin(market, stop, events)


def notice(market: Market, events: list[Event]) -> list[Special]:
    """Return the stops that the trades among `events` reach, trade by trade, in their order.

    Without a trade, those that the last one reaches: they came, or were changed, after it.
    """
    stops, reached = market.stops, list[Special]()
    prices = [event.price for event in events if type(event) is Filled]
    if prices:
        market.last_price = prices[-1]
    if not stops.orders:
        return reached
    for price in prices:
        stops.follow(price)
        reached += _reached(market, price)
    return reached if prices else _reached(market, market.last_price)


def _reached(market: Market, price: int) -> list[Special]:
    is_due = price and market.phase is Phase.CONTINUOUS
    return market.stops.reached(price) if is_due else []


def demo() -> None:
    """Three stops in a falling market: the second trade reaches a third one, which goes last."""
    from exchange.engine import Engine
    from exchange.orders import BUY, SELL, New, Terms
    from exchange.saying import say

    engine = Engine(["ACME"])
    for number, price in enumerate((1000, 990, 980, 970), start=1):
        engine.apply(New(1, f"bid{number}", "ACME", BUY, 10, price))
    for account, stop_price in ((2, 999), (3, 1000), (4, 990)):
        wish = New(account, "stop", "ACME", SELL, 10, None, terms=Terms(stop_price=stop_price))
        say(engine.apply(wish))
    say(engine.apply(New(5, "seller", "ACME", SELL, 10, None)))
