"""Events in plain words, a line each: for people who watch a demonstration, or learn from a check.

Page: docs/exchange/order-types.md
"""

from collections.abc import Callable, Iterable

from exchange.control import BandsMoved, PhaseChanged, Uncrossed
from exchange.order_json import price_text
from exchange.orders import (
    BUY,
    PLAIN,
    Accepted,
    Canceled,
    CancelRejected,
    Event,
    Filled,
    New,
    Refreshed,
    Rejected,
    Replaced,
    Repriced,
    Transferred,
    Triggered,
)


def say(events: Iterable[Event]) -> None:
    """Print what happened."""
    for event in events:
        if isinstance(event, Accepted):
            print(f"#{event.order_id:<4} {wish_words(event.order)}")
        else:
            print(f"      {words(event)}")


def words(event: Event, name: Callable[[int], str] = "#{}".format) -> str:
    """Return an event as a line of words; `name` says what an order of that number is called."""
    match event:
        case Accepted():
            return "accepted"
        case Rejected(_, reason) | CancelRejected(_, _, reason):
            return f"refused: {reason.word}"
        case Filled(price, lots, maker, taker):
            return f"{name(taker)} trades {lots} @ {price_text(price)} with {name(maker)}"
        case Transferred(price, lots, maker, taker):
            traded = f"{lots} @ {price_text(price)}"
            return f"{name(taker)} takes over {traded} of {name(maker)}, no trade"
        case Canceled(number, lots, reason):
            return f"{name(number)} loses {lots}: {reason.word}"
        case Replaced(number, lots, price, kept):
            place = "in its place" if kept else "at the back"
            return f"{name(number)} is now {lots} @ {price_text(price)}, {place}"
        case Triggered(number):
            return f"{name(number)} is triggered"
        case Refreshed(number, lots):
            return f"{name(number)} shows its next {lots}, at the back of the queue"
        case Repriced(number, price):
            place = price_text(price) if price else "no place: nothing to follow"
            return f"{name(number)} moves to {place}"
    return _market_words(event)


def _market_words(event: Event) -> str:
    """Return what happened to a whole market in words."""
    match event:
        case PhaseChanged(symbol, phase, why):
            return f"{symbol} is now: {phase.value} ({why.value})"
        case Uncrossed(symbol, price, lots):
            return f"the auction of {symbol} ends: {lots} @ {price_text(price)}"
        case BandsMoved(symbol, lower, upper):
            return f"{symbol} may trade from {price_text(lower)} to {price_text(upper)}"
    return str(event)


def wish_words(wish: New) -> str:
    """Return an order as its sender would say it."""
    side, price = ("buy" if wish.side == BUY else "sell"), wish.price
    said = f"{side} {wish.quantity} @ {'market' if price is None else price_text(price)}"
    for name, value in wish.terms._asdict().items():
        if value != getattr(PLAIN, name):
            shown = (
                price_text(value)
                if name in ("stop_price", "trail")
                else getattr(value, "value", value)
            )
            said += f", {name.replace('_', ' ')} {shown}"
    return said + (", post-only" if wish.post_only else "")
