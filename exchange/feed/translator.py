"""From what the engine did to what the public is told of it: the one place where that is decided.

    events of a command ──► Translator ──► messages ──► FeedBook, Publisher, …

An order that arrives is nobody's business until it trades or comes to rest: what trades at once is told as
executions of those who waited, and what is left of it is an `Add`. Invariant: after each command, the book
that its messages build has the engine's orders, each in its place in the queue, as far as they are shown.
Cost: O(1) an event. Source: the rules of Nasdaq's TotalView-ITCH 5.0. Page: docs/exchange/feed.md
"""

from collections.abc import Iterable, Iterator, Mapping

from exchange.book import Book
from exchange.feed.messages import Add, Cut, Delete, Directory, Executed, ExecutedAt, Hidden, Message, Moved
from exchange.orders import NO_LIMIT, Accepted, Canceled, Event, Filled, Replaced, Side


class Known:
    """An open order as its exchange knows it: what of it is shown, and what is not."""

    __slots__ = ("display", "left", "order_id", "price", "shown", "side")

    def __init__(self, order_id: int, side: Side, price: int | None, left: int) -> None:
        self.order_id = order_id
        self.side = side
        self.price = price  # None: it takes any price, and never waits in the book
        self.left = left  # lots
        self.display: int | None = None  # lots shown at a time; None: all, 0: none
        self.shown = 0  # lots that the public has been told of


class Translator:
    """Open orders by number, and what the public was told of each."""

    def __init__(self, symbols: Iterable[str]) -> None:
        self.instruments = {symbol: number for number, symbol in enumerate(symbols, start=1)}
        self._orders: dict[int, Known] = {}
        self._arriving: Known | None = None  # it trades now; what is left rests afterwards
        self._out: list[Message] = []
        self._at = 0, 0  # instrument, time

    @classmethod
    def of(cls, books: Mapping[str, Book]) -> "Translator":
        """Return a translator that goes on where an engine with these `books` is."""
        found = cls(books)
        for book in books.values():
            for half in (book.bids, book.asks):
                for level in half.walk():
                    for order in level:
                        known = Known(order.id, order.side, order.price, order.quantity)
                        known.shown = order.quantity
                        found._orders[order.id] = known
        return found

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

    def begin(self, time_ns: int) -> list[Message]:
        """Return what a feed begins with: what there is to trade."""
        return [Directory(n, time_ns, 1, 1, symbol) for symbol, n in self.instruments.items()]

    def _accepted(self, event: Accepted) -> None:
        self._settle()
        wish = event.order
        self._arrive(Known(event.order_id, wish.side, wish.price, wish.quantity))

    def _arrive(self, order: Known) -> None:
        self._orders[order.order_id] = self._arriving = order

    def _filled(self, event: Filled) -> None:
        maker, taker = self._orders[event.maker_id], self._orders[event.taker_id]
        if taker is self._arriving:
            self._executed(maker, event, printed=True)
            self._take_off(taker, event.quantity)
        else:  # both have waited: an auction, whose volume is told in one piece at its end
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
            unseen = event.quantity - quantity
            self._out.append(Hidden(*at, order.side, unseen, event.price))
        self._take_off(order, event.quantity)

    def _take_off(self, order: Known, quantity: int) -> None:
        order.left -= quantity
        if not order.left:
            del self._orders[order.order_id]

    def _canceled(self, event: Canceled) -> None:
        order = self._orders[event.order_id]
        gone = order.shown if event.quantity == order.left else min(event.quantity, order.shown)
        self._hide(order, gone)
        self._take_off(order, event.quantity)

    def _hide(self, order: Known, quantity: int) -> None:
        """Take so many lots of what is shown out of the public's book, if there are any."""
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
            return
        self._settle()
        self._hide(order, order.shown)
        order.price = event.price
        self._arrive(order)

    def _settle(self) -> None:
        """Let the order that arrived last come to rest, if anything of it is left."""
        order, self._arriving = self._arriving, None
        if order is None or not order.left or order.price is None:
            return
        order.shown = order.left if order.display is None else min(order.display, order.left)
        if not order.shown:
            return
        if self._out and self._out[-1] == Delete(*self._at, order.order_id):
            self._out[-1] = Moved(*self._at, order.order_id, order.shown, order.price)
        else:
            self._out.append(
                Add(*self._at, order.order_id, order.side, order.shown, order.price)
            )


_SAID = {
    Accepted: Translator._accepted,
    Filled: Translator._filled,
    Canceled: Translator._canceled,
    Replaced: Translator._replaced,
}
