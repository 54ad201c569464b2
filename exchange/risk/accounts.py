"""One account's cash and shares, and how much of both its open orders have spoken for.

    cash + credit − reserved cash  ≥ 0        lots + short lots − reserved lots  ≥ 0

Cash is in ticks × lots and begins at nothing: what a bank has lent or a client has brought is the
credit; what lies with the custodian is what may be sold short of nothing. A fill moves both sides at once.
Invariant: `reserved` is the sum over the account's open orders. Cost: O(1). Page: docs/exchange/risk.md
"""

from dataclasses import dataclass
from typing import Any

from exchange.control import ALL, Limits
from exchange.orders import BUY, SELL, Side

CASH = ""  # the name under which open buys of all symbols are reserved


@dataclass(slots=True)
class Open:
    """What is open of an order, as of the last event; a market order's price is 0, as nobody knows it."""

    account: int
    symbol: str
    side: Side
    price: int = 0
    lots: int = 0

    def dump(self) -> list[Any]:
        """Return all of it, for a snapshot."""
        return [self.account, self.symbol, self.side, self.price, self.lots]


class Account:
    """What it has, and what it has promised."""

    __slots__ = ("cash", "lots", "reserved", "spent")

    def __init__(self) -> None:
        self.cash = 0  # ticks × lots, of all symbols
        self.spent: dict[str, int] = {}  # the same, by symbol
        self.lots: dict[str, int] = {}
        # (side, symbol) in one word: open buys in ticks × lots, open sells in lots
        self.reserved: dict[str, int] = {CASH: 0}

    def reserve(self, order: Open, sign: int) -> None:
        """Set aside what an open order may come to; with `sign` −1, give it back."""
        if order.side == BUY:
            cost = sign * order.price * order.lots
            self.reserved[CASH] += cost
            self._add(_buys(order.symbol), cost)
        else:
            self._add(_sells(order.symbol), sign * order.lots)

    def trade(self, symbol: str, side: Side, lots: int, price: int) -> None:
        """Move cash one way and shares the other."""
        self.cash -= side * lots * price
        self.spent[symbol] = self.spent.get(symbol, 0) + side * lots * price
        self.lots[symbol] = self.lots.get(symbol, 0) + side * lots

    def lacks(
        self,
        limits: Limits,
        symbol: str,
        where: str,
        side: Side,
        lots: int,
        cost: int,
        before: Open | None = None,
    ) -> bool:
        """Return whether an order, in place of `before`, would promise more than there is."""
        if side == SELL:
            if limits.short_lots is None:
                return False
            promised = self.reserved.get(_sells(symbol), 0) - (before.lots if before else 0)
            return self.lots.get(symbol, 0) + limits.short_lots < promised + lots
        if limits.credit is None:
            return False
        cash = self.cash if where == ALL else -self.spent.get(symbol, 0)
        promised = self.reserved.get(CASH if where == ALL else _buys(symbol), 0)
        promised -= before.price * before.lots if before else 0
        return cash + limits.credit < promised + cost

    def _add(self, name: str, amount: int) -> None:
        total = self.reserved.get(name, 0) + amount
        if total:
            self.reserved[name] = total
        else:
            self.reserved.pop(name, None)

    def dump(self) -> list[Any]:
        """Return all of it, for a snapshot."""
        return [self.cash, self.spent, self.lots, self.reserved]

    @classmethod
    def load(cls, dumped: list[Any]) -> "Account":
        """Return the account that `dump` described."""
        account = cls()
        account.cash, account.spent, account.lots, account.reserved = dumped
        return account


def _buys(symbol: str) -> str:
    return f"buys {symbol}"


def _sells(symbol: str) -> str:
    return f"sells {symbol}"
