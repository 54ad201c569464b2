"""How far from where it was a price may run before everybody gets time to think.

    ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ upper     whoever wants to buy above it waits at it
          ╭╮    ╭─╮
    ──────╯╰────╯ ╰────  reference: the mean price of the last five minutes' trades
    ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ lower     whoever wants to sell below it waits at it

When somebody is left waiting at a band and nobody answers for fifteen seconds (the *limit state*), trading
pauses for five minutes and begins again with an auction. Xetra's and Euronext's volatility auction is the
same with no seconds to wait: `Rules.limit_state_ns = 0`.
Invariant: no trade of continuous trading is outside of the bands that held before it. Everything is whole
ticks and nanoseconds. Cost: O(1) a trade, amortised. Source: the NMS plan of 2012 (limit up, limit down),
without its tiers, its doubled bands at the open and the close, and the quotations of other markets.
Page: docs/exchange/halts.md
"""

from collections import deque
from typing import Any

from chapters.sim.clock import S
from exchange.book import Book, Order
from exchange.control import ONE_BP, Rules
from exchange.orders import BUY, NO_LIMIT, PRICE_MAX, SELL, Event, Repriced, Side

WINDOW_NS = 300 * S  # trades of five minutes make the reference price
HOLD_NS = 30 * S  # a reference price holds for half a minute at least
MOVE_BP = 100  # and moves only when the mean is a percent away from it
TRADES_KEPT_MAX = 100_000  # of five minutes; the oldest go first


class Bands:
    """A moving reference price and the prices between which its symbol may trade."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._trades: deque[tuple[int, int]] = deque()  # (time, price)
        self._total = 0
        self._since_ns = 0
        self.reference = self._anchor = rules.reference_price
        self._held: list[Order] = []  # stopped by a band in this command
        self.cut: Side | None = None  # whose order was stopped by a band, as long as nobody answers
        self._set()

    def clamp(self, side: Side, price: int) -> int:
        """Return the worst price at which an order with that limit may trade now."""
        return min(price, self.upper) if side == BUY else max(price, self.lower)

    def hold(self, order: Order, events: list[Event]) -> None:
        """Let an arriving order trade no further than the band; what rests of it waits there.

        It is accepted as it was sent, so that it now waits elsewhere is said.
        """
        price = self.clamp(order.side, order.price)
        if price == order.price:
            return
        if abs(order.price) != NO_LIMIT:
            events.append(Repriced(order.id, price))
        order.price = price
        self._held.append(order)

    def note(self, now_ns: int, price: int) -> None:
        """Remember a trade."""
        if not self.reference:
            self.anchor(now_ns, price)
        self._trades.append((now_ns, price))
        self._total += price
        if len(self._trades) > TRADES_KEPT_MAX:
            self._forget()

    def moved(self, now_ns: int) -> bool:
        """Return whether the reference price has just moved to the mean, and the bands with it."""
        trades = self._trades
        while trades and trades[0][0] <= now_ns - WINDOW_NS:
            self._forget()
        if not trades or now_ns < self._since_ns + HOLD_NS:
            return False
        mean = self._total // len(trades)
        if abs(mean - self.reference) * ONE_BP < self.reference * MOVE_BP:
            return False
        self._since_ns, self.reference = now_ns, mean
        self._set()
        return True

    def anchor(self, now_ns: int, price: int) -> None:
        """Begin again from an auction's price: the trades before it no longer count."""
        self._trades.clear()
        self._total = 0
        self._since_ns = now_ns
        self.reference = self._anchor = price
        self.cut = None
        self._set()

    def at_limit(self, book: Book) -> bool:
        """Return whether somebody waits at a band, or was stopped by it, and nobody answers."""
        bid, ask = book.everybody(BUY).best(), book.everybody(SELL).best()
        has_buyer = bid is not None and bid.price >= self.lower
        has_seller = ask is not None and ask.price <= self.upper
        if (self.cut == SELL and has_buyer) or (self.cut == BUY and has_seller):
            self.cut = None
        return (
            self.cut is not None
            or (bid is not None and bid.price >= self.upper)
            or (ask is not None and ask.price <= self.lower)
        )

    def stopped(self) -> None:
        """Note whether an order that was held in this command wanted more than it got."""
        for order in self._held:
            if order.quantity:
                self.cut = order.side
        self._held.clear()

    def _forget(self) -> None:
        self._total -= self._trades.popleft()[1]

    def _set(self) -> None:
        """Put the bands around the reference price; the day's anchor may hold them closer."""
        self.lower, self.upper = 1, PRICE_MAX
        for middle, width_bp in (
            (self.reference, self._rules.band_bp),
            (self._anchor, self._rules.static_bp),
        ):
            if middle and width_bp:
                lower, upper = around(middle, width_bp, self._rules.tick)
                self.lower, self.upper = max(self.lower, lower), min(self.upper, upper)

    def dump(self) -> list[Any]:
        """Return all of it, for a snapshot."""
        trades = [list(trade) for trade in self._trades]
        return [self.reference, self._anchor, self._since_ns, self.cut, trades]

    def restore(self, dumped: list[Any]) -> None:
        """Become what `dump` described."""
        self.reference, self._anchor, self._since_ns, cut, trades = dumped
        self.cut = None if cut is None else Side(cut)
        self._trades.extend((time_ns, price) for time_ns, price in trades)
        self._total = sum(price for _, price in self._trades)
        self._set()


def around(middle: int, width_bp: int, tick: int = 1) -> tuple[int, int]:
    """Return (lower, upper): `width_bp` hundredths of a percent from `middle`, to the nearest tick.

    At least a tick away, so that there is always a price to trade at.
    """
    middle -= middle % tick
    width = max((2 * middle * width_bp + ONE_BP * tick) // (2 * ONE_BP * tick), 1) * tick
    return max(middle - width, tick), middle + width


def pull_in(book: Book, bands: Bands, events: list[Event]) -> None:
    """Let orders that the moving bands have left outside wait at the band, behind who is there."""
    bids, asks = book.everybody(BUY), book.everybody(SELL)
    while (bid := bids.best()) is not None and bid.price > bands.upper:
        _requeue(book, list(bid), bands.upper, events)
    while (ask := asks.best()) is not None and ask.price < bands.lower:
        _requeue(book, list(ask), bands.lower, events)


def _requeue(book: Book, orders: list[Order], price: int, events: list[Event]) -> None:
    for order in orders:
        book.remove(order)
        order.gather()
        order.price = price
        book.rest(order)
        events.append(Repriced(order.id, price))


def demo() -> None:
    """A buyer runs into the band, nobody answers, the market pauses, and an auction ends the pause."""
    from exchange.control import Tick
    from exchange.engine import Engine
    from exchange.orders import Command, New
    from exchange.saying import words

    engine, tick = Engine({"ACME": Rules(reference_price=1000, band_bp=500)}), Tick("ACME")
    steps: list[tuple[int, str, Command]] = [
        (1, "sell 30 @ 1040", New(1, "a", "ACME", SELL, 30, 1040)),
        (2, "buy 100 @ 1200", New(2, "b", "ACME", BUY, 100, 1200)),
        (17, "time passes", tick),
        (60, "sell 120 @ 1045", New(3, "c", "ACME", SELL, 120, 1045)),
        (317, "time passes", tick),
    ]
    for second, name, command in steps:
        said = map(words, engine.apply(command, second * S))
        print(f"{second:>4} s  {name}", *said, sep="\n          → ")
