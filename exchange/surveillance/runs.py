"""Who makes a price run: one in order to sell to those who follow, one because it needs the shares.

    the book, price after price ◄── push ── crowd runs after it ── ignite: gives it what it bought
                                                                └─ buy_much: keeps it

What both do to the market is the same, and drawn by the same dice. So whoever tells them apart has to look
at what comes afterwards. Page: docs/exchange/surveillance.md
"""

from collections.abc import Generator
from random import Random
from typing import Protocol

from exchange.orders import BUY, SELL, Accepted, Cancel, Command, Event, Filled, New, Side

LARGE = 901  # an account that buys much, and is honest
LARGE_TIMES = 3  # in a market
PUSHES_MAX = 20  # orders; then the market is too deep for it

Step = Generator[int | Command, list[Event], None]  # messages to wait, or what to send now
Bought = tuple[int, int]  # lots, and their mean price


class Market(Protocol):
    """What a script sees and may send."""

    def best(self, side: Side) -> int: ...
    def offered(self, side: Side, price: int) -> int: ...
    def new(self, account: int, side: Side, lots: int, price: int, *, now: bool = ...) -> New: ...


class Runs:
    """Scripts of price runs in a market."""

    def __init__(self, market: Market, rng: Random, accounts: int) -> None:
        self._market = market
        self._rng = rng
        self._accounts = accounts

    def ignite(self, account: int) -> Step:
        """Buys (or sells) through the book, waits for others to follow, and gives them what it has."""
        side = self._rng.choice((BUY, SELL))
        lots, mean = yield from self._push(account, side)
        offer = self._market.new(account, Side(-side), lots, mean + side)
        entered = yield offer
        yield from self._crowd(side, lots)
        for event in entered:
            if isinstance(event, Accepted):
                yield Cancel(account, offer.symbol, event.order_id)

    def buy_much(self) -> Step:
        """A fund that needs the shares: it moves the price as far, is followed too, and keeps them."""
        lots, _ = yield from self._push(LARGE, BUY)
        yield from self._crowd(BUY, lots)

    def _push(self, account: int, side: Side) -> Generator[int | Command, list[Event], Bought]:
        """Take what there is, price after price, until the price has run so many ticks."""
        market, rng = self._market, self._rng
        lots, cost = 1, market.best(Side(-side))
        aim = cost + side * rng.randint(2, 7)
        for _ in range(PUSHES_MAX):
            if side * (market.best(Side(-side)) - aim) >= 0:
                break
            price = market.best(Side(-side)) + side * rng.randint(0, 1)
            wanted = int(market.offered(side, price) * rng.uniform(0.9, 1.3))
            for event in (yield market.new(account, side, wanted, price, now=True)):
                if isinstance(event, Filled):
                    lots, cost = lots + event.quantity, cost + event.quantity * event.price
            yield rng.randint(1, 2)
        return lots, round(cost / lots)

    def _crowd(self, side: Side, lots: int) -> Step:
        """Some who see a price run, and run after it; together they may want what was bought before."""
        market, rng = self._market, self._rng
        for _ in range(rng.randint(3, 8)):
            yield rng.randint(2, 10)
            account, wanted = 1 + rng.randrange(self._accounts), int(lots * rng.uniform(0, 0.4))
            price = market.best(Side(-side)) + side * rng.randint(0, 3)
            yield market.new(account, side, max(wanted, 1), price, now=True)
