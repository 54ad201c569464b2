"""What the public sees: every order (L3), the depth at each price (L2), and the trades.

    events of the engine ──► FeedBook ──► depth(10), trades, best bid and ask

A subscriber who applies every event has the engine's displayed book, order by order, without asking for
it. What of an event is public, public.py says. Invariant: after each command, the depth built from the feed
alone equals the engine's own.
Cost: O(1) an event, O(log prices) when a price appears or goes. Source: the article's market data;
the message kinds are those of Nasdaq's ITCH 5.0. Page: docs/exchange/market-data.md
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sortedcontainers import SortedDict

from exchange.book import Book
from exchange.market import Market
from exchange.orders import BUY, SELL, Event, Side
from exchange.public import UNSEEN, Added, Public, Reduced

TRADES_KEPT = 200


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade as the public sees it: nobody's name, only who was in the queue and who came."""

    sequence: int
    price: int
    quantity: int
    taker_side: Side


@dataclass(frozen=True, slots=True)
class DepthLevel:
    """All that waits at one price: lots and orders."""

    price: int
    quantity: int
    orders: int


Depth = tuple[int, list[DepthLevel], list[DepthLevel]]  # sequence, bids, asks; the best first


class FeedBook:
    """One symbol's displayed book, built from its events alone."""

    def __init__(self) -> None:
        self._public = Public()
        self._orders: dict[int, tuple[Side, int, int]] = {}  # id → side, price, displayed lots
        self._levels: dict[Side, SortedDict] = {BUY: SortedDict(), SELL: SortedDict()}
        self.sequence = 0
        self.trades: deque[Trade] = deque(maxlen=TRADES_KEPT)

    @classmethod
    def of(cls, market: Market, sequence: int) -> "FeedBook":
        """Return the feed's view of `market`: where a subscriber begins who comes late."""
        feed = cls()
        feed.sequence = sequence
        feed._public, shown = Public.of(market)
        for added in shown:
            feed._set(*added)
        return feed

    def apply(self, sequence: int, events: Iterable[Event]) -> None:
        """Follow what one command did."""
        self.sequence = sequence
        for change in self._public.changes(events):
            if isinstance(change, Added):
                self._set(*change)
            elif isinstance(change, Reduced):
                self._reduce(change.order_id, change.quantity)
            else:
                if change.maker_id != UNSEEN:
                    self._reduce(change.maker_id, change.quantity)
                self.trades.append(
                    Trade(sequence, change.price, change.quantity, change.taker_side)
                )

    def depth(self, side: Side, levels: int) -> list[DepthLevel]:
        """Return the best `levels` prices of `side`, the best first."""
        return list(self._depth(side, levels))

    def _depth(self, side: Side, levels: int) -> Iterator[DepthLevel]:
        for key, (quantity, orders) in self._levels[side].items()[:levels]:
            yield DepthLevel(-side * key, quantity, orders)

    def _reduce(self, order_id: int, quantity: int) -> None:
        side, price, open_quantity = self._orders[order_id]
        self._set(order_id, side, price, open_quantity - quantity)

    def _set(self, order_id: int, side: Side, price: int, quantity: int) -> None:
        """Let the order show `quantity` at `price`; none left takes it out."""
        _, old_price, old_quantity = self._orders.pop(order_id, (side, price, 0))
        self._shift(side, old_price, -old_quantity, -1 if old_quantity else 0)
        if quantity:
            self._orders[order_id] = (side, price, quantity)
            self._shift(side, price, quantity, 1)

    def _shift(self, side: Side, price: int, quantity: int, orders: int) -> None:
        levels = self._levels[side]
        key = -side * price
        total, count = levels.get(key, (0, 0))
        if count + orders:
            levels[key] = (total + quantity, count + orders)
        else:
            levels.pop(key, None)


def depth_of(book: Book, side: Side, levels: int) -> list[DepthLevel]:
    """Return the depth that the engine's own `book` has, to hold a feed against."""
    found: list[DepthLevel] = []
    for level in (book.bids if side == BUY else book.asks).walk():
        if len(found) == levels:
            break
        found.append(DepthLevel(level.price, level.quantity, sum(1 for _ in level)))
    return found


def demo() -> None:
    """Three orders and a trade, as a subscriber sees them."""
    from exchange.engine import Engine
    from exchange.orders import New

    engine, feed = Engine(["ACME"]), FeedBook()
    for number, (side, quantity, price) in enumerate(
        [(BUY, 100, 998), (SELL, 80, 1002), (BUY, 30, 1002)], start=1
    ):
        events = engine.apply(New(number, f"o{number}", "ACME", side, quantity, price))
        feed.apply(number, events)
    print("bids  ", *feed.depth(BUY, 5))
    print("asks  ", *feed.depth(SELL, 5))
    print("trades", *feed.trades)
