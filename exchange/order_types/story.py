"""Each kind of order in the same small market: what it says, and what comes of it.

Page: docs/exchange/order-types.md
"""

from collections.abc import Iterator
from typing import NamedTuple

from exchange.engine import Engine
from exchange.orders import (
    BUY,
    DAY,
    FILL_OR_KILL,
    IMMEDIATE_OR_CANCEL,
    PLAIN,
    SELL,
    Accepted,
    Event,
    Life,
    New,
    Peg,
    Rejected,
    Side,
    Terms,
)
from exchange.saying import wish_words, words

TITLE = "Order types"
SYMBOL = "ACME"
BOOK = ((BUY, 40, 1000), (BUY, 60, 999), (SELL, 30, 1002), (SELL, 50, 1003))  # lots, ticks
OURS, LATER, IN_BOOK = 7, 8, 21  # accounts; each order of the book is another's


def ours(
    side: Side, lots: int, price: int | None, life: Life = DAY, *,
    post_only: bool = False, terms: Terms = PLAIN, account: int = OURS,
) -> New:  # fmt: skip
    """Return the order that a scene is about."""
    return New(account, "ours", SYMBOL, side, lots, price, life, post_only, terms=terms)


def other(side: Side, lots: int, price: int | None) -> New:
    """Return an order of somebody who comes behind it."""
    return New(LATER, "later", SYMBOL, side, lots, price)


class Scene(NamedTuple):
    """A kind of order by its name, and what is sent one after the other."""

    name: str
    sent: tuple[New, ...]


SCENES = (
    Scene("limit", (ours(BUY, 50, 1002),)),
    Scene("market", (ours(BUY, 50, None),)),
    Scene("immediate or cancel", (ours(BUY, 50, 1002, IMMEDIATE_OR_CANCEL),)),
    Scene("fill or kill", (ours(BUY, 50, 1002, FILL_OR_KILL),)),
    Scene("at least so much", (ours(BUY, 50, 1002, terms=Terms(quantity_min=40)),)),
    Scene("post-only", (ours(BUY, 50, 1002, post_only=True),)),
    Scene("iceberg", (ours(SELL, 90, 1001, terms=Terms(display=30)), other(BUY, 30, 1001))),
    Scene("hidden", (ours(SELL, 90, 1001, terms=Terms(display=0)), other(BUY, 30, 1002))),
    Scene("stop", (ours(SELL, 20, None, terms=Terms(stop_price=1000)), other(SELL, 10, 1000))),
    Scene("pegged", (ours(BUY, 20, None, terms=Terms(peg=Peg.PRIMARY)), other(BUY, 10, 1001))),
    Scene("against one's own", (ours(BUY, 50, 1003, account=IN_BOOK + 3),)),
)


def played(scene: Scene) -> Iterator[list[Event]]:
    """Yield what each command of a scene did, in a market of its own."""
    engine = Engine([SYMBOL])
    for number, (side, lots, price) in enumerate(BOOK):
        engine.apply(New(IN_BOOK + number, "book", SYMBOL, side, lots, price))
    for command in scene.sent:
        yield engine.apply(command)


def told(events: list[Event]) -> tuple[str, list[str]]:
    """Return what was sent, and what came of it, in words."""
    first = events[0]
    assert isinstance(first, Accepted | Rejected)
    sent = wish_words(first.order)
    if isinstance(first, Accepted):
        return f"#{first.order_id:<4} {sent}", [words(event) for event in events[1:]]
    return sent, [words(event) for event in events]


def demo() -> None:
    """Send each kind of order into the same book, and somebody after it where that shows what it does."""
    print("The book each time   #1 buy 40 @ 10.00    #2 buy 60 @ 9.99")
    print("                     #3 sell 30 @ 10.02   #4 sell 50 @ 10.03\n")
    for scene in SCENES:
        name = scene.name
        for events in played(scene):
            said, rest = told(events)
            one = f"  →  {rest.pop()}" if len(rest) == 1 else ""
            print(f"{name:20} {said}{one}")
            for each in rest:
                print(f"{'':26} {each}")
            name = ""
