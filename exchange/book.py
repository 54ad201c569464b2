"""One symbol's resting orders: the best price first, and at one price the oldest first.

    bids                                  asks
    heap of keys  ┌ 10.02: A ⇄ B          heap of keys  ┌ 10.04: C
    best on top   ├ 10.01: D              best on top   └ 10.07: E ⇄ F ⇄ G
                  └  9.98: H ⇄ I

A level's key is −side × price, so on both sides the smallest key is the best price and one heap code
serves both. Orders of a level are a doubly linked list, so that a cancel in the middle is O(1); levels
that ran empty stay in the heap until they come to its top, or until they are half of it. Hidden orders
wait in a book side of their own (hidden.py), as they stand behind all displayed ones of their price.
Invariants, tested by `check`: a level's quantity is the sum of its orders'; every order is in `orders`
once; best bid < best ask. Cost: rest O(log levels) for a new price, else O(1); cancel O(1); best O(1)
amortised. Source: the article's "data structures"; the heap is Williams 1964. Page: docs/exchange/book.md
"""

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Protocol

from exchange.order_types.hidden import NOBODY, Both
from exchange.orders import BUY, DAY, SELL, Life, Peg, SelfTrade, Side

if TYPE_CHECKING:
    from exchange.orders import Event

EMPTY_LEVELS_MIN = 64  # below this many, sweeping the heap is not worth its while


class Order:
    """A resting or arriving order; `quantity` is what is still open, and of an iceberg what is shown.

    Its level and its neighbours in the queue are set when it comes to rest. What only a few orders have
    is said of all others by the class, so that it costs them neither memory nor time: special.py.
    """

    is_hidden: bool = False
    reserve: int = 0  # lots of an iceberg that wait to be shown
    quantity_min: int = 0
    post_only: bool = False
    peg: Peg | None = None
    life: Life = DAY
    ahead: "Order | None"
    behind: "Order | None"
    level: "Level"
    __slots__ = (
        "account",
        "ahead",
        "behind",
        "id",
        "is_plain",
        "level",
        "price",
        "quantity",
        "self_trade",
        "side",
    )

    def __init__(
        self,
        order_id: int,
        account: int,
        side: Side,
        quantity: int,
        price: int,
        self_trade: SelfTrade = SelfTrade.CANCEL_TAKER,
    ) -> None:
        self.id = order_id
        self.account = account
        self.side = side
        self.quantity = quantity
        self.price = price
        self.self_trade = self_trade
        self.is_plain = True

    def hold_back(self) -> None:
        """Show all of it; icebergs do not (special.py)."""

    def gather(self) -> None:
        """Make one quantity of what is shown and what is not: plain orders are one already."""


class Level:
    """The orders waiting at one price, a doubly linked list from the oldest to the newest."""

    __slots__ = ("first", "key", "last", "price", "quantity")

    def __init__(self, key: int, price: int) -> None:
        self.key = key
        self.price = price
        self.quantity = 0
        self.first: Order | None = None
        self.last: Order | None = None

    def unlink(self, order: Order) -> None:
        """Take `order` out of the queue, wherever in it it stands. O(1)."""
        ahead, behind = order.ahead, order.behind
        if ahead is None:
            self.first = behind
        else:
            ahead.behind = behind
        if behind is None:
            self.last = ahead
        else:
            behind.ahead = ahead
        self.quantity -= order.quantity

    def reduce(self, order: Order, quantity: int) -> None:
        """Take `quantity` lots, fewer than are open, off `order`; it keeps its place. O(1)."""
        order.quantity -= quantity
        self.quantity -= quantity

    def __iter__(self) -> Iterator[Order]:
        order = self.first
        while order is not None:
            yield order
            order = order.behind


class Levels(Protocol):
    """What an arriving order asks of those who wait on the other side."""

    def best(self) -> Level | None: ...
    def walk(self) -> Iterator[Level]: ...


class Half(Levels, Protocol):
    """What a side of the book must do; naive.py and ladder.py do it differently, for contrast."""

    def at(self, key: int, price: int) -> Level: ...
    def vacated(self, level: Level) -> None: ...


class BookSide:
    """All levels of the bids, or all of the asks."""

    __slots__ = ("empty", "heap", "levels")

    def __init__(self) -> None:
        self.levels: dict[int, Level] = {}
        self.heap: list[int] = []
        self.empty = 0  # levels without orders that are still in the heap

    def at(self, key: int, price: int) -> Level:
        """Return the level at `price`, about to be queued in. O(log levels) for a new price."""
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = Level(key, price)
            heappush(self.heap, key)
        elif level.first is None:
            self.empty -= 1
        return level

    def vacated(self, level: Level) -> None:
        """Note that `level` ran empty; sweep such levels away once they are half of the heap.

        Each level swept was paid for when it ran empty: O(1) amortised.
        """
        self.empty += 1
        if self.empty > EMPTY_LEVELS_MIN and self.empty * 2 > len(self.heap):
            self.levels = {key: level for key, level in self.levels.items() if level.first}
            self.heap = list(self.levels)
            heapify(self.heap)
            self.empty = 0

    def best(self) -> Level | None:
        """Return the level with the best price, or None when nobody waits on this side."""
        heap, levels = self.heap, self.levels
        while heap:
            level = levels[heap[0]]
            if level.first is not None:
                return level
            del levels[heappop(heap)]
            self.empty -= 1
        return None

    def walk(self) -> Iterator[Level]:
        """Yield the levels from the best price on, leaving the heap as it is.

        Taking k levels costs O(k log k): a heap's second best is a child of its best, and so on.
        """
        heap = self.heap
        frontier = [(heap[0], 0)] if heap else []
        while frontier:
            key, index = heappop(frontier)
            for child in (2 * index + 1, 2 * index + 2):
                if child < len(heap):
                    heappush(frontier, (heap[child], child))
            if (level := self.levels[key]).first is not None:
                yield level


