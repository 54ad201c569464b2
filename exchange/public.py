"""What the public may see of what happened: small changes to what is displayed, and every trade.

    Accepted, Filled, Refreshed …  ──►  Public  ──►  Added · Traded · Reduced

One translation for all: the feed's book, the binary feed, the page. An order that arrives is not shown
before it rests; of an iceberg only the slice is, of hidden orders and waiting stops nothing, of a trade
with a hidden maker the trade alone. Invariant: applied one after the other, the changes give the
displayed book of the engine after each command. Cost: O(1) an event. Source: Nasdaq's ITCH 5.0 (its
messages A, E and P, X and D). Page: docs/exchange/market-data.md
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from exchange.book import Order
from exchange.market import Market
from exchange.orders import (
    NO_LIMIT,
    QUANTITY_MAX,
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
from exchange.pegs import NOWHERE
from exchange.special import Special

ARRIVES = Accepted | Triggered | Replaced | Repriced
UNSEEN = 0  # in place of the number of a maker that nobody sees


class Added(NamedTuple):
    """An order, or the next slice of one, is displayed, behind all others of its price."""

    order_id: int
    side: Side
    price: int
    quantity: int


class Traded(NamedTuple):
    """Lots changed hands; they are taken off the displayed maker, if it is one that is seen."""

    maker_id: int
    price: int
    quantity: int
    taker_side: Side


class Reduced(NamedTuple):
    """Displayed lots of an order are gone without a trade that says so; with all of them, the order."""

    order_id: int
    quantity: int


Change = Added | Traded | Reduced


@dataclass(slots=True)
class _Known:
    """What the translation remembers of an open order."""

    side: Side
    price: int | None  # None: wherever it waits, no level shows it
    limit: int | None  # the price that it asked for
    quantity: int  # all that is open
    display: int  # how much is shown at a time
    is_pegged: bool
    is_waiting: bool  # for its price, or for an auction
    shown: int = 0  # lots that are displayed now


class Public:
    """The translation of one symbol's events."""

    def __init__(self) -> None:
        self._orders: dict[int, _Known] = {}
        self._arriving = 0  # the order that has arrived and does not rest yet

    @classmethod
    def of(cls, market: Market) -> tuple["Public", list[Added]]:
        """Return the translation for whoever begins now, and what is displayed already."""
        public, shown = cls(), list[Added]()
        for order in market.everyone():
            known = public._orders[order.id] = _known(market, order)
        for half in (market.book.bids, market.book.asks):
            for level in half.walk():
                for order in level:
                    known = public._orders[order.id]
                    if known.price is not None:
                        known.shown = order.quantity
                        shown.append(Added(order.id, order.side, order.price, order.quantity))
        return public, shown

    def changes(self, events: Iterable[Event]) -> Iterator[Change]:
        """Yield what one command's `events` changed for the public, in the order in which it happened."""
        for event in events:
            if isinstance(event, ARRIVES):
                yield from self._rest()
                yield from self._arrive(event)
            elif isinstance(event, Filled):
                yield from self._trade(event)
            elif isinstance(event, Transferred):
                yield from self._take(event.maker_id, event.quantity)
                yield from self._take(event.taker_id, event.quantity)
            elif isinstance(event, Canceled):
                yield from self._take(event.order_id, event.quantity)
            elif isinstance(event, Refreshed):
                yield from self._show(event.order_id)
        yield from self._rest()

    def _arrive(self, event: Accepted | Triggered | Replaced | Repriced) -> Iterator[Reduced]:
        """Note an order that arrives, for the first time or anew; it is shown when it rests."""
        number = event.order_id
        if isinstance(event, Accepted):
            self._orders[number] = _accepted(event.order)
        elif isinstance(event, Triggered):
            self._orders[number].is_waiting = False
        elif isinstance(event, Repriced):
            yield from self._hide(number)
            self._orders[number].price = event.price or None
        else:
            yield from self._replace(event)
            if event.kept:
                return
        if not self._orders[number].is_waiting:
            self._arriving = number

    def _replace(self, event: Replaced) -> Iterator[Reduced]:
        """Take off what is not shown first; an order that lost its place is not shown for a moment."""
        number, known = event.order_id, self._orders[event.order_id]
        if event.kept:
            reserve = known.quantity - known.shown if known.shown else known.quantity
            fewer = max(0, known.quantity - event.quantity - reserve)
            known.shown -= fewer
            if fewer:
                yield Reduced(number, fewer)
        else:
            yield from self._hide(number)
            follows = known.is_waiting or known.is_pegged
            known.price = known.limit if follows else event.price
        known.quantity = event.quantity

    def _trade(self, fill: Filled) -> Iterator[Change]:
        """A trade is told once, and takes what was displayed of the maker; of the taker in an auction."""
        taker, maker = self._orders[fill.taker_id], self._orders[fill.maker_id]
        seen = fill.maker_id if maker.shown else UNSEEN
        yield Traded(seen, fill.price, fill.quantity, taker.side)
        maker.shown -= fill.quantity if maker.shown else 0
        self._reduce(fill.maker_id, fill.quantity)
        yield from self._take(fill.taker_id, fill.quantity)

    def _take(self, number: int, quantity: int) -> Iterator[Reduced]:
        """Take lots off an order, and off what is shown of it."""
        known = self._orders[number]
        fewer = min(known.shown, quantity)
        known.shown -= fewer
        self._reduce(number, quantity)
        if fewer:
            yield Reduced(number, fewer)

    def _reduce(self, number: int, quantity: int) -> None:
        known = self._orders[number]
        known.quantity -= quantity
        if not known.quantity:
            del self._orders[number]

    def _hide(self, number: int) -> Iterator[Reduced]:
        known = self._orders[number]
        if known.shown:
            yield Reduced(number, known.shown)
        known.shown = 0

    def _rest(self) -> Iterator[Added]:
        """Show what is left of the order that arrived."""
        number, self._arriving = self._arriving, 0
        if number in self._orders:
            yield from self._show(number)

    def _show(self, number: int) -> Iterator[Added]:
        """Show an order, or the next slice of one."""
        known = self._orders[number]
        if known.price is not None and known.display:
            known.shown = min(known.display, known.quantity)
            yield Added(number, known.side, known.price, known.shown)


