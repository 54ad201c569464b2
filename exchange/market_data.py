"""What the public sees: every order (L3), the depth at each price (L2), and the trades.

    events of the engine ──► FeedBook ──► depth(10), trades, best bid and ask

A subscriber who applies every event has the engine's book, order by order, without asking for it.
Invariant: after each command, the depth built from the feed alone equals the engine's own.
Cost: O(1) an event, O(log prices) when a price appears or goes. Source: the article's market data;
the message kinds are those of Nasdaq's ITCH 5.0. Page: docs/exchange/market-data.md
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sortedcontainers import SortedDict

from exchange.book import Book
from exchange.feed.messages import Add, Cross, Cut, Delete, Executed, ExecutedAt, Hidden, Message, Moved
from exchange.orders import BUY, SELL, Side

TRADES_KEPT = 200
TRADES = frozenset({Executed, ExecutedAt, Hidden, Cross})
SMALLER = frozenset({Executed, ExecutedAt, Cut})


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
        self.trades: deque[Trade] = deque(maxlen=TRADES_KEPT)

    def apply(self, sequence: int, messages: Iterable[Message]) -> None:
        """Follow what was told up to number `sequence`. Raises `KeyError` for an order never shown."""
        self.sequence = sequence
        for message in messages:
            kind = type(message)
            if kind in TRADES:
                self._trade(sequence, message)
            if kind is Add:
                _, _, order_id, side, quantity, price = message
                self._rest(order_id, side, price, quantity)
            elif kind in SMALLER:
                self._reduce(message.order_id, message.quantity)
            elif kind is Delete:
                self._reduce(message.order_id, self._orders[message.order_id][2])
            elif kind is Moved:
                side, _, quantity = self._orders[message.order_id]
                self._reduce(message.order_id, quantity)
                self._rest(message.order_id, side, message.price, message.quantity)

    def depth(self, side: Side, levels: int) -> list[DepthLevel]:
        """Return the best `levels` prices of `side`, the best first."""
        return list(self._depth(side, levels))

    def _depth(self, side: Side, levels: int) -> Iterator[DepthLevel]:
        for key, (quantity, orders) in self._levels[side].items()[:levels]:
            yield DepthLevel(-side * key, quantity, orders)

    def orders(self, side: Side) -> Iterator[tuple[int, int, int]]:
        """Yield (order, price, lots), the best price first, and at one price the oldest first."""
        waiting = [(-way * price, number) for number, (way, price, _) in self._orders.items() if way == side]
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
        levels = self._levels[side]
        key = -side * price
        total, count = levels.get(key, (0, 0))
        if count + orders:
            levels[key] = (total + quantity, count + orders)
        else:
            levels.pop(key, None)

    def _trade(self, sequence: int, message: Any) -> None:
        """Remember a trade; what is not printed is in the volume of a cross."""
        kind, taker_side = type(message), None
        if kind is Executed or kind is ExecutedAt:
            side, price, _ = self._orders[message.order_id]
            taker_side = Side(-side)
        elif kind is Hidden:
            taker_side = Side(-message.side)
        if kind is not Executed:
            price = message.price
        if message.quantity and (kind is not ExecutedAt or message.printed):
            found = Trade(sequence, price, message.quantity, taker_side, message.time_ns)
            self.trades.append(found)


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
