"""The long way of a command, in a market that is not plain: may it, and what has it done?

    phase ─► blocked, pace ─► limits ─► bands ─► the engine's short way ─► accounts, bands, alarms

A market is *watched* while it is in another phase than continuous trading, has bands, or somebody in it has
limits. All other markets go the short way and pay nothing for what is here.
Invariant: a command that is refused here has changed nothing (but the pace of who sent it).
Page: docs/exchange/halts.md
"""

from collections.abc import Callable

from exchange import matching, sessions
from exchange.bands import Bands, pull_in
from exchange.book import Book, Order
from exchange.control import BandsMoved, Phase, Why
from exchange.market import Market
from exchange.matching import enter
from exchange.orders import (
    DAY,
    NO_LIMIT,
    PRICE_MAX,
    QUANTITY_MAX,
    Accepted,
    CancelRejected,
    Event,
    Filled,
    Life,
    New,
    Reason,
    Rejected,
    Replace,
    Repriced,
)
from exchange.risk import Risk

Meet = Callable[
    [Book, Order, Life, list[Event]], None
]  # what becomes of an order that was accepted
Change = Callable[[Book, Order, Replace, list[Event]], None]
CONTINUOUS = Phase.CONTINUOUS


def new(
    market: Market, risk: Risk, now_ns: int, wish: New, short: Callable[[New, Meet], list[Event]]
) -> list[Event]:
    """Return what a new order did in a watched market; `short` is the engine's own way of entering it."""
    gathers = market.phase is not CONTINUOUS and market.phase in sessions.GATHERING
    reason: Reason | None = None
    if market.phase is not CONTINUOUS or wish.life is not DAY:
        reason = sessions.refusal(market.phase, wish.life)
    if reason is None and (wish.account in risk.accounts or risk.blocked):
        reason = risk.allows(wish.account, wish.symbol, now_ns) or risk.refusal(
            wish, wish.side, market.book, market.reference, gathers
        )
    if reason is not None:
        return [Rejected(wish, reason)]
    events = _enter(market, gathers, wish, short)
    follow(market, risk, now_ns, events)
    return events


def _enter(
    market: Market, gathers: bool, wish: New, short: Callable[[New, Meet], list[Event]]
) -> list[Event]:
    if wish.life is Life.AT_CLOSE and sessions.waits_for_close(market.phase, wish.life):
        return short(wish, lambda book, order, life, events: market.park(order))
    if gathers:
        events = short(wish, sessions.gather)
        sessions.settle(market, wish, events)
        return events
    if market.bands is None:
        return short(wish, enter)
    return _within(market.bands, market.book, wish, short)


def _within(
    bands: Bands, book: Book, wish: New, short: Callable[[New, Meet], list[Event]]
) -> list[Event]:
    """Let a new order trade no further than the bands; what rests of it waits at the band.

    The order is accepted as it was sent, and the public is told where it waits.
    """
    asked = wish.side * NO_LIMIT if wish.price is None else wish.price
    price = bands.clamp(wish.side, asked)
    if price == asked or not 0 < (wish.price or 1) <= PRICE_MAX:
        return short(wish, enter)
    life = Life.IMMEDIATE_OR_CANCEL if wish.price is None and wish.life is DAY else wish.life
    events = short(wish._replace(price=price, life=life), enter)
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


def replace(
    market: Market,
    risk: Risk,
    now_ns: int,
    wish: Replace,
    short: Callable[[Replace, Change], list[Event]],
) -> list[Event]:
    """Return what changing an order did in a watched market; `short` is the engine's own way."""
    order = market.book.orders.get(wish.order_id)
    if order is None or order.account != wish.account:
        return short(wish, matching.replace)
    gathers = market.phase in sessions.GATHERING
    reason = sessions.refusal(market.phase) or risk.allows(wish.account, wish.symbol, now_ns)
    if reason is None and 0 < wish.quantity <= QUANTITY_MAX and 0 < wish.price <= PRICE_MAX:
        reason = risk.refusal(wish, order.side, market.book, market.reference, gathers)
    if reason is not None:
        return [CancelRejected(wish.account, wish.order_id, reason)]
    if market.bands is not None and not gathers and 0 < wish.price <= PRICE_MAX:
        wish = wish._replace(price=market.bands.clamp(order.side, wish.price))
    events = short(wish, sessions.amend if gathers else matching.replace)
    follow(market, risk, now_ns, events)
    return events


def follow(market: Market, risk: Risk, now_ns: int, events: list[Event]) -> None:
    """Let accounts and bands follow what happened, and set or clear the alarm."""
    bands = market.bands if market.phase is CONTINUOUS else None
    for event in events:
        if type(event) is Filled:
            market.last_price = event.price
            if bands is not None:
                bands.note(now_ns, event.price)
    if bands is not None:
        _watch(market, bands, now_ns, events)
    if risk.accounts:
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