def _accepted(wish: New) -> _Known:
    terms = wish.terms
    display = QUANTITY_MAX if terms.display is None else terms.display
    is_stop = terms.stop_price is not None or terms.trail is not None
    is_waiting = is_stop or wish.life is Life.AT_CLOSE
    is_pegged = terms.peg is not None
    price = None if is_pegged else wish.price
    return _Known(wish.side, price, price, wish.quantity, display, is_pegged, is_waiting)


def _known(market: Market, order: Order) -> _Known:
    price = None if abs(order.price) in (NOWHERE, NO_LIMIT) else order.price
    display = QUANTITY_MAX
    if isinstance(order, Special):
        display = 0 if order.is_hidden else order.display
    is_pegged, is_waiting = order.peg is not None, order.id in market.stops.orders
    lots = order.quantity + order.reserve
    return _Known(order.side, price, price, lots, display, is_pegged, is_waiting)


def demo() -> None:
    """A hidden seller, an iceberg, a buyer: what happened, and what the public was told."""
    from exchange.engine import Engine
    from exchange.orders import BUY, SELL, Terms

    engine, public = Engine(["ACME"]), Public()
    for command in (
        New(1, "hidden", "ACME", SELL, 50, 1001, terms=Terms(display=0)),
        New(2, "iceberg", "ACME", SELL, 100, 1002, terms=Terms(display=30)),
        New(3, "buyer", "ACME", BUY, 90, 1002),
    ):
        events = engine.apply(command)
        print(*(f"{type(event).__name__.lower():<10}" for event in events))
        print(*(f"    {change}" for change in public.changes(events)), sep="\n")
