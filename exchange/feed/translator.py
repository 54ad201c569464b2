"""From what the engine did to what the public is told of it: the one place where that is decided.

    events of a command ──► Translator ──► messages ──► FeedBook, Publisher, …

An order that arrives is nobody's business until it trades or comes to rest: what trades at once is told as
executions of those who waited, and what is left of it is an `Add`. Invariant: after each command, the book
that its messages build has the engine's orders, each in its place in the queue, as far as they are shown.
Cost: O(1) an event. Source: the rules of Nasdaq's TotalView-ITCH 5.0. Page: docs/exchange/feed.md
"""

from collections.abc import Callable, Iterable
from typing import Any

from exchange.book import Order
from exchange.control import BandsMoved, Phase, PhaseChanged, Uncrossed
from exchange.feed.messages import (
    Action,
    Add,
    Bands,
    Cross,
    Cut,
    Delete,
    Executed,
    ExecutedAt,
    Hidden,
    Message,
    Moved,
)
from exchange.market import Market
from exchange.order_types.pegs import NOWHERE
from exchange.order_types.special import Special
from exchange.orders import (
    NO_LIMIT,
    Accepted,
    Canceled,
    Event,
    Filled,
    Life,
    New,
    Refreshed,
    Replaced,
    Repriced,
    Side,
    Transferred,
    Triggered,
)

PHASES = tuple(Phase)  # their numbers travel
PHASE_CODES = {phase: code for code, phase in enumerate(PHASES)}


class Known:
    """An open order as the exchange knows it: what of it is shown, and what is not."""

    __slots__ = (
        "display",
        "follows",
        "is_stop",
        "left",
        "order_id",
        "price",
        "shown",
        "side",
        "sleeps",
    )

    def __init__(self, order_id: int, side: Side, price: int | None, left: int) -> None:
        self.order_id = order_id
        self.side = side
        self.price = price  # None: any price, or none yet; no level shows it
        self.left = left  # lots
        self.display: int | None = None  # lots shown at a time; None: all, 0: none
        self.shown = 0  # lots that the public has been told of
        self.sleeps = False  # until it is triggered: by a price, or by the closing auction
        self.is_stop = False  # by a price
        self.follows = False  # pegged: its price is what `Repriced` says

    @classmethod
    def of(cls, order_id: int, wish: New) -> "Known":
        """Return an order that has just been accepted."""
        terms = wish.terms
        found = cls(order_id, wish.side, wish.price, wish.quantity)
        found.display = terms.display
        found.is_stop = terms.stop_price is not None or terms.trail is not None
        found.sleeps = found.is_stop or wish.life is Life.AT_CLOSE
        found.follows = terms.peg is not None
        if found.follows:
            found.price = None
        return found

    @classmethod
    def resting(cls, order: Order) -> "Known":
        """Return an order that has waited for a while."""
        price = None if abs(order.price) in (NO_LIMIT, NOWHERE) else order.price
        found = cls(order.id, order.side, price, order.quantity + order.reserve)
        if isinstance(order, Special):
            found.display = 0 if order.is_hidden else order.display
        found.follows = order.peg is not None
        return found


