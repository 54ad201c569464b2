"""What an account may do before its order is let in: checked by the one writer, so nothing comes between.

    new order ─► blocked? too fast? ─► lots, notional, collar ─► credit, shares ─► the book
                                                                    ▲
    every event ─► reserved cash and lots, cash, position ──────────┘

An open buy reserves its limit price × lots, an open sell its lots; a fill turns what was reserved into
cash and position; whatever takes lots out of the market gives them back. It all follows the events, so
replay has the same accounts. Accounts count from the moment at which somebody set limits for them, in the
symbols in which anybody has some.
Invariants: what is reserved is what is open, after every command; cash and shares of all accounts and of
the street (everybody without limits) add up to nothing. Cost: O(1) an event, and nothing for an account
without limits in a symbol without any. Source: SEC rule 15c3-5; two-phase transfers (reserve, then post) as
in any ledger. Page: docs/exchange/risk.md
"""

from collections.abc import Iterable
from typing import Any

from chapters.rate_limit.gcra import Gcra
from chapters.sim.clock import S
from exchange.book import Book, Order
from exchange.control import ALL, NO_LIMITS, ONE_BP, Limits
from exchange.market import Market
from exchange.order_types.special import IN_AUCTIONS, Special
from exchange.orders import (
    BUY,
    PRICE_MAX,
    QUANTITY_MAX,
    SELL,
    Accepted,
    CancelRejected,
    Event,
    Filled,
    New,
    Reason,
    Replace,
    Side,
    Transferred,
)
from exchange.risk.accounts import Account, Open


