"""How far a price usually goes from one trade to the next: what is a push depends on it.

Memory: two numbers a symbol. Page: docs/exchange/surveillance.md
"""

from exchange.clearing.drop_copy import Execution

MEMORY = 200.0  # trades over which the usual step is averaged


class Steps:
    """The last price of each symbol, and its usual step."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._usual: dict[str, float] = {}

    def hear(self, trade: Execution) -> int:
        """Return by how many ticks a trade moved the price."""
        moved = trade.price - self._last.get(trade.symbol, trade.price)
        self._last[trade.symbol] = trade.price
        usual = self._usual.get(trade.symbol, 1.0)
        self._usual[trade.symbol] = usual + (abs(moved) - usual) / MEMORY
        return moved

    def usual(self, symbol: str) -> float:
        """Return the usual step in ticks, at least one."""
        return max(self._usual.get(symbol, 1.0), 1.0)
