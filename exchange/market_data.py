"""What the public sees: every order (L3), the depth at each price (L2), and the trades.

    messages of the feed ──► FeedBook ──► depth(10), trades, best bid and ask

Whoever applies every message has the engine's book, order by order, without asking for it. What the public
is told of an event is decided elsewhere, in feed/translator.py.
Invariant: after each command, the book built from the feed alone equals the engine's, queue by queue.
Cost: O(1) an event, O(log prices) when a price appears or goes. Source: the article's market data;
the message kinds are those of Nasdaq's ITCH 5.0. Page: docs/exchange/market-data.md
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sortedcontainers import SortedDict

from exchange.book import Book
from exchange.candles import Chart
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
    Indicative,
    Message,
    Moved,
)
from exchange.orders import BUY, NO_LIMIT, SELL, Side

TRADES_KEPT = 200


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade as the public sees it: nobody's name, only who was in the queue and who came."""

    sequence: int
    price: int
    quantity: int
    taker_side: Side | None  # None: an auction, where nobody came later than the others
    time_ns: int = 0


@dataclass(frozen=True, slots=True)
class DepthLevel:
    """All that waits at one price: lots and orders."""

    price: int
    quantity: int
    orders: int


Depth = tuple[int, list[DepthLevel], list[DepthLevel]]  # sequence, bids, asks; the best first


class FeedBook:
    """One symbol's book, built from what the public is told and from nothing else."""

    def __init__(self) -> None:
        # id → side, price, lots; in the order in which they came to rest, so every queue is in it
        self._orders: dict[int, tuple[Side, int, int]] = {}
        self._levels: dict[Side, SortedDict] = {BUY: SortedDict(), SELL: SortedDict()}
        self.sequence = 0
        self.action: Action | None = None  # the last of its kind: what holds now
        self.bands: Bands | None = None
        self.indicative: Indicative | None = None
        self.trades: deque[Trade] = deque(maxlen=TRADES_KEPT)
        self.chart: Chart | None = None  # for whoever wants candles

    def apply(self, sequence: int, messages: Iterable[Message]) -> None:
        """Follow what was told up to number `sequence`. Raises `KeyError` for an order never shown."""
        self.sequence = sequence
        for message in messages:
            _FOLLOWED[type(message)](self, message)

    def depth(self, side: Side, levels: int) -> list[DepthLevel]:
        """Return the best `levels` prices of `side`, the best first."""
        return list(self._depth(side, levels))

    def _depth(self, side: Side, levels: int) -> Iterator[DepthLevel]:
        for key, (quantity, orders) in self._levels[side].items()[:levels]:
            yield DepthLevel(-side * key, quantity, orders)

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:
        """Yield (order, price, lots), the best price first, and at one price the oldest first."""
        waiting = [
            (-way * price, number)
            for number, (way, price, _) in self._orders.items()
            if way == side
        ]
        for _, number in sorted(waiting, key=lambda each: each[0]):
            _, price, quantity = self._orders[number]
            yield number, price, quantity

    def _rest(self, order_id: int, side: Side, price: int, quantity: int) -> None:
        """Let an order wait behind all others at its price."""
        self._orders[order_id] = side, price, quantity
        self._shift(side, price, quantity, 1)

    def _reduce(self, order_id: int, quantity: int) -> None:
        """Take so many lots off an order; it keeps its place, and one without any is gone."""
        side, price, waiting = self._orders[order_id]
        if quantity < waiting:
            self._orders[order_id] = side, price, waiting - quantity
            self._shift(side, price, -quantity, 0)
        else:
            del self._orders[order_id]
            self._shift(side, price, -waiting, -1)

    def _shift(self, side: Side, price: int, quantity: int, orders: int) -> None:
        """Let so many more lots and orders wait at `price`; a level without orders is gone."""
        levels = self._levels[side]
        key = -side * price
        total, count = levels.get(key, (0, 0))
        if count + orders:
            levels[key] = (total + quantity, count + orders)
        else:
            levels.pop(key, None)

    def _add(self, message: Add) -> None:
        self._rest(message.order_id, message.side, message.price, message.quantity)

    def _executed(self, message: Executed) -> None:
        side, price, _ = self._orders[message.order_id]
        self._reduce(message.order_id, message.quantity)
        self._traded(message.time_ns, price, message.quantity, Side(-side))

    def _executed_at(self, message: ExecutedAt) -> None:
        side, _, _ = self._orders[message.order_id]
        self._reduce(message.order_id, message.quantity)
        if message.printed:  # the others are in the volume of a cross
            self._traded(message.time_ns, message.price, message.quantity, Side(-side))

    def _cut(self, message: Cut) -> None:
        self._reduce(message.order_id, message.quantity)

    def _delete(self, message: Delete) -> None:
        self._reduce(message.order_id, self._orders[message.order_id][2])

    def _move(self, message: Moved) -> None:
        side, _, waiting = self._orders[message.order_id]
        self._reduce(message.order_id, waiting)
        self._rest(message.order_id, side, message.price, message.quantity)

    def _hidden(self, message: Hidden) -> None:
        self._traded(message.time_ns, message.price, message.quantity, Side(-message.side))

    def _cross(self, message: Cross) -> None:
        self.indicative = None  # the auction is over
        if message.quantity:
            self._traded(message.time_ns, message.price, message.quantity, None)

    def _traded(self, time_ns: int, price: int, quantity: int, taker_side: Side | None) -> None:
        self.trades.append(Trade(self.sequence, price, quantity, taker_side, time_ns))
        if self.chart is not None:
            self.chart.add(time_ns, price, quantity)

    def _act(self, message: Action) -> None:
        self.action, self.indicative = message, None

    def _hold(self, message: Bands | Indicative) -> None:
        setattr(self, type(message).__name__.lower(), message)


_FOLLOWED: dict[type, Callable[[FeedBook, Any], None]] = {
    Add: FeedBook._add,
    Executed: FeedBook._executed,
    ExecutedAt: FeedBook._executed_at,
    Cut: FeedBook._cut,
    Delete: FeedBook._delete,
    Moved: FeedBook._move,
    Hidden: FeedBook._hidden,
    Cross: FeedBook._cross,
    Action: FeedBook._act,
    Bands: FeedBook._hold,
    Indicative: FeedBook._hold,
}


def depth_of(book: Book, side: Side, levels: int) -> list[DepthLevel]:
    """Return the depth that the engine's own `book` has, to hold a feed against."""
    found: list[DepthLevel] = []
    for level in (book.bids if side == BUY else book.asks).walk():
        if len(found) == levels:
            break
        if abs(level.price) == NO_LIMIT:  # market orders of an auction: no level shows them
            continue
        found.append(DepthLevel(level.price, level.quantity, sum(1 for _ in level)))
    return found


def demo() -> None:
    """Three orders and a trade, as a subscriber sees them."""
    from exchange.engine import Engine
    from exchange.feed.translator import Translator
    from exchange.orders import New

    engine, feed, translator = Engine(["ACME"]), FeedBook(), Translator(["ACME"])
    for number, (side, quantity, price) in enumerate(
        [(BUY, 100, 998), (SELL, 80, 1002), (BUY, 30, 1002)], start=1
    ):
        events = engine.apply(New(number, f"o{number}", "ACME", side, quantity, price))
        for message in translator.translate("ACME", number, events):
            feed.apply(number, [message])
            print(type(message).__name__.lower(), message[2:])
    print("\nbids  ", *feed.depth(BUY, 5))
    print("asks  ", *feed.depth(SELL, 5))
    print("trades", *feed.trades)