class Risk:
    """The limits, and the accounts that have some."""

    def __init__(self) -> None:
        self.limits: dict[tuple[int, str], Limits] = {}  # (account, symbol or ALL)
        self.blocked: set[tuple[int, str]] = set()
        self._limited: set[str] = set()  # the symbols of `limits`
        self.accounts: dict[int, Account] = {}
        self.street = Account()  # the other side of every trade with one of them
        self.open: dict[int, Open] = {}  # their orders by number
        self._expected_ns: dict[
            tuple[int, str], int
        ] = {}  # of GCRA: when the next message may come

    def watches(self, symbol: str) -> bool:
        """Return whether any account is limited or blocked in `symbol`."""
        known = [*self.limits, *self.blocked]
        return any(where in (symbol, ALL) for _, where in known)

    def counts(self, symbol: str) -> bool:
        """Return whether accounts follow what happens in `symbol`: all of it, or nothing."""
        return symbol in self._limited or ALL in self._limited

    def set_limits(self, account: int, symbol: str, limits: Limits) -> None:
        """From now on these hold; the account counts from now, unless it does already."""
        self.limits[account, symbol] = limits
        self._limited.add(symbol)
        self.accounts.setdefault(account, Account())

    def allows(self, account: int, symbol: str, now_ns: int) -> Reason | None:
        """Return why the account may send nothing now, or None: it is blocked, or too fast."""
        if (account, symbol) in self.blocked:
            return Reason.BLOCKED
        if account not in self.accounts:
            return None
        for where in (symbol, ALL):
            per_second = self.limits.get((account, where), NO_LIMITS).messages_per_second
            if per_second and not self._in_time(account, where, per_second, now_ns):
                return Reason.TOO_FAST
        return None

    def _in_time(self, account: int, where: str, per_second: int, now_ns: int) -> bool:
        """Let up to a second's messages come at once, and then only as many as it lets."""
        interval_ns = S // per_second
        rule = Gcra(interval_ns, (per_second - 1) * interval_ns)
        expected_ns = self._expected_ns.get((account, where), 0)
        is_let, expected_ns = rule.decide(now_ns, expected_ns)
        self._expected_ns[account, where] = expected_ns
        return is_let

    def refusal(self, wish: New | Replace, side: Side, market: Market) -> Reason | None:
        """Return the limit that `wish` would break, or None.

        A market order costs what the book asks for it now. Nobody knows what one will cost that waits, for
        an auction or for its price; so who has a credit limit buys by such an order with a limit only.
        """
        account = self.accounts.get(wish.account)
        if account is None or not 0 < wish.quantity <= QUANTITY_MAX:
            return None
        lots, price, is_blind = wish.quantity, wish.price, False
        if price is not None:
            cost, worst = lots * price, price
        elif is_blind := market.book.gathers or waits(wish):
            cost = worst = 0
        else:
            cost, worst = sweep(market.book, side, lots)
        before = self.open.get(wish.order_id) if isinstance(wish, Replace) else None
        for where in (wish.symbol, ALL):
            limits = self.limits.get((wish.account, where))
            if limits is not None and (
                _breaks(limits, lots, cost)
                or _beyond(limits.collar_bp, side, worst, market.reference)
                or (is_blind and side == BUY and limits.credit is not None)
                or account.lacks(limits, wish.symbol, where, side, lots, cost, before)
            ):
                return Reason.OVER_LIMIT
        return None

    def follow(self, market: Market, events: Iterable[Event]) -> None:
        """Let the accounts follow what a command did: trades first, then what is open of the orders."""
        touched: dict[int, None] = {}
        for event in events:
            if type(event) is Accepted:
                wish = event.order
                if wish.account in self.accounts:
                    self.open[event.order_id] = Open(wish.account, market.symbol, wish.side, 0, 0)
                    touched[event.order_id] = None
            elif isinstance(event, Filled | Transferred):
                if isinstance(event, Filled):
                    self._trade(event, market.symbol)
                touched[event.maker_id] = touched[event.taker_id] = None
            elif type(event) is CancelRejected:
                continue  # the number may be that of an order in another symbol
            elif (order_id := getattr(event, "order_id", 0)) in self.open:
                touched[order_id] = None
        for order_id in touched:
            if order_id in self.open:
                self._reserve(order_id, market.find(order_id))

    def adopt(self, market: Market, order: Order) -> None:
        """Let an order that is open already count, if it does not yet."""
        if order.id not in self.open:
            self.open[order.id] = Open(order.account, market.symbol, order.side, 0, 0)
            self._reserve(order.id, order)

    def _trade(self, fill: Filled, symbol: str) -> None:
        maker, taker = self.open.get(fill.maker_id), self.open.get(fill.taker_id)
        if maker is None and taker is None:
            return
        maker_side = maker.side if maker else Side(-taker.side)  # type: ignore[union-attr]
        for order, side in ((maker, maker_side), (taker, Side(-maker_side))):
            account = self.accounts[order.account] if order else self.street
            account.trade(symbol, side, fill.quantity, fill.price)

    def _reserve(self, order_id: int, order: Order | None) -> None:
        """Reserve what the order may come to as it is now; None: it is gone."""
        before = self.open[order_id]
        account = self.accounts[before.account]
        if before.lots:  # it has not just arrived
            account.reserve(before, -1)
        if order is None:
            del self.open[order_id]
            return
        lots, price = order.quantity + order.reserve, _limit(order)
        after = Open(before.account, before.symbol, before.side, price, lots)
        self.open[order_id] = after
        account.reserve(after, 1)

    def check(self) -> None:
        """Assert that what is reserved is what is open, and that nothing was made or lost. O(orders)."""
        for number, account in self.accounts.items():
            fresh = Account()
            for order in self.open.values():
                if order.account == number:
                    fresh.reserve(order, 1)
            assert fresh.reserved == account.reserved, (
                f"account {number}: reserved is not what is open"
            )
        everybody = [*self.accounts.values(), self.street]
        assert not sum(each.cash for each in everybody), "cash was made or lost"
        for symbol in {symbol for each in everybody for symbol in each.lots}:
            assert not sum(each.lots.get(symbol, 0) for each in everybody), (
                f"{symbol} was made or lost"
            )

    def dump(self, orders: Iterable[int] | None = None) -> dict[str, Any]:
        """Return all of it in the order in which things came, for a snapshot; of `open`, only `orders`."""
        numbers = self.open if orders is None else orders
        return {
            "limits": [[*key, list(limits)] for key, limits in self.limits.items()],
            "blocked": sorted(self.blocked),
            "accounts": {number: each.dump() for number, each in self.accounts.items()},
            "street": self.street.dump(),
            "open": {number: list(self.open[number]) for number in numbers},
            "expected": [[*key, due] for key, due in self._expected_ns.items()],
        }

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> "Risk":
        """Return the risk that `dump` described."""
        risk = cls()
        for account, symbol, limits in dumped["limits"]:
            risk.limits[account, symbol] = Limits(*limits)
            risk._limited.add(symbol)
        risk.blocked = {(account, symbol) for account, symbol in dumped["blocked"]}
        risk.accounts = {
            int(number): Account.load(each) for number, each in dumped["accounts"].items()
        }
        risk.street = Account.load(dumped["street"])
        risk.open = {int(number): Open(*each) for number, each in dumped["open"].items()}
        risk._expected_ns = {(account, where): due for account, where, due in dumped["expected"]}
        return risk