class Book:
    """Both sides, and every resting order by its number.

    `bids` and `asks` are what is displayed; `all_bids` and `all_asks` are what trades. `share_out` says
    how a level is traded where it is not first come, first served.
    """

    __slots__ = (
        *("all_asks", "all_bids", "asks", "bids", "every_ask", "every_bid"),
        *("gathers", "hidden_asks", "hidden_bids", "last_price", "orders", "share_out"),
    )

    def __init__(self, side: Callable[[], Half] = BookSide) -> None:
        self.bids, self.hidden_bids = side(), side()
        self.asks, self.hidden_asks = side(), side()
        self.every_bid: Levels = Both(self.bids, self.hidden_bids)
        self.every_ask: Levels = Both(self.asks, self.hidden_asks)
        self.all_bids: Levels = self.bids
        self.all_asks: Levels = self.asks
        self.orders: dict[int, Order] = {}
        self.last_price = 0  # of the last trade; 0: none yet
        self.share_out: Callable[[Book, Level, Order, list[Event]], None] | None = None
        self.gathers = False  # for an auction: whatever arrives waits, and may cross

    def opposite(self, side: Side) -> Levels:
        """Return what an arriving order of `side` trades against."""
        return self.all_asks if side == BUY else self.all_bids

    def rest(self, order: Order) -> None:
        """Let `order` wait behind all others at its price."""
        self.orders[order.id] = order
        half = self.bids if order.side == BUY else self.asks
        if not order.is_plain:
            order.hold_back()
            if order.is_hidden:
                half = self._hidden(order.side)
        order.level = level = half.at(-order.side * order.price, order.price)
        order.ahead = last = level.last
        order.behind = None
        if last is None:
            level.first = order
        else:
            last.behind = order
        level.last = order
        level.quantity += order.quantity

    def remove(self, order: Order) -> None:
        """Take `order` out of the book."""
        del self.orders[order.id]
        level = order.level
        level.unlink(order)
        if level.first is None:
            half = self.bids if order.side == BUY else self.asks
            if not order.is_plain and order.is_hidden:
                half = self._hidden(order.side)
            half.vacated(level)

    def _hidden(self, side: Side) -> Half:
        """Return where hidden orders of `side` wait; from the first of them on, takers look there too."""
        if side == BUY:
            self.all_bids = NOBODY if self.gathers else self.every_bid
            return self.hidden_bids
        self.all_asks = NOBODY if self.gathers else self.every_ask
        return self.hidden_asks

    def gather(self, gathers: bool) -> None:
        """Let whatever arrives wait for an auction, even if it crosses; or let it trade again."""
        self.gathers = gathers
        self.all_bids, self.all_asks = (NOBODY, NOBODY) if gathers else (self.bids, self.asks)
        for side, half in ((BUY, self.hidden_bids), (SELL, self.hidden_asks)):
            if half.best() is not None:
                self._hidden(side)

    def everybody(self, side: Side) -> Levels:
        """Return all who wait on `side`, displayed or hidden, also while they gather."""
        return self.every_bid if side == BUY else self.every_ask

    def halves(self) -> tuple[Half, Half, Half, Half]:
        """Return all that waits: bids, asks, hidden bids, hidden asks."""
        return self.bids, self.asks, self.hidden_bids, self.hidden_asks

    def check(self) -> None:
        """Assert every invariant of this file's docstring; while it gathers it may cross. O(orders)."""
        for half in self.halves():
            if isinstance(half, BookSide):
                empty = sum(level.first is None for level in half.levels.values())
                assert half.empty == empty, f"`empty` is {half.empty}, but {empty} levels are"
            levels = list(half.walk())
            assert [level.key for level in levels] == sorted({level.key for level in levels})
            for level in levels:
                total = sum(order.quantity for order in level)
                assert level.quantity == total, (
                    f"a level says {level.quantity} lots, it has {total}"
                )
                assert all(order.quantity > 0 for order in level), "an order of 0 lots waits"
                assert all(self.orders.get(order.id) is order for order in level), "not in `orders`"
        waiting = sum(1 for half in self.halves() for level in half.walk() for _ in level)
        assert waiting == len(self.orders), "an order is in `orders` but in no level"
        bid, ask = self.all_bids.best(), self.all_asks.best()
        assert bid is None or ask is None or bid.price < ask.price, "the book is crossed"


def demo() -> None:
    """Four orders, one cancel in the middle of a queue, and what is left."""
    book = Book()
    for number, (side, quantity, price) in enumerate(
        [(BUY, 60, 1000), (BUY, 30, 1000), (BUY, 40, 1000), (SELL, 50, 1004)], start=1
    ):
        book.rest(Order(number, account=1, side=side, quantity=quantity, price=price))
    book.remove(book.orders[2])
    for name, half in (("ask", book.asks), ("bid", book.bids)):
        for level in half.walk():
            queue = ", ".join(f"#{order.id} × {order.quantity}" for order in level)
            print(f"{name}  {level.price}  {level.quantity:>4} lots   {queue}")
