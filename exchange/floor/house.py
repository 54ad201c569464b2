"""The simulated traders of a running exchange: a crowd that sees the real book, others' orders included.

    best(side)  ◄── the exchange's depth              what they price by
    pick, drop  ◄── their own orders, by number       what they can take back

Their shadow of the book would be wrong from the first order that a person enters. So they look at the
real one, and believe of their own orders what they were told, until they look.
Page: docs/exchange/regimes.md
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from random import Random
from typing import Protocol

from chapters.errors import KitError
from chapters.sim.clock import S, SleepingClock
from exchange.book import Order
from exchange.floor.crowd import WARM_UP, Flow, command_of, crowd
from exchange.floor.regimes import Regime, regime_named
from exchange.flow.order_flow import Message
from exchange.market_data import Depth
from exchange.order_json import Json
from exchange.orders import BUY, Accepted, Command, Replaced, Side
from exchange.sequencer import Sequenced

LOOKS_MAX = 8  # at own orders, for one that still waits
LATE_NS_MAX = 1 * S  # of a flow: whoever is later (a laptop that slept) does not catch up


class Venue(Protocol):
    """The exchange, as far as its simulated traders use it."""

    def enter(self, command: Command) -> Sequenced: ...
    def depth(self, symbol: str, levels: int) -> Depth: ...
    def rests(self, symbol: str, order_id: int) -> bool: ...
    def status(self) -> Json: ...


class Mood:
    """In which regime the simulated traders trade; whoever runs the market may change it."""

    def __init__(self, name: str) -> None:
        self.change(name)

    def change(self, name: str) -> None:
        """Let them trade in another regime from now on. Raises `UsageError`."""
        self.regime: Regime = regime_named(name)
        self.name = name


class House:
    """The real book as a crowd sees it, and the numbers of the crowd's own orders in it."""

    def __init__(self, venue: Venue, symbol: str) -> None:
        self._venue = venue
        self._symbol = symbol
        self._numbers: dict[int, int] = {}  # the crowd's number of an order → the exchange's
        self._live: list[Order] = []
        self._places: dict[int, int] = {}  # the crowd's number → its place in `_live`
        self.last_id = 0

    def best(self, side: Side) -> int | None:
        """Return the best price of `side`."""
        _, bids, asks = self._venue.depth(self._symbol, 1)
        levels = bids if side == BUY else asks
        return levels[0].price if levels else None

    def resting(self) -> int:
        """Return how many of the crowd's orders wait, as far as it knows."""
        return len(self._live)

    def pick(self, rng: Random) -> Order:
        """Return one of them by chance; those that turn out to be gone are forgotten on the way."""
        order = self._live[rng.randrange(len(self._live))]
        for _ in range(LOOKS_MAX):
            if len(self._live) == 1 or self._venue.rests(self._symbol, self._numbers[order.id]):
                break
            self.drop(order.id)
            self._numbers.pop(order.id)
            order = self._live[rng.randrange(len(self._live))]
        return order

    def drop(self, order_id: int) -> bool:
        """Count that order no longer; return whether it was counted."""
        if (place := self._places.pop(order_id, None)) is None:
            return False
        last = self._live.pop()
        if last.id != order_id:
            self._live[place] = last
            self._places[last.id] = place
        return True

    def enter(self, message: Message, run: str) -> None:
        """Hand the message in at the exchange, and remember an order that rests now."""
        number = self._numbers.get
        wish = command_of(message, self._symbol, lambda own: number(own, 0), run)
        first = self._venue.enter(wish).events[0]
        self.last_id = max(self.last_id, message.order_id)
        if isinstance(first, Accepted | Replaced):
            self._numbers[message.order_id] = first.order_id
        if self._venue.rests(self._symbol, self._numbers.get(message.order_id, 0)):
            self._places[message.order_id] = len(self._live)
            lots = message.quantity
            self._live.append(Order(message.order_id, 0, message.side, lots, message.price))
        else:
            self._numbers.pop(message.order_id, None)


def trade(
    venue: Venue,
    symbol: str,
    mood: Mood,
    *,
    clock: SleepingClock,
    seed: int,
    per_second: float,
    run: str,
) -> Iterator[Message]:
    """Be a market of simulated traders for ever; yield each message once it is entered.

    `run` tells the client ids of this run from those of an earlier one on the same journal.
    """
    house = House(venue, symbol)
    for change in count():
        regime = mood.regime
        flow = Flow(regime, seed + change, per_second, 0 if change else WARM_UP)
        start_ns = clock.now_ns()
        for timed in crowd(flow, house, last_id=house.last_id):
            start_ns = max(start_ns, clock.now_ns() - timed.at_ns - LATE_NS_MAX)
            clock.sleep_until(start_ns + timed.at_ns)
            house.enter(timed.message, f"{run}-{change}-")
            yield timed.message
            if mood.regime is not regime:
                break


def trade_while_open(
    venue: Venue, symbol: str, mood: Mood, clock: SleepingClock, *, seed: int, per_second: float
) -> None:
    """Be a market until the exchange takes no more orders; its status says why."""
    run = str(venue.status()["sequence"])
    with suppress(KitError):
        for _ in trade(venue, symbol, mood, clock=clock, seed=seed, per_second=per_second, run=run):
            pass
