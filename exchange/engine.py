"""The exchange as a pure function: a command in, its events out, and the books as they are after it.

    apply(New | Cancel | Replace) ──► [Accepted, Filled, Filled, Canceled …]

No clock, no chance, no input or output, no order that depends on hashing. So the commands alone decide
the state, and whoever replays the journal of commands has the same exchange again.
Invariant: applying the same commands to two engines leaves them with equal `dump()`s.
Cost: what book.py and matching.py cost, and one dict lookup to know a repeated client id.
Source: the article's deterministic core; the idea is LMAX's (Fowler 2011). Page: docs/exchange/engine.md
"""

import json
from collections.abc import Iterable, Mapping

from exchange.book import Book, Order
from exchange.control import Rules
from exchange.market import Market
from exchange.matching import enter, replace
from exchange.orders import (
    DAY,
    IMMEDIATE_OR_CANCEL,
    NO_LIMIT,
    PLAIN,
    PRICE_MAX,
    QUANTITY_MAX,
    Accepted,
    Cancel,
    CancelAll,
    Canceled,
    CancelRejected,
    Command,
    Event,
    New,
    Reason,
    Rejected,
    Replace,
    SelfTrade,
    Side,
)

ORDERS_MAX = 50_000_000  # a day; each is remembered by its client id, so that none runs twice
BY_CLIENT = Reason.BY_CLIENT
NOBODY: dict[str, int] = {}  # the client ids of an account that has entered nothing
NO_BOOK = Book()  # the book of a symbol that is not traded: always empty


