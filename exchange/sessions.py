"""The phases of a market's day: what each lets in, and what happens between two of them.

    PRE_OPEN ─► OPENING_AUCTION ─► CONTINUOUS ─► CLOSING_AUCTION ─► CLOSED
                                    │      ▲
                      VOLATILITY_AUCTION   │      HALTED: from anywhere, by the operator or a breaker
                                    └──────┘

Orders gather in PRE_OPEN and in the auctions: they rest, and may cross. Whoever leaves an auction uncrosses
it first. Invariant: in CONTINUOUS the book is not crossed. A schedule does not end a halt; whoever halted
does. Page: docs/exchange/auctions.md
"""

from exchange.auction import uncross
from exchange.bands import pull_in
from exchange.book import Book, Order
from exchange.control import BandsMoved, Phase, PhaseChanged, SetPhase, Why
from exchange.market import Market
from exchange.orders import (
    Canceled,
    Event,
    Life,
    New,
    Reason,
    Replace,
    Replaced,
    Triggered,
)

AUCTIONS = (Phase.OPENING_AUCTION, Phase.VOLATILITY_AUCTION, Phase.CLOSING_AUCTION)
GATHERING = (Phase.PRE_OPEN, *AUCTIONS)
SHUT = (Phase.HALTED, Phase.CLOSED)
AT_ONCE = (Life.IMMEDIATE_OR_CANCEL, Life.FILL_OR_KILL)
BY_AUCTION = (Life.AT_OPEN, Life.AT_CLOSE)  # good for one auction only


def refusal(phase: Phase, life: Life = Life.DAY) -> Reason | None:
    """Return why a market in `phase` takes no order of that `life`, or None. Cancels it always takes."""
    if phase in SHUT:
        return Reason.MARKET_CLOSED
    if life in AT_ONCE and phase in GATHERING:
        return Reason.NOT_IN_THIS_PHASE
    if life is Life.AT_OPEN and phase not in (Phase.PRE_OPEN, Phase.OPENING_AUCTION):
        return Reason.NOT_IN_THIS_PHASE
    return None


def gather(book: Book, order: Order, life: Life, events: list[Event]) -> None:
    """Let an arriving `order` wait for the auction, whether or not it crosses."""
    book.rest(order)


def amend(book: Book, order: Order, wish: Replace, events: list[Event]) -> None:
    """Change an order while the market gathers: as `matching.replace`, but nothing trades."""
    kept = wish.price == order.price and wish.quantity <= order.quantity
    events.append(Replaced(order.id, wish.quantity, wish.price, kept))
    if kept:
        order.level.reduce(order, order.quantity - wish.quantity)
        return
    book.remove(order)
    order.quantity, order.price = wish.quantity, wish.price
    book.rest(order)


def waits_for_close(phase: Phase, life: Life) -> bool:
    """Return whether an order waits outside of the book until the closing auction begins."""
    return life is Life.AT_CLOSE and phase is not Phase.CLOSING_AUCTION


def settle(market: Market, wish: New, events: list[Event]) -> None:
    """Note which of the orders that came to rest leave with the auction that they wait for."""
    order_id = getattr(events[0], "order_id", 0)
    if wish.price is None or wish.life in BY_AUCTION:
        if order_id in market.book.orders:
            market.leaving[order_id] = wish.life in BY_AUCTION
        if wish.life is Life.AT_CLOSE and market.phase is Phase.CLOSING_AUCTION:
            events.append(Triggered(order_id))


def set_phase(market: Market, wish: SetPhase, now_ns: int) -> list[Event]:
    """Return what bringing the market into another phase did; nothing, if it is in it or may not.

    The schedule's phases wait while the market is halted, until the day's end.
    """
    is_held = market.phase is Phase.HALTED and wish.why is Why.SCHEDULE
    if wish.phase is market.phase or (is_held and wish.phase is not Phase.CLOSED):
        return []
    events: list[Event] = []
    change(market, wish.phase, wish.why, now_ns, events)
    return events


def change(market: Market, phase: Phase, why: Why, now_ns: int, events: list[Event]) -> None:
    """Leave the present phase, with an uncross if it gathered orders, and begin `phase`."""
    before, market.phase = market.phase, phase
    market.due_ns = None
    is_fixed = before in AUCTIONS and phase not in (*AUCTIONS, Phase.HALTED)
    if is_fixed or phase is Phase.CONTINUOUS:
        _end_auction(market, now_ns, events)
    events.append(PhaseChanged(market.symbol, phase, why))
    if phase is Phase.CLOSING_AUCTION:
        _bring_in(market, events)
    elif phase is Phase.CLOSED:
        _end_day(market, events)
    elif phase is Phase.VOLATILITY_AUCTION and why is Why.BANDS:
        market.due_ns = now_ns + market.rules.pause_ns


def _end_auction(market: Market, now_ns: int, events: list[Event]) -> None:
    price = uncross(market.book, market.symbol, events, market.reference, market.rules.tick)
    for order_id, by_auction in list(market.leaving.items()):
        if (order := market.book.orders.get(order_id)) is not None:
            market.book.remove(order)
            reason = Reason.EXPIRED if by_auction else Reason.REST_OF_IMMEDIATE
            events.append(Canceled(order_id, order.quantity, reason))
    market.leaving.clear()
    if (bands := market.bands) is not None:
        bands.anchor(now_ns, price or _middle(market.book) or bands.reference)
        events.append(BandsMoved(market.symbol, bands.lower, bands.upper))
        pull_in(market.book, bands, events)
    market.last_price = price or market.last_price


def _middle(book: Book) -> int:
    """Return the middle of the best prices, or the one that there is: where a market would go on."""
    bests = [level.price for half in (book.bids, book.asks) if (level := half.best()) is not None]
    return sum(bests) // len(bests) if bests else 0


def _bring_in(market: Market, events: list[Event]) -> None:
    """Let the orders that have waited for the close into the book."""
    for order in market.parked.values():
        market.book.rest(order)
        market.leaving[order.id] = True
        events.append(Triggered(order.id))
    market.parked.clear()


def _end_day(market: Market, events: list[Event]) -> None:
    """Cancel what was meant for an auction of this day that did not come."""
    for parked in market.parked.values():
        events.append(Canceled(parked.id, parked.quantity, Reason.EXPIRED))
    market.parked.clear()
    for order_id in list(market.leaving):
        if (order := market.book.orders.get(order_id)) is not None:
            market.book.remove(order)
            events.append(Canceled(order_id, order.quantity, Reason.EXPIRED))
    market.leaving.clear()
