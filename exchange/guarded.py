"""The long way of a command, in a market that is not plain: may it, and what has it done?

    phase ─► blocked, pace ─► limits ─► bands ─► the engine's short way ─► accounts, bands, alarms

A market is *watched* while it is in another phase than continuous trading, has bands, or somebody in it has
limits. All other markets go the short way and pay nothing for what is here.
Invariant: a command that is refused here has changed nothing (but the pace of who sent it).
Page: docs/exchange/halts.md
"""

from collections.abc import Callable

from exchange import sessions
from exchange.bands import Bands, pull_in
from exchange.book import Book, Order
from exchange.control import BandsMoved, Phase, Why
from exchange.market import Market
from exchange.matching import enter, replace
from exchange.orders import (
    DAY,
    NO_LIMIT,
    PRICE_MAX,
    QUANTITY_MAX,
    Accepted,
    Cancel,
    CancelAll,
    CancelRejected,
    Event,
    Filled,
    Life,
    New,
    Rejected,
    Replace,
    Repriced,
)
from exchange.risk import Risk

Meet = Callable[
    [Book, Order, Life, list[Event]], None
]  # what becomes of an order that was accepted
Change = Callable[[Book, Order, Replace, list[Event]], None]
Short = Callable[[New | Cancel | Replace | CancelAll, Meet, Change], list[Event]]


def apply(
    market: Market, risk: Risk, now_ns: int, wish: New | Cancel | Replace | CancelAll, short: Short
) -> list[Event]:
    """Return what `wish` did in a watched market; `short` is the engine's own way of applying it."""
    if isinstance(wish, New):
        events = _new(market, risk, now_ns, wish, short)
    elif isinstance(wish, Replace):
        events = _replace(market, risk, now_ns, wish, short)
    else:
        events = short(wish, enter, replace)
    follow(market, risk, now_ns, events)
    return events


def _new(market: Market, risk: Risk, now_ns: int, wish: New, short: Short) -> list[Event]:
    gathers = market.phase in sessions.GATHERING
    reason = (
        sessions.refusal(market.phase, wish.life)
        or risk.allows(wish.account, wish.symbol, now_ns)
        or risk.refusal(wish, wish.side, market.book, market.reference, gathers)
    )
    if reason:
        return [Rejected(wish, reason)]
    if sessions.waits_for_close(market.phase, wish.life):
        return short(wish, lambda book, order, life, events: market.park(order), replace)
    if gathers:
        events = short(wish, sessions.gather, replace)
        sessions.settle(market, wish, events)
        return events
    if market.bands is None:
        return short(wish, enter, replace)
    return _within(market.bands, market.book, wish, short)


def _within(bands: Bands, book: Book, wish: New, short: Short) -> list[Event]:
    """Let a new order trade no further than the bands; what rests of it waits at the band.

    The order is accepted as it was sent, and the public is told where it waits.
    """
    asked = wish.side * NO_LIMIT if wish.price is None else wish.price
    price = bands.clamp(wish.side, asked)
    if price == asked or not 0 < (wish.price or 1) <= PRICE_MAX:
        return short(wish, enter, replace)
    life = Life.IMMEDIATE_OR_CANCEL if wish.price is None and wish.life is DAY else wish.life
    events = short(wish._replace(price=price, life=life), enter, replace)
    first = events[0]
    if isinstance(first, Rejected):
        return [Rejected(wish, first.reason)]
    assert isinstance(first, Accepted)
    events[0] = Accepted(first.order_id, wish)
    filled = sum(each.quantity for each in events if isinstance(each, Filled))
    if filled < wish.quantity:
        bands.cut = wish.side
    if first.order_id in book.orders:
        events.insert(1, Repriced(first.order_id, price))
    return events


def _replace(market: Market, risk: Risk, now_ns: int, wish: Replace, short: Short) -> list[Event]:
    order = market.book.orders.get(wish.order_id)
    if order is None or order.account != wish.account:
        return short(wish, enter, replace)
    gathers = market.phase in sessions.GATHERING
    reason = sessions.refusal(market.phase) or risk.allows(wish.account, wish.symbol, now_ns)
    if reason is None and 0 < wish.quantity <= QUANTITY_MAX and 0 < wish.price <= PRICE_MAX:
        reason = risk.refusal(wish, order.side, market.book, market.reference, gathers)
    if reason is not None:
        return [CancelRejected(wish.account, wish.order_id, reason)]
    if gathers:
        return short(wish, enter, sessions.amend)
    if market.bands is not None and 0 < wish.price <= PRICE_MAX:
        wish = wish._replace(price=market.bands.clamp(order.side, wish.price))
    return short(wish, enter, replace)


def follow(market: Market, risk: Risk, now_ns: int, events: list[Event]) -> None:
    """Let accounts and bands follow what happened, and set or clear the alarm."""
    for event in events:
        if isinstance(event, Filled):
            market.last_price = event.price
            if market.bands is not None and market.phase is Phase.CONTINUOUS:
                market.bands.note(now_ns, event.price)
    if market.bands is not None and market.phase is Phase.CONTINUOUS:
        _watch(market, market.bands, now_ns, events)
    risk.follow(market.symbol, events)


def _watch(market: Market, bands: Bands, now_ns: int, events: list[Event]) -> None:
    """Move the bands if their time has come; begin or end the limit state."""
    if bands.moved(now_ns):
        events.append(BandsMoved(market.symbol, bands.lower, bands.upper))
        pull_in(market.book, bands, events)
    if not bands.at_limit(market.book):
        market.due_ns = None
    elif not market.rules.limit_state_ns:
        sessions.change(market, Phase.VOLATILITY_AUCTION, Why.BANDS, now_ns, events)
    elif market.due_ns is None:
        market.due_ns = now_ns + market.rules.limit_state_ns


def tick(market: Market, risk: Risk, now_ns: int) -> list[Event]:
    """Return what time alone has brought: a pause after the limit state, an auction's end after that."""
    events: list[Event] = []
    if market.due_ns is not None and market.due_ns <= now_ns:
        if market.phase is Phase.CONTINUOUS:
            sessions.change(market, Phase.VOLATILITY_AUCTION, Why.BANDS, now_ns, events)
        elif market.phase is Phase.VOLATILITY_AUCTION:
            sessions.change(market, Phase.CONTINUOUS, Why.BANDS, now_ns, events)
    follow(market, risk, now_ns, events)
    return events