class Engine:
    """Markets by symbol, and who has used which client id.

    `symbols` may say each one's `Rules`; without, they are the plain ones, and trading is continuous.
    """

    def __init__(self, symbols: Iterable[str] | Mapping[str, Rules]) -> None:
        rules = symbols if isinstance(symbols, Mapping) else dict.fromkeys(symbols, Rules())
        self.markets = {symbol: Market(symbol, rules[symbol]) for symbol in rules}
        self.books = {symbol: market.book for symbol, market in self.markets.items()}
        self.now_ns = 0  # of the last command; never goes back
        # account → client id → order id
        self.client_ids: dict[int, dict[str, int]] = {}
        self.last_order_id = 0

    def apply(self, command: Command, now_ns: int = 0) -> list[Event]:
        """Return what `command`, sequenced at `now_ns`, did, in the order in which it happened.

        Never raises. A time before the last command's counts as that one's: clocks are set back.
        """
        if now_ns > self.now_ns:
            self.now_ns = now_ns
        if type(command) is New:  # half the cost of isinstance, a million times a second
            return self._new(command)
        if type(command) is Cancel:
            return self._cancel(command)
        if type(command) is Replace:
            return self._replace(command)
        return self._rare(command)

    def overdue(self, now_ns: int) -> list[str]:
        """Return the symbols in which something is due by `now_ns`: each needs a `Tick`."""
        return [
            symbol
            for symbol, market in self.markets.items()
            if market.due_ns is not None and market.due_ns <= now_ns
        ]

    def order_id(self, account: int, client_id: str) -> int | None:
        """Return the number that an account's order was given, or None when it was never accepted."""
        return self.client_ids.get(account, {}).get(client_id)

    def _new(self, wish: New) -> list[Event]:
        account, client_id, symbol, side, quantity, price, life, post_only, self_trade, terms = wish
        book = self.books.get(symbol)
        known = self.client_ids.get(account, NOBODY)
        if book is None:
            return [Rejected(wish, Reason.UNKNOWN_SYMBOL)]
        if client_id in known:
            return [Rejected(wish, Reason.DUPLICATE_CLIENT_ID)]
        if not 0 < quantity <= QUANTITY_MAX:
            return [Rejected(wish, Reason.BAD_QUANTITY)]
        if terms is not PLAIN and terms != PLAIN:
            return [Rejected(wish, Reason.BAD_TERMS)]
        if price is None:
            price = side * NO_LIMIT
            life = IMMEDIATE_OR_CANCEL if life is DAY else life
        elif not 0 < price <= PRICE_MAX:
            return [Rejected(wish, Reason.BAD_PRICE)]
        if post_only and (wish.price is None or would_cross(book, side, price)):
            return [Rejected(wish, Reason.WOULD_CROSS)]
        number = self.last_order_id + 1
        if number > ORDERS_MAX:
            return [Rejected(wish, Reason.TOO_MANY_ORDERS)]
        if known is NOBODY:
            known = self.client_ids[account] = {}
        self.last_order_id = known[client_id] = number
        events: list[Event] = [Accepted(number, wish)]
        enter(book, Order(number, account, side, quantity, price, self_trade), life, events)
        return events

    def _cancel(self, wish: Cancel) -> list[Event]:
        account, symbol, order_id = wish
        book = self.books.get(symbol, NO_BOOK)
        order = book.orders.get(order_id)
        if order is None or order.account != account:
            return [CancelRejected(account, order_id, self._why_not(wish))]
        book.remove(order)
        return [Canceled(order_id, order.quantity, BY_CLIENT)]

    def _replace(self, wish: Replace) -> list[Event]:
        account, symbol, order_id, quantity, price = wish
        book = self.books.get(symbol, NO_BOOK)
        order = book.orders.get(order_id)
        if order is None or order.account != account:
            return [CancelRejected(account, order_id, self._why_not(wish))]
        if not 0 < quantity <= QUANTITY_MAX:
            return [CancelRejected(account, order_id, Reason.BAD_QUANTITY)]
        if not 0 < price <= PRICE_MAX:
            return [CancelRejected(account, order_id, Reason.BAD_PRICE)]
        events: list[Event] = []
        replace(book, order, wish, events)
        return events

    def _rare(self, command: Command) -> list[Event]:
        if isinstance(command, CancelAll):
            return self._cancel_all(command)
        return []

    def _cancel_all(self, wish: CancelAll) -> list[Event]:
        book = self.books.get(wish.symbol, NO_BOOK)
        theirs = [order for order in book.orders.values() if order.account == wish.account]
        for order in theirs:
            book.remove(order)
        return [Canceled(order.id, order.quantity, Reason.ALL_OF_ACCOUNT) for order in theirs]

    def _why_not(self, wish: Cancel | Replace) -> Reason:
        """Return why the order that `wish` names is not there for its account."""
        if wish.symbol not in self.books:
            return Reason.UNKNOWN_SYMBOL
        theirs = wish.order_id in self.books[wish.symbol].orders
        was_here = 0 < wish.order_id <= self.last_order_id
        return Reason.TOO_LATE if was_here and not theirs else Reason.UNKNOWN_ORDER

    def dump(self) -> bytes:
        """Return the whole state as canonical JSON: equal engines give equal bytes."""
        books = {symbol: _dump_book(book) for symbol, book in self.books.items()}
        state = {"last": self.last_order_id, "books": books, "clients": self.client_ids}
        return json.dumps(state, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def load(cls, dumped: bytes) -> "Engine":
        """Return the engine that `dump` described. Raises `ValueError` when it is no dump."""
        state = json.loads(dumped)
        engine = cls(list(state["books"]))
        engine.last_order_id = state["last"]
        engine.client_ids.update({int(account): ids for account, ids in state["clients"].items()})
        for symbol, orders in state["books"].items():
            for number, account, side, quantity, price, self_trade in orders:
                order = Order(number, account, Side(side), quantity, price, SelfTrade(self_trade))
                engine.books[symbol].rest(order)
        return engine


def would_cross(book: Book, side: Side, price: int) -> bool:
    """Return whether an order of `side` at `price` would trade at once."""
    best = book.opposite(side).best()
    return best is not None and best.key <= side * price


def _dump_book(book: Book) -> list[tuple[int, int, int, int, int, str]]:
    # Best price first, oldest first: queued again in this order, every order has its place back.
    return [
        (order.id, order.account, order.side, order.quantity, order.price, order.self_trade.value)
        for half in (book.bids, book.asks)
        for level in half.walk()
        for order in level
    ]


def demo() -> None:
    """An order rests, half of it trades, its owner is too late to cancel the part that is gone."""
    from exchange.orders import BUY, SELL

    engine = Engine(["ACME"])
    for command in (
        New(account=1, client_id="a", symbol="ACME", side=BUY, quantity=100, price=1000),
        New(account=2, client_id="b", symbol="ACME", side=SELL, quantity=60, price=None),
        New(account=1, client_id="a", symbol="ACME", side=BUY, quantity=100, price=1000),
        Cancel(account=1, symbol="ACME", order_id=1),
        Cancel(account=1, symbol="ACME", order_id=1),
    ):
        print(f"{type(command).__name__:<8}", *engine.apply(command), sep="\n         → ")
