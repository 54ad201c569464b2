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
from typing import Any

from exchange.book import Order
from exchange.control import ALL, Block, Rules, SetLimits, SetPhase, Tick
from exchange.market import Market
from exchange.matching import enter, replace, would_cross
from exchange.order_types.cascade import arrive, settle
from exchange.order_types.changes import change
from exchange.order_types.lives import expire, remember
from exchange.order_types.pegs import PEGS_MAX
from exchange.order_types.special import Special, why_not
from exchange.orders import (
    DAY,
    FILL_OR_KILL,
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
)
from exchange.risk import guarded
from exchange.risk.limits import Risk
from exchange.rows import dump_beside, dump_book, load_market, load_names, rules_of
from exchange.sessions import phases

ORDERS_MAX = 50_000_000  # a day; each is remembered by its client id, so that none runs twice
BY_CLIENT = Reason.BY_CLIENT
PLAIN_LIVES = (DAY, IMMEDIATE_OR_CANCEL, FILL_OR_KILL)
NOBODY: dict[str, int] = {}  # the client ids of an account that has entered nothing
NO_MARKET = Market("", Rules())  # that of a symbol that is not traded: always empty


class Engine:
    """Markets by symbol, and who has used which client id.

    `symbols` may say each one's `Rules`; without, they are the plain ones, and trading is continuous.
    """

    def __init__(self, symbols: Iterable[str] | Mapping[str, Rules]) -> None:
        rules = symbols if isinstance(symbols, Mapping) else dict.fromkeys(symbols, Rules())
        self.markets = {symbol: Market(symbol, rules[symbol]) for symbol in rules}
        self.books = {symbol: market.book for symbol, market in self.markets.items()}
        self.risk = Risk()
        self.watched: dict[str, Market] = {}  # those whose orders go the long way, by guarded.py
        for symbol in self.markets:
            self._watch(symbol)
        self.now_ns = 0  # of the last command; never goes back
        self.at_ns = 0  # of this command as the journal has it: dates are held against it
        # account → client id → order id
        self.client_ids: dict[int, dict[str, int]] = {}
        self.last_order_id = 0

    def apply(self, command: Command, now_ns: int = 0) -> list[Event]:
        """Return what `command`, sequenced at `now_ns`, did, in the order in which it happened.

        Never raises. A time before the last command's counts as that one's: clocks are set back.
        """
        if now_ns != self.at_ns:
            self.at_ns = now_ns
            self.now_ns = max(self.now_ns, now_ns)
        if self.watched and command.symbol in self.watched:
            return self._long(self.watched[command.symbol], command)
        if type(command) is New:  # half the cost of isinstance, a million times a second
            return self._new(command)
        if type(command) is Cancel:
            return self._cancel(command)
        if type(command) is Replace:
            return self._replace(command)
        return self._rare(command)

    def due_ns(self) -> int | None:
        """Return when something happens by itself, in any symbol; None: never."""
        return min((m.due_ns for m in self.markets.values() if m.due_ns is not None), default=None)

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

    def _long(self, market: Market, command: Command) -> list[Event]:
        """Apply a command to a market that is not plain: phase, limits and bands are asked first."""
        if type(command) is New and self.order_id(command.account, command.client_id) is None:
            events = guarded.new(market, self.risk, self.now_ns, command, self._new)
        elif type(command) is Replace:
            events = guarded.replace(market, self.risk, self.now_ns, command, self._replace)
        elif type(command) is Cancel:
            events = self._cancel(command)
        else:  # a name that is known is a duplicate first of all
            return self._new(command) if type(command) is New else self._rare(command)
        guarded.follow(market, self.risk, self.now_ns, events)
        return events

    def _watch(self, symbol: str) -> None:
        """Let the orders of `symbol` go the long way from now on, or the short one again."""
        market = self.markets[symbol]
        if market.is_plain and not self.risk.watches(symbol):
            self.watched.pop(symbol, None)
        else:
            self.watched[symbol] = market

    def _new(self, wish: New, is_watched: bool = False) -> list[Event]:
        account, client_id, symbol, side, quantity, price, life, post_only, self_trade, terms = wish
        market = self.markets.get(symbol)
        known = self.client_ids.get(account, NOBODY)
        if market is None:
            return [Rejected(wish, Reason.UNKNOWN_SYMBOL)]
        if client_id in known:
            return [Rejected(wish, Reason.DUPLICATE_CLIENT_ID)]
        if not 0 < quantity <= QUANTITY_MAX:
            return [Rejected(wish, Reason.BAD_QUANTITY)]
        if price is None:
            price = side * NO_LIMIT
            life = IMMEDIATE_OR_CANCEL if life is DAY else life
        elif not 0 < price <= PRICE_MAX:
            return [Rejected(wish, Reason.BAD_PRICE)]
        is_plain = terms is PLAIN or terms == PLAIN
        if not is_plain or post_only or (life is not DAY and life not in PLAIN_LIVES):
            return self._special(market, wish, known)
        number = self.last_order_id + 1
        if number > ORDERS_MAX:
            return [Rejected(wish, Reason.TOO_MANY_ORDERS)]
        if known is NOBODY:
            known = self.client_ids[account] = {}
        self.last_order_id = known[client_id] = number
        events: list[Event] = [Accepted(number, wish)]
        order = Order(number, account, side, quantity, price, self_trade)
        if is_watched:
            life = guarded.held(market, order, life, events)
        enter(market.book, order, life, events)
        if market.pegs or market.stops.orders:
            settle(market, events, 1)
        return events

    def _special(self, market: Market, wish: New, known: dict[str, int]) -> list[Event]:
        """Take an order that asks for more than a price, if what it asks for makes sense."""
        reason, number = self._bad_terms(wish, market), self.last_order_id + 1
        if reason is None and number > ORDERS_MAX:
            reason = Reason.TOO_MANY_ORDERS
        if reason is not None:
            return [Rejected(wish, reason)]
        if known is NOBODY:
            known = self.client_ids[wish.account] = {}
        self.last_order_id = known[wish.client_id] = number
        events: list[Event] = [Accepted(number, wish)]
        arrive(market, Special(number, wish), events)
        if wish.terms.expires_ns:
            remember(market, number, wish.terms.expires_ns)
        settle(market, events, 1)
        return events

    def _bad_terms(self, wish: New, market: Market) -> Reason | None:
        """Return why an order with terms is refused, or None."""
        terms = wish.terms
        reason = phases.refusal(market.phase, wish.life)
        if (reason := reason or why_not(wish, self.at_ns, market.last_price)) is not None:
            return reason
        is_full = market.stops.is_full if terms.trail is not None else False
        if is_full or (terms.peg is not None and len(market.pegs) >= PEGS_MAX):
            return Reason.TOO_MANY_ORDERS
        if not wish.post_only:
            return None
        if wish.price is None:
            crosses = terms.peg is None
        else:
            crosses = not terms.has_reference and would_cross(market.book, wish.side, wish.price)
        return Reason.WOULD_CROSS if crosses else None

    def _cancel(self, wish: Cancel) -> list[Event]:
        account, symbol, order_id = wish
        market = self.markets.get(symbol, NO_MARKET)
        order = market.book.orders.get(order_id)
        if order is None or order.account != account or market.pegs or not order.is_plain:
            return self._cancel_special(market, wish)
        market.book.remove(order)
        return [Canceled(order_id, order.quantity, BY_CLIENT)]

    def _cancel_special(self, market: Market, wish: Cancel) -> list[Event]:
        """Cancel what waits outside of the book, or what others may have been following."""
        order = market.find(wish.order_id)
        if order is None or order.account != wish.account:
            return [CancelRejected(wish.account, wish.order_id, self._why_not(wish))]
        events: list[Event] = [Canceled(order.id, market.take_out(order), BY_CLIENT)]
        settle(market, events, 1)
        return events

    def _replace(self, wish: Replace) -> list[Event]:
        account, symbol, order_id, quantity, price = wish
        market = self.markets.get(symbol, NO_MARKET)
        order = market.find(order_id)
        if order is None or order.account != account:
            return [CancelRejected(account, order_id, self._why_not(wish))]
        if not 0 < quantity <= QUANTITY_MAX:
            return [CancelRejected(account, order_id, Reason.BAD_QUANTITY)]
        if not 0 < price <= PRICE_MAX:
            return [CancelRejected(account, order_id, Reason.BAD_PRICE)]
        events: list[Event] = []
        if isinstance(order, Special):
            if (reason := change(market, order, wish, events)) is not None:
                return [CancelRejected(account, order_id, reason)]
        else:
            replace(market.book, order, wish, events)
        settle(market, events, 1)
        return events

    def _rare(self, command: Command) -> list[Event]:
        events: list[Event] = []
        market = self.markets.get(command.symbol, NO_MARKET)
        if isinstance(command, SetLimits) and (market is not NO_MARKET or command.symbol == ALL):
            guarded.set_limits(self.markets, self.risk, command, events)
            for symbol in self.markets:
                self._watch(symbol)
        if market is NO_MARKET:
            return events
        if isinstance(command, CancelAll):
            guarded.cancel_all(market, command.account, Reason.ALL_OF_ACCOUNT, events)
        elif isinstance(command, Block):
            guarded.block(market, self.risk, command, events)
        elif isinstance(command, SetPhase):
            phases.set_phase(market, command, self.now_ns, events)
        elif isinstance(command, Tick):
            market.due_ns = None
            expire(market, self.at_ns, events)
            guarded.tick(market, self.now_ns, events)
        settle(market, events, 0)
        guarded.follow(market, self.risk, self.now_ns, events)
        self._watch(market.symbol)
        return events

    def _why_not(self, wish: Cancel | Replace) -> Reason:
        """Return why the order that `wish` names is not there for its account."""
        if wish.symbol not in self.books:
            return Reason.UNKNOWN_SYMBOL
        theirs = self.markets[wish.symbol].find(wish.order_id) is not None
        was_here = 0 < wish.order_id <= self.last_order_id
        return Reason.TOO_LATE if was_here and not theirs else Reason.UNKNOWN_ORDER

    def dump(self) -> bytes:
        """Return the whole state as canonical JSON: equal engines give equal bytes."""
        books = {symbol: dump_book(book) for symbol, book in self.books.items()}
        beside = {symbol: dump_beside(market) for symbol, market in self.markets.items()}
        state: dict[str, Any] = {"last": self.last_order_id, "clients": self.client_ids}
        state |= {"books": books, "beside": beside, "risk": self.risk.dump()}
        state["now"] = self.now_ns if self.watched else 0  # in plain markets nothing depends on it
        return json.dumps(state, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def load(cls, dumped: bytes) -> "Engine":
        """Return the engine that `dump` described. Raises `ValueError` when it is no dump."""
        state = json.loads(dumped)
        beside = state["beside"]
        engine = cls({symbol: rules_of(each) for symbol, each in beside.items()})
        engine.last_order_id = state["last"]
        engine.client_ids.update(load_names(state["clients"]))
        for symbol, rows in state["books"].items():
            load_market(engine.markets[symbol], rows, beside[symbol])
        engine.risk, engine.now_ns = Risk.load(state["risk"]), state["now"]
        for symbol in beside:
            engine._watch(symbol)
        return engine


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
