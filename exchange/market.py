"""Everything about one symbol: its rules, the phase of its day, and its book.

The engine has one for each symbol, and they share nothing: symbols could live on different machines.
Page: docs/exchange/engine.md
"""

from typing import Any

from exchange.auction import Indication, indication
from exchange.bands import Bands
from exchange.book import Book, Order
from exchange.control import Phase, Rules
from exchange.orders import SelfTrade, Side


class Market:
    """One symbol's market; `due_ns` is when something happens in it by itself, None: never."""

    __slots__ = (
        "bands",
        "book",
        "due_ns",
        "last_price",
        "leaving",
        "parked",
        "phase",
        "rules",
        "symbol",
    )

    def __init__(self, symbol: str, rules: Rules) -> None:
        self.symbol = symbol
        self.rules = rules
        self.phase = Phase.CONTINUOUS
        self.book = Book()
        self.due_ns: int | None = None
        self.bands = Bands(rules) if rules.band_bp or rules.static_bp else None
        self.last_price = 0  # of an auction, and of the trades of a watched market; 0: none yet
        self.parked: dict[int, Order] = {}  # at-close orders, until the closing auction
        self.leaving: dict[
            int, bool
        ] = {}  # who leaves after the auction; whether meant for it only

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

    def park(self, order: Order) -> None:
        """Keep an order out of the book until the closing auction."""
        self.parked[order.id] = order

    def dump(self) -> dict[str, Any]:
        """Return all but the book, for a snapshot."""
        return {
            "rules": [self.rules.matching.value, *self.rules[1:]],
            "phase": self.phase.value,
            "due": self.due_ns,
            "last": self.last_price,
            "parked": [
                (o.id, o.account, o.side, o.quantity, o.price, o.self_trade.value)
                for o in self.parked.values()
            ],
            "leaving": list(self.leaving.items()),
            "bands": self.bands.dump() if self.bands else None,
        }

    def restore(self, dumped: dict[str, Any]) -> None:
        """Become what `dump` described; the book is somebody else's."""
        self.phase = Phase(dumped["phase"])
        self.due_ns, self.last_price = dumped["due"], dumped["last"]
        for number, account, side, quantity, price, self_trade in dumped["parked"]:
            self.park(Order(number, account, Side(side), quantity, price, SelfTrade(self_trade)))
        self.leaving.update(dumped["leaving"])
        if self.bands is not None and dumped["bands"] is not None:
            self.bands.restore(dumped["bands"])