class Translator:
    """Open orders by number, and what the public was told of each."""

    def __init__(self, symbols: Iterable[str]) -> None:
        self.instruments = {symbol: number for number, symbol in enumerate(symbols, start=1)}
        self._orders: dict[int, Known] = {}
        self._arriving: Known | None = None  # it trades now; what is left rests afterwards
        self._out: list[Message] = []
        self._at = 0, 0  # instrument, time

    def adopt(self, symbol: str, market: Market) -> list[Message]:
        """Know the open orders of a market that runs already; return what the public sees of them."""
        at, told = (self.instruments[symbol], 0), list[Message]()
        for order in market.everyone():
            known = self._orders[order.id] = Known.resting(order)
            known.is_stop = order.id in market.stops.orders
            known.sleeps = known.is_stop or order.id in market.parked
        for half in (market.book.bids, market.book.asks):
            for level in half.walk():
                for order in level:
                    if (known := self._orders[order.id]).price is not None:
                        known.shown = order.quantity
                        told.append(Add(*at, order.id, order.side, known.shown, known.price))
        return told

    def translate(self, symbol: str, time_ns: int, events: Iterable[Event]) -> list[Message]:
        """Return what the public is told of a command on `symbol`, in the order in which it happened."""
        out: list[Message] = []
        self._out, self._at = out, (self.instruments.get(symbol, 0), time_ns)
        for event in events:
            said = _SAID.get(type(event))
            if said is not None:
                said(self, event)
        self._settle()
        return out

    def _accepted(self, event: Accepted) -> None:
        order = self._orders[event.order_id] = Known.of(event.order_id, event.order)
        if not order.sleeps:
            self._arrive(order)

    def _triggered(self, event: Triggered) -> None:
        order = self._orders[event.order_id]
        order.sleeps = False
        self._arrive(order)

    def _arrive(self, order: Known) -> None:
        self._settle()
        self._arriving = order

    def _filled(self, event: Filled) -> None:
        maker, taker = self._orders[event.maker_id], self._orders[event.taker_id]
        if taker is self._arriving:
            self._executed(maker, event, printed=True)
            self._take_off(taker, event.quantity)
        else:  # both have waited: an auction, whose volume is told in one piece
            self._executed(maker, event, printed=False)
            self._executed(taker, event, printed=False)

    def _executed(self, order: Known, event: Filled, *, printed: bool) -> None:
        """Tell of a trade with somebody who waited: what was shown of them shrinks, the rest is news."""
        at, quantity = self._at, min(event.quantity, order.shown)
        if quantity:
            order.shown -= quantity
            if printed and event.price == order.price:
                self._out.append(Executed(*at, order.order_id, quantity))
            else:
                self._out.append(ExecutedAt(*at, order.order_id, quantity, event.price, printed))
        if printed and quantity < event.quantity:
            self._out.append(Hidden(*at, order.side, event.quantity - quantity, event.price))
        self._take_off(order, event.quantity)

    def _take_off(self, order: Known, quantity: int) -> None:
        order.left -= quantity
        if not order.left:
            del self._orders[order.order_id]

    def _canceled(self, event: Canceled) -> None:
        order = self._orders[event.order_id]
        self._hide(order, order.shown if event.quantity == order.left else event.quantity)
        self._take_off(order, event.quantity)

    def _transferred(self, event: Transferred) -> None:
        for order_id in (event.maker_id, event.taker_id):
            order = self._orders[order_id]
            self._hide(order, event.quantity)
            self._take_off(order, event.quantity)

    def _hide(self, order: Known, quantity: int) -> None:
        """Take so many lots of what is shown, if they are, out of the public's book."""
        quantity = min(quantity, order.shown)
        if not quantity:
            return
        order.shown -= quantity
        if order.shown:
            self._out.append(Cut(*self._at, order.order_id, quantity))
        else:
            self._out.append(Delete(*self._at, order.order_id))

    def _replaced(self, event: Replaced) -> None:
        order = self._orders[event.order_id]
        order.left = event.quantity
        if event.kept:
            self._hide(order, max(0, order.shown - event.quantity))
        elif order.follows:
            self._move(order, None)
        elif not order.sleeps:
            self._move(order, event.price)
        elif not order.is_stop:  # of a stop, it is the stop price that was replaced
            order.price = event.price

    def _repriced(self, event: Repriced) -> None:
        self._move(self._orders[event.order_id], event.price or None)

    def _move(self, order: Known, price: int | None) -> None:
        """Let a waiting order arrive once more, at another price; None: at none yet."""
        if order is not self._arriving:
            self._arrive(order)
            self._hide(order, order.shown)
        order.price = price

    def _refreshed(self, event: Refreshed) -> None:
        order = self._orders[event.order_id]
        if order is not self._arriving:
            self._hide(order, order.shown)
            self._show(order, event.quantity)

    def _settle(self) -> None:
        """Let the order that arrived last come to rest, if anything of it is left."""
        order, self._arriving = self._arriving, None
        if order is not None and order.left:
            self._show(order, order.left if order.display is None else order.display)

    def _show(self, order: Known, quantity: int) -> None:
        """Tell that so many lots of an order wait, at the back of the queue; of market orders, nothing."""
        quantity = min(quantity, order.left)
        if not quantity or order.price is None:
            return
        order.shown = quantity
        at, order_id = self._at, order.order_id
        if self._out and self._out[-1] == Delete(*at, order_id):
            self._out[-1] = Moved(*at, order_id, quantity, order.price)
        else:
            self._out.append(Add(*at, order_id, order.side, quantity, order.price))

    def _phase_changed(self, event: PhaseChanged) -> None:
        self._settle()
        self._out.append(Action(*self._at, PHASE_CODES[event.phase], event.why.value))

    def _uncrossed(self, event: Uncrossed) -> None:
        self._settle()
        self._out.append(Cross(*self._at, event.quantity, event.price))

    def _bands_moved(self, event: BandsMoved) -> None:
        self._out.append(Bands(*self._at, event.lower, event.upper))


# Of the others the public hears nothing: refusals, and what is between an account and the exchange.
_SAID: dict[type, Callable[[Translator, Any], None]] = {
    Accepted: Translator._accepted,
    Triggered: Translator._triggered,
    Filled: Translator._filled,
    Canceled: Translator._canceled,
    Transferred: Translator._transferred,
    Replaced: Translator._replaced,
    Repriced: Translator._repriced,
    Refreshed: Translator._refreshed,
    PhaseChanged: Translator._phase_changed,
    Uncrossed: Translator._uncrossed,
    BandsMoved: Translator._bands_moved,
}
