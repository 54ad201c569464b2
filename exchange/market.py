"""Everything about one symbol: its rules, the phase of its day, its book, and those who wait beside it.

    in the book     by price, then time; displayed or hidden
    stops           until a trade reaches their price
    pegs            all of them; those with nothing to follow are in no book
    parked          at-close orders, until the closing auction

The engine has one for each symbol, and they share nothing: symbols could live on different machines.
Page: docs/exchange/engine.md
"""

from exchange.book import Book, Order
from exchange.control import Matching, Phase, Rules
from exchange.order_types.pro_rata import share_out
from exchange.order_types.special import Special
from exchange.order_types.stops import Stops
from exchange.sessions.auction import Indication, indication
from exchange.sessions.bands import Bands


class Market:
    """One symbol's market; `due_ns` is when something happens in it by itself, None: never."""

    __slots__ = (
        *("alarm_ns", "bands", "book", "dated", "due_ns", "parked", "pegs"),
        *("phase", "rules", "stops", "sweep_at", "symbol"),
    )

    def __init__(self, symbol: str, rules: Rules) -> None:
        self.symbol = symbol
        self.rules = rules
        self.phase = Phase.CONTINUOUS
        self.book = Book()
        if rules.matching is Matching.PRO_RATA:
            self.book.share_out = share_out
        self.due_ns: int | None = None
        self.stops = Stops()
        self.pegs: dict[int, Special] = {}  # oldest first
        self.dated: list[tuple[int, int]] = []  # a heap of expiry and order, and
        self.bands = Bands(rules) if rules.band_bp or rules.static_bp else None
        self.alarm_ns: int | None = None  # when a limit state or a pause ends
        self.parked: dict[int, Special] = {}  # at-close orders, until the closing auction
        self.sweep_at = 0  # the length at which those that are gone are swept out of it: lives.py

    @property
    def last_price(self) -> int:
        """The price of the last trade; 0: nothing has traded yet."""
        return self.book.last_price

    @last_price.setter
    def last_price(self, price: int) -> None:
        self.book.last_price = price

    @property
    def is_plain(self) -> bool:
        """Return whether orders simply trade here: no phase, no bands to ask."""
        return self.phase is Phase.CONTINUOUS and self.bands is None

    @property
    def reference(self) -> int:
        """Return the price that an auction, a collar or a band begins from; 0: nobody knows one."""
        if self.bands is not None and self.bands.reference:
            return self.bands.reference
        return self.last_price or self.rules.reference_price

    def indication(self) -> Indication | None:
        """Return what an auction of the orders here would come to now."""
        return indication(self.book, self.reference, self.rules.tick)

    def set_phase(self, phase: Phase) -> None:
        """Be in `phase`: outside of continuous trading orders gather."""
        self.phase = phase
        self.book.gather(phase is not Phase.CONTINUOUS)

    def set_alarm(self, at_ns: int | None) -> None:
        """Let a `Tick` come at `at_ns`, in place of the alarm that there was; None: let none come."""
        self.alarm_ns = at_ns
        self.due_ns = self.dated[0][0] if self.dated else None
        if at_ns is not None:
            self.wake(at_ns)

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
            or self.parked.get(order_id)
        )

    def everyone(self) -> list[Order]:
        """Return all open orders, oldest first."""
        everyone = {**self.book.orders, **self.stops.orders, **self.pegs, **self.parked}
        return [everyone[number] for number in sorted(everyone)]

    def take_out(self, order: Order) -> int:
        """Remove an open order from wherever it waits; return the lots that were open."""
        if order.id in self.book.orders:
            self.book.remove(order)
        elif order.id in self.stops.orders:
            self.stops.remove(self.stops.orders[order.id])
        self.pegs.pop(order.id, None)
        self.parked.pop(order.id, None)
        return order.quantity + order.reserve
