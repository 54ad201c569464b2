"""What somebody did, from events alone: entered an order, traded, took an order back.

    Accepted ──► Entered       Filled ──► Execution       Canceled by its owner ──► Pulled

An engine's event says what happened to an order. Who judges intentions asks what an *account* did, how
large the order was that it took back, and how long that had stood there. An order that is moved to
another price was taken back there and entered here. What the exchange canceled by a rule was not taken
back by anybody. Cost: O(1) an event; memory for the open orders, as the book itself.
Page: docs/exchange/surveillance.md
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from exchange.clearing.drop_copy import DropCopy, Execution
from exchange.orders import Accepted, Canceled, Event, Filled, Reason, Replaced, Side, Transferred

TAKEN_BACK = (Reason.BY_CLIENT, Reason.ALL_OF_ACCOUNT)


class Moment(NamedTuple):
    """What one command did, and when."""

    sequence: int
    time_ns: int
    events: Sequence[Event]


class Entered(NamedTuple):
    """An account has shown an order to the market."""

    sequence: int
    time_ns: int
    account: int
    symbol: str
    side: Side
    price: int
    lots: int


class Pulled(NamedTuple):
    """An account has taken an order back; `lots` of it were still open."""

    sequence: int
    time_ns: int
    shown: Entered
    lots: int


Act = Entered | Pulled | Execution


class Acts:
    """Events in, acts out. It has to hear every event from the first on."""

    def __init__(self) -> None:
        self._copy = DropCopy()
        self._shown: dict[int, Entered] = {}
        self._open: dict[int, int] = {}  # order → lots

    def hear(self, moment: Moment) -> Iterator[Act]:
        """Yield what one command's sender, and those it met, did by it."""
        sequence, time_ns, events = moment
        traded = iter(self._copy.hear(sequence, events, time_ns))
        for event in events:
            if isinstance(event, Accepted):
                wish = event.order
                who = (wish.account, wish.symbol, wish.side, wish.price or 0, wish.quantity)
                yield self._enter(event.order_id, Entered(sequence, time_ns, *who))
            elif isinstance(event, Filled | Transferred):
                for order_id in (event.maker_id, event.taker_id):
                    self._reduce(order_id, event.quantity)
                if isinstance(event, Filled):
                    yield next(traded)
            elif isinstance(event, Canceled):
                shown = self._shown[event.order_id]
                self._reduce(event.order_id, event.quantity)
                if event.reason in TAKEN_BACK:
                    yield Pulled(sequence, time_ns, shown, event.quantity)
            elif isinstance(event, Replaced) and not event.kept:
                shown, lots = self._shown[event.order_id], self._open[event.order_id]
                yield Pulled(sequence, time_ns, shown, lots)
                now = shown._replace(
                    sequence=sequence, time_ns=time_ns, price=event.price, lots=event.quantity
                )
                yield self._enter(event.order_id, now)
            elif isinstance(event, Replaced):
                self._open[event.order_id] = event.quantity

    def _enter(self, order_id: int, shown: Entered) -> Entered:
        self._shown[order_id], self._open[order_id] = shown, shown.lots
        return shown

    def _reduce(self, order_id: int, lots: int) -> None:
        self._open[order_id] -= lots
        if self._open[order_id] <= 0:
            del self._open[order_id], self._shown[order_id]
