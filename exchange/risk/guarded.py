"""The long way of a command, in a market that is not plain: may it, and what has it done?

    phase ─► blocked, pace ─► limits ─► bands ─► the engine's short way ─► bands, alarms ─► accounts

A market is *watched* while it is in another phase than continuous trading, has bands, or somebody in it has
limits. All other markets go the short way and pay nothing for what is here.
Invariant: a command that is refused here has changed nothing (but the pace of who sent it).
Page: docs/exchange/halts.md
"""

from collections.abc import Callable, Mapping

from exchange.book import Order
from exchange.control import BandsMoved, Block, Noted, Phase, SetLimits, Why
from exchange.market import Market
from exchange.order_types.cascade import settle
from exchange.orders import (
    DAY,
    PRICE_MAX,
    QUANTITY_MAX,
    Canceled,
    CancelRejected,
    Event,
    Filled,
    Life,
    New,
    Reason,
    Replace,
)
from exchange.risk.limits import Risk
from exchange.sessions import phases
from exchange.sessions.bands import Bands, pull_in

CONTINUOUS = Phase.CONTINUOUS


def refusal(market: Market, risk: Risk, now_ns: int, wish: New) -> Reason | None:
    """Return why a watched market takes no such order now, or None."""
    if market.phase is not CONTINUOUS or wish.life is not DAY:
        reason = phases.refusal(market.phase, wish.life, wish.terms.quantity_min)
        if reason is not None:
            return reason
    if wish.account not in risk.accounts and not risk.blocked:
        return None
    return risk.allows(wish.account, market.symbol, now_ns) or risk.refusal(wish, wish.side, market)


def held(market: Market, order: Order, life: Life, events: list[Event]) -> Life:
    """Return for how long an arriving order waits here, after the bands have had a look at it.

    While orders gather for an auction, market orders wait too.
    """
    if market.book.gathers:
        return DAY
    if market.bands is not None:
        market.bands.hold(order, events)
    return life


def replace(
    market: Market,
    risk: Risk,
    now_ns: int,
    wish: Replace,
    short: Callable[[Replace], list[Event]],
) -> list[Event]:
    """Return what changing an order did in a watched market; `short` is the engine's own way."""
    order = market.find(wish.order_id)
    if order is None or order.account != wish.account:
        return short(wish)
    reason = phases.refusal(market.phase) or risk.allows(wish.account, wish.symbol, now_ns)
    is_sound = 0 < wish.quantity <= QUANTITY_MAX and 0 < wish.price <= PRICE_MAX
    if reason is None and is_sound:
        reason = risk.refusal(wish, order.side, market)
    if reason is not None:
        return [CancelRejected(wish.account, wish.order_id, reason)]
    has_own_price = order.id in market.book.orders and order.peg is None
    if market.bands is not None and market.phase is CONTINUOUS and is_sound and has_own_price:
        wish = wish._replace(price=market.bands.clamp(order.side, wish.price))
    return short(wish)


def follow(market: Market, risk: Risk, now_ns: int, events: list[Event]) -> None:
    """Let bands and accounts follow what happened, and set or clear the alarm."""
    bands = market.bands
    if bands is not None and market.phase is CONTINUOUS:
        is_first = not bands.reference  # nobody knew a price: the first trade sets the bands
        for event in events:
            if type(event) is Filled:
                bands.note(now_ns, event.price)
        has_begun = is_first and bands.reference != 0
        _watch(market, bands, now_ns, events, has_begun=has_begun)
    if risk.counts(market.symbol):
        risk.follow(market, events)


def _watch(
    market: Market, bands: Bands, now_ns: int, events: list[Event], *, has_begun: bool
) -> None:
    """Move the bands if their time has come; begin or end the limit state."""
    bands.stopped()
    if bands.moved(now_ns) or has_begun:
        events.append(BandsMoved(market.symbol, bands.lower, bands.upper))
        first = len(events)
        pull_in(market.book, bands, events)
        settle(market, events, first)
    if not bands.at_limit(market.book):
        if market.alarm_ns is not None:
            market.set_alarm(None)
    elif not market.rules.limit_state_ns:
        phases.change(market, Phase.VOLATILITY_AUCTION, Why.BANDS, now_ns, events)
    elif market.alarm_ns is None:
        market.set_alarm(now_ns + market.rules.limit_state_ns)


def tick(market: Market, now_ns: int, events: list[Event]) -> None:
    """Do what time alone has brought: a pause after the limit state, an auction's end after that."""
    alarm_ns = market.alarm_ns
    if alarm_ns is None:
        return
    if alarm_ns > now_ns:
        market.wake(alarm_ns)
    elif market.phase is CONTINUOUS:
        phases.change(market, Phase.VOLATILITY_AUCTION, Why.BANDS, now_ns, events)
    elif market.phase is Phase.VOLATILITY_AUCTION:
        phases.change(market, CONTINUOUS, Why.BANDS, now_ns, events)


def cancel_all(market: Market, account: int, reason: Reason, events: list[Event]) -> None:
    """Take all orders of an account out of the market, oldest first."""
    for order in market.everyone():
        if order.account == account:
            events.append(Canceled(order.id, market.take_out(order), reason))


def block(market: Market, risk: Risk, wish: Block, events: list[Event]) -> None:
    """Pull the kill switch for an account in this market, or undo it."""
    key = (wish.account, wish.symbol)
    if wish.is_blocked:
        risk.blocked.add(key)
        cancel_all(market, wish.account, Reason.KILLED, events)
    else:
        risk.blocked.discard(key)
    events.append(Noted(wish.account))


def set_limits(
    markets: Mapping[str, Market], risk: Risk, wish: SetLimits, events: list[Event]
) -> None:
    """Note the limits; orders of limited accounts that are open already count from now on."""
    risk.set_limits(wish.account, wish.symbol, wish.limits)
    for market in markets.values():
        for order in market.everyone() if risk.counts(market.symbol) else ():
            if order.account in risk.accounts:
                risk.adopt(market, order)
    events.append(Noted(wish.account))
