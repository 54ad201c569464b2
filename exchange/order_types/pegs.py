"""Pegged orders: their price is not a number but "wherever the best one is", and they go where it goes.

    asks  1006   ── market peg of a buyer
          1003   ── midpoint peg of either
    bids  1000   ── primary peg of a buyer

Only displayed orders with a price of their own are followed: if pegs followed pegs, two of them could
chase each other for ever. An order whose reference is gone waits outside of the book, at price 0. What
would cross is matched like an order that has just arrived, or, post-only, stays a tick short of it.
Invariant: whenever an order arrives, each peg stands where it should. Cost: O(pegs) after what moved the
reference; there are at most PEGS_MAX. Source: FIX's ExecInst R, P, M. Page: docs/exchange/order-types.md
"""

from exchange.book import Book, Half
from exchange.market import Market
from exchange.matching import enter
from exchange.order_types.special import AT_ONCE, Special
from exchange.orders import BUY, PRICE_MAX, Canceled, Event, Peg, Reason, Repriced, Side

PEGS_MAX = 1_000  # in a market: each may move after each command
NOWHERE = 0  # the price of an order that has nothing to follow


def follow(market: Market, events: list[Event]) -> None:
    """Move each peg, oldest first, to where it should be, until none has to move.

    A peg that moves may trade, and so take away what others follow; hence again, from the oldest on.
    """
    moved = True
    while moved:
        moved = False
        for order in list(market.pegs.values()):
            if order.id not in market.book.orders and order.price != NOWHERE:
                del market.pegs[order.id]  # it was filled or canceled
            elif (price := price_of(market, order)) != order.price:
                reprice(market, order, price, events)
                moved = True


def reprice(market: Market, order: Special, price: int, events: list[Event]) -> None:
    """Let `order` arrive anew at `price`; NOWHERE takes it out of the book."""
    if order.id in market.book.orders:
        market.book.remove(order)
        order.gather()
    order.price = price
    if order.life in AT_ONCE and price == NOWHERE:
        events.append(Canceled(order.id, order.quantity, Reason.REST_OF_IMMEDIATE))
        return
    events.append(Repriced(order.id, price))
    if price != NOWHERE:
        enter(market.book, order, order.entry_life, events)


def price_of(market: Market, order: Special) -> int:
    """Return where `order` should stand now; NOWHERE when there is nothing to follow."""
    price = followed(market.book, order, market.rules.tick)
    if price is None:
        return NOWHERE
    side = order.side
    if side * price > side * order.cap:
        price = order.cap
    if market.bands is not None:
        price = market.bands.clamp(side, price)
    if order.post_only:
        best = market.book.opposite(side).best()
        if best is not None and side * price >= side * best.price:
            price = best.price - side * market.rules.tick
    return price if NOWHERE < price <= PRICE_MAX else NOWHERE


def followed(book: Book, order: Special, tick: int) -> int | None:
    """Return the price that the order's peg stands for, before its limit."""
    side = order.side
    own = reference(book, side) if order.peg is not Peg.MARKET else None
    other = reference(book, Side(-side)) if order.peg is not Peg.PRIMARY else None
    if order.peg is Peg.PRIMARY:
        return own
    if order.peg is Peg.MARKET:
        return other
    if own is None or other is None:
        return None
    # In the middle, and on its own side of it: a buyer's is rounded down, a seller's up.
    return side * (side * (own + other) // (2 * tick)) * tick


def reference(book: Book, side: Side) -> int | None:
    """Return the best displayed price of `side` at which an order waits that is not pegged."""
    half: Half = book.bids if side == BUY else book.asks
    for level in half.walk():
        if any(order.peg is None for order in level):
            return level.price
    return None


def demo() -> None:
    """A buyer in the middle of the spread moves when somebody bids more, and trades there."""
    from exchange.engine import Engine
    from exchange.orders import SELL, New, Terms
    from exchange.saying import say

    engine = Engine(["ACME"])
    middle = Terms(peg=Peg.MIDPOINT, display=0)
    for command in (
        New(1, "bid", "ACME", BUY, 10, 1000),
        New(2, "ask", "ACME", SELL, 10, 1006),
        New(3, "middle", "ACME", BUY, 50, None, terms=middle),
        New(1, "better", "ACME", BUY, 10, 1002),
        New(4, "seller", "ACME", SELL, 20, 1003),
    ):
        say(engine.apply(command))