def waits(wish: New | Replace) -> bool:
    """Return whether an order waits outside of the book, for its price or for an auction."""
    if isinstance(wish, Replace):
        return False
    return wish.terms.has_reference or wish.life in IN_AUCTIONS


def _limit(order: Order) -> int:
    """Return the most that an order pays, in ticks; 0 if it has not said. A peg's is its cap."""
    price = order.cap if isinstance(order, Special) and order.peg is not None else order.price
    return price if 0 < price <= PRICE_MAX else 0


def _breaks(limits: Limits, lots: int, cost: int) -> bool:
    """Return whether one order is too large, in lots or in ticks × lots."""
    return bool(
        (limits.order_lots_max and lots > limits.order_lots_max)
        or (limits.order_notional_max and cost > limits.order_notional_max)
    )


def _beyond(collar_bp: int, side: Side, price: int, reference: int) -> bool:
    """Return whether a price is too far through the reference price, on the side that would hurt."""
    if not collar_bp or not reference or not price:
        return False
    return side * (price - reference) * ONE_BP > reference * collar_bp


def sweep(book: Book, side: Side, lots: int) -> tuple[int, int]:
    """Return (cost in ticks × lots, worst price) of taking `lots` from the other side now."""
    cost = worst = 0
    for level in book.opposite(side).walk():
        if not lots or not 0 < level.price <= PRICE_MAX:
            break
        taken = min(lots, level.quantity)
        cost, worst, lots = cost + taken * level.price, level.price, lots - taken
    return cost, worst


def demo() -> None:
    """A small account buys, is filled, and comes to the end of its credit."""
    from exchange.control import SetLimits
    from exchange.engine import Engine

    engine = Engine(["ACME"])
    engine.apply(SetLimits(7, "ACME", Limits(credit=150_000, short_lots=0)))
    for account, side, lots, price in (
        *((7, BUY, 100, 1000), (2, SELL, 60, 990), (7, BUY, 60, 1000)),
        *((7, SELL, 60, 1010), (7, SELL, 1, 1010)),
    ):
        wish = New(account, str(engine.last_order_id), "ACME", side, lots, price)
        first, *_ = engine.apply(wish)
        said = getattr(getattr(first, "reason", None), "word", "accepted")
        owner = engine.risk.accounts[7]
        name = f"account {account} {'buys' if side == BUY else 'sells'} {lots} @ {price}"
        print(f"{name:<30}{said:<18}cash {owner.cash:>8}  reserved {owner.reserved['']:>7}", end="")
        print(f"  lots {owner.lots.get('ACME', 0):>3}")
