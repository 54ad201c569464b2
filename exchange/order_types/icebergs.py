"""Icebergs: a large order that shows a little of itself at a time.

    shown      ▒▒▒ 30        traded away ──► the next 30, at the back of the queue
    reserve    ░░░░░░░ 70                    ──► Refreshed(order_id, 30)

The slice that is shown waits in turn like any order. The reserve does not wait anywhere; so a slice that
is used up is followed by one behind everybody who came in the meantime: to hide costs the place in the
queue. Invariant: shown + reserve is what is open, and while there is a reserve something is shown.
Cost: O(1) a slice. Source: the refresh rule of Euronext, Xetra and most others.
Page: docs/exchange/order-types.md
"""

from collections import deque
from collections.abc import Iterator

from exchange.book import Book, Level, Order
from exchange.order_types.special import Special
from exchange.orders import Event, Refreshed


def refresh(book: Book, order: Order, events: list[Event]) -> None:
    """Let an iceberg whose slice was traded away show the next one, at the back of its queue.

    The last slice may be smaller. It happens right after the fill, so the book is never crossed by it:
    the price is the one at which the order has been waiting.
    """
    assert isinstance(order, Special)
    order.quantity = min(order.display, order.reserve)
    order.reserve -= order.quantity
    book.rest(order)
    events.append(Refreshed(order.id, order.quantity))


def slices(level: Level) -> Iterator[tuple[Order, int]]:
    """Yield (order, lots) in the order in which a taker would meet them, without touching anything.

    First what is shown, then what icebergs would show next, again and again. O(what is looked at).
    """
    refreshed: deque[tuple[Special, int]] = deque()
    for order in level:
        yield order, order.quantity
        if isinstance(order, Special) and order.reserve:
            refreshed.append((order, order.reserve))
    while refreshed:
        iceberg, reserve = refreshed.popleft()
        lots = min(iceberg.display, reserve)
        yield iceberg, lots
        if reserve > lots:
            refreshed.append((iceberg, reserve - lots))


def demo() -> None:
    """An iceberg of 100 shows 30; somebody comes behind it; a buyer takes 70."""
    from exchange.engine import Engine
    from exchange.orders import BUY, SELL, New, Terms
    from exchange.saying import say

    engine = Engine(["ACME"])
    for command in (
        New(1, "iceberg", "ACME", SELL, 100, 1000, terms=Terms(display=30)),
        New(2, "small", "ACME", SELL, 20, 1000),
        New(3, "buyer", "ACME", BUY, 70, 1000),
    ):
        say(engine.apply(command))
    print(
        "shown now", *[(order.id, order.quantity) for order in engine.books["ACME"].orders.values()]
    )
