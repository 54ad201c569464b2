"""Everything about one symbol: its rules, the phase of its day, and its book.

The engine has one for each symbol, and they share nothing: symbols could live on different machines.
Page: docs/exchange/engine.md
"""

from exchange.book import Book
from exchange.control import Phase, Rules


class Market:
    """One symbol's market; `due_ns` is when something happens in it by itself, None: never."""

    __slots__ = ("book", "due_ns", "phase", "rules", "symbol")

    def __init__(self, symbol: str, rules: Rules) -> None:
        self.symbol = symbol
        self.rules = rules
        self.phase = Phase.CONTINUOUS
        self.book = Book()
        self.due_ns: int | None = None
