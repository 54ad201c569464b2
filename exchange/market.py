"""Everything about one symbol: its rules, the phase of its day, its book, and those who wait beside it.

    in the book     by price, then time; displayed or hidden
    stops           until a trade reaches their price
    pegs            all of them; those with nothing to follow are in no book

The engine has one for each symbol, and they share nothing: symbols could live on different machines.
Page: docs/exchange/engine.md
"""

from exchange.book import Book, Order
from exchange.control import Matching, Phase, Rules
from exchange.pro_rata import share_out
from exchange.special import Special
from exchange.stops import Stops


class Market:
    """One symbol's market; `due_ns` is when something happens in it by itself, None: never."""

    __slots__ = (
        *("book", "dated", "due_ns", "last_price", "pegs", "phase", "rules", "stops"),
        *("sweep_at", "symbol"),
    )

    def __init__(self, symbol: str, rules: Rules) -> None:
        self.symbol = symbol
        self.rules = rules
        self.phase = Phase.CONTINUOUS
        self.book = Book()
        if rules.matching is Matching.PRO_RATA:
            self.book.share_out = share_out
        self.due_ns: int | None = None
        self.last_price = 0  # of the last trade; 0: none yet
        self.stops = Stops()
        self.pegs: dict[int, Special] = {}  # oldest first
        self.dated: list[tuple[int, int]] = []  # a heap of expiry and order, and
        self.sweep_at = 0  # the length at which those that are gone are swept out of it: lives.py

    def wake(self, at_ns: int) -> None:
        """See to it that a `Tick` comes at `at_ns`, if none comes before."""
        if self.due_ns is None or at_ns < self.due_ns:
            self.due_ns = at_ns

    def find(self, order_id: int) -> Order | None:
        """Return the open order of that number, wherever it waits."""
        return (
            self.book.orders.get(order_id)
            or self.stops.orders.get(order_id)
            or self.pegs.get(order_id)
        )

    def everyone(self) -> list[Order]:
        """Return all open orders, oldest first."""
        everyone = {**self.book.orders, **self.stops.orders, **self.pegs}
        return [everyone[number] for number in sorted(everyone)]

    def take_out(self, order: Order) -> int:
        """Remove an open order from wherever it waits; return the lots that were open."""
        if order.id in self.book.orders:
            self.book.remove(order)
        elif order.id in self.stops.orders:
            self.stops.remove(self.stops.orders[order.id])
        self.pegs.pop(order.id, None)
        return order.quantity + order.reserve
