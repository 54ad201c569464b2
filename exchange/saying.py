"""Events in plain words, a line each, for people who watch a demonstration.

Page: docs/exchange/order-types.md
"""

from exchange.order_json import price_text
from exchange.orders import (
    BUY,
    PLAIN,
    Accepted,
    Canceled,
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


def say(events: list[Event]) -> None:
    """Print what happened."""
    for event in events:
        print(("" if isinstance(event, Accepted) else "      ") + words(event))


def words(event: Event) -> str:
    """Return an event as a line of words."""
    match event:
        case Accepted(number, wish):
            return f"#{number:<4} {wish_words(wish)}"
        case Rejected(wish, reason):
            return f"{wish_words(wish)}: refused, {reason.word}"
        case Filled(price, lots, maker, taker):
            return f"#{taker} trades {lots} @ {price_text(price)} with #{maker}"
        case Transferred(price, lots, maker, taker):
            return f"#{taker} takes over {lots} @ {price_text(price)} of #{maker}, no trade"
        case Canceled(number, lots, reason):
            return f"#{number} loses {lots}: {reason.word}"
        case Replaced(number, lots, price, kept):
            place = "in its place" if kept else "at the back"
            return f"#{number} is now {lots} @ {price_text(price)}, {place}"
        case Triggered(number):
            return f"#{number} is triggered"
        case Refreshed(number, lots):
            return f"#{number} shows its next {lots}, at the back of the queue"
        case Repriced(number, price):
            return f"#{number} moves to {price_text(price) if price else 'no place: nothing to follow'}"
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
