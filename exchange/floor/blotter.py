"""What became of each account's orders, kept from the events alone.

    Accepted ──► waiting, resting ──► partly filled ──► filled
                    │              └────────► canceled, with the reason
                    └──► what is left of it and at which price, after every change

The engine forgets an order when it leaves the book; its owner wants to know for a while longer. Invariant:
ordered = filled + open + canceled, for every line, after every event.
Cost: O(1) an event; the last `LINES_MAX` orders of an account are kept. Page: docs/exchange/page.md
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from exchange.book import Order
from exchange.market import Market
from exchange.order_types.special import Special
from exchange.orders import (
    NO_LIMIT,
    Accepted,
    Canceled,
    Event,
    Filled,
    Life,
    Reason,
    Replaced,
    Repriced,
    Side,
    Transferred,
    Triggered,
)

LINES_MAX = 100  # orders of an account that are remembered, open or not


@dataclass(slots=True)
class OrderLine:
    """An order as its owner sees it."""

    order_id: int
    client_id: str  # "" when it was entered before this exchange was started
    symbol: str
    side: Side
    quantity: int  # ordered, in all
    price: int | None
    life: Life
    open: int
    filled: int = 0
    canceled: int = 0
    reason: Reason | None = None
    is_waiting: bool = False  # a stop, for its price

    @property
    def state(self) -> str:
        """Return FIX tag 39 in words."""
        if self.open and self.is_waiting:
            return "waiting"
        if self.open:
            return "partly filled" if self.filled else "resting"
        return "canceled" if self.canceled else "filled"


class Blotter:
    """Every account's last orders, the newest first."""

    def __init__(self) -> None:
        self._open: dict[int, OrderLine] = {}
        self._accounts: dict[int, deque[OrderLine]] = {}

    def begin(self, market: Market) -> None:
        """Start with who is in a market that was recovered; what was filled before is not known."""
        for order in sorted(market.everyone(), key=lambda each: each.id):
            self._add(order.account, _recovered(market, order))

    def apply(self, events: Iterable[Event]) -> None:
        """Follow what one command did."""
        for event in events:
            if isinstance(event, Accepted):
                wish = event.order
                line = OrderLine(
                    *(event.order_id, wish.client_id, wish.symbol, wish.side, wish.quantity),
                    *(wish.price, wish.life, wish.quantity),
                    is_waiting=wish.terms.stop_price is not None or wish.terms.trail is not None,
                )
                self._add(wish.account, line)
            elif isinstance(event, Filled | Transferred):
                self._fill(event.maker_id, event.quantity)
                self._fill(event.taker_id, event.quantity)
            elif isinstance(event, Canceled):
                self._cancel(event)
            elif isinstance(event, Replaced | Repriced):
                self._change(event)
            elif isinstance(event, Triggered) and event.order_id in self._open:
                self._open[event.order_id].is_waiting = False

    def of(self, account: int, limit: int = LINES_MAX) -> list[OrderLine]:
        """Return the account's orders, the newest first."""
        return list(self._accounts.get(account, ()))[: -limit - 1 : -1]

    def _add(self, account: int, line: OrderLine) -> None:
        if account not in self._accounts:
            self._accounts[account] = deque(maxlen=LINES_MAX)
        self._accounts[account].append(line)
        self._open[line.order_id] = line

    def _fill(self, order_id: int, quantity: int) -> None:
        if (line := self._open.get(order_id)) is not None:
            line.filled += quantity
            self._lose(line, quantity)

    def _cancel(self, event: Canceled) -> None:
        # An order that lost a part, so as not to trade with its own account, goes on.
        if (line := self._open.get(event.order_id)) is not None:
            line.canceled += event.quantity
            line.reason = event.reason
            self._lose(line, event.quantity)

    def _lose(self, line: OrderLine, quantity: int) -> None:
        line.open -= quantity
        if not line.open:
            del self._open[line.order_id]

    def _change(self, event: Replaced | Repriced) -> None:
        if (line := self._open.get(event.order_id)) is None:
            return
        line.price = event.price
        if isinstance(event, Replaced):
            line.quantity += event.quantity - line.open
            line.open = event.quantity


def _recovered(market: Market, order: Order) -> OrderLine:
    open_lots, life, is_waiting = order.quantity, Life.DAY, False
    if isinstance(order, Special):
        open_lots, life = order.quantity + order.reserve, order.life
        is_waiting = order.is_stop and order.id not in market.book.orders
    price = None if abs(order.price) == NO_LIMIT else order.price
    names = (order.id, "", market.symbol, order.side, open_lots, price, life)
    return OrderLine(*names, open=open_lots, is_waiting=is_waiting)


def demo() -> None:
    """An account's orders after a trade, a change and a cancel."""
    from exchange.engine import Engine
    from exchange.orders import BUY, SELL, Cancel, New, Replace

    engine, blotter = Engine(["ACME"]), Blotter()
    for command in (
        New(7, "a", "ACME", BUY, 100, 1000),
        New(8, "s", "ACME", SELL, 30, 1000),
        New(7, "b", "ACME", BUY, 50, 990),
        Replace(7, "ACME", 3, 20, 995),
        New(7, "c", "ACME", BUY, 5, 980),
        Cancel(7, "ACME", 4),
    ):
        blotter.apply(engine.apply(command))
    for line in blotter.of(7):
        print(
            f"  #{line.order_id}  {line.state:<14} {line.filled} of {line.quantity} at {line.price}"
        )
