"""A crowd of traders in one regime: an endless, seeded flow of orders, each with its time.

    who comes     a Hawkes process: every message makes another one likelier for a while
    what for      cancel · change · queue at a power-law distance · take what is there
    which side    by the regime's lean, or the next piece of a big order: so signs have a memory

The crowd prices its orders by the book that it sees (`Sight`): its own shadow of it, which is exact as
long as nobody else trades, or the real one. Invariant: the same seed, regime and sight give the same
flow. Cost: O(1) a message, and what the sight costs.
Sources: Hawkes 1971, drawn by Ogata's thinning 1981; Lillo, Mike & Farmer 2005.
Page: docs/exchange/regimes.md
"""

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple, Protocol

from chapters.sim.clock import S
from exchange.book import Order
from exchange.floor.regimes import Regime, mean_of, value_at
from exchange.flow.order_flow import (
    ALLOW,
    CANCEL,
    DISTANCE_MAX,
    HURRY_MAX,
    IOC_SHARE,
    MODIFY,
    MODIFY_SHARE,
    NEW,
    START_PRICE,
    Message,
    Shadow,
)
from exchange.orders import (
    BUY,
    SELL,
    Cancel,
    New,
    Replace,
    SelfTrade,
    Side,
)

HOUSE_ACCOUNT, HOUSE_ACCOUNTS = 900, 50  # the simulated traders'
WARM_UP = 600  # messages that come at once, so that there is a book to look at
PIECES_MAX = 500
LOTS_USUAL_MAX = 100
CANCELS_MAX = 0.8  # share of messages, however many wait
BACKED_OFF = 3  # orders that are looked at for one on the side that is under pressure
FLEETING_NS = 300_000  # from a fleeting order to its cancel


class Sight(Protocol):
    """The book as the crowd sees it, and which of its own orders wait in it."""

    def best(self, side: Side) -> int | None: ...
    def resting(self) -> int: ...
    def pick(self, rng: Random) -> Order: ...
    def drop(self, order_id: int) -> bool: ...


class Timed(NamedTuple):
    """A message, and when it is due, from the beginning on."""

    at_ns: int
    message: Message


class Flow(NamedTuple):
    """A crowd of a mood and a size: what one has to say to have the same one again."""

    regime: Regime
    seed: int
    per_second: float
    warm_up: int = WARM_UP


def alone(flow: Flow) -> Iterator[Timed]:
    """Yield the flow of a crowd that has the market to itself, and so can tell what waits in it."""
    shadow = Shadow()
    for timed in crowd(flow, shadow):
        kind, side, ioc, quantity, _, order_id, price = timed.message
        if kind != CANCEL:
            shadow.enter(Order(order_id, 0, side, quantity, price, ALLOW), ioc)
        yield timed


def crowd(flow: Flow, sight: Sight, *, last_id: int = 0) -> Iterator[Timed]:
    """Yield messages for ever; each must be in the book that `sight` sees before the next is drawn.

    Orders are numbered after `last_id`, for a crowd whose mood has changed.
    """
    rng = Random(flow.seed)
    traders = _Traders(rng, flow.regime, sight, last_id)
    for sequence in range(flow.warm_up):
        yield Timed(0, traders.message(sequence, 0.0))
    sequence = flow.warm_up
    for at_s in arrivals(rng, flow.regime, flow.per_second):
        message = traders.message(sequence, at_s)
        sequence += 1
        yield Timed(round(at_s * S), message)
        if message.kind == NEW and not message.ioc and rng.random() < flow.regime.fleeting:
            gone = message._replace(kind=CANCEL, sequence=sequence)
            if sight.drop(message.order_id):
                sequence += 1
                yield Timed(round(at_s * S) + FLEETING_NS, gone)


def arrivals(rng: Random, regime: Regime, per_second: float) -> Iterator[float]:
    """Yield the seconds at which messages come: `per_second` in the mean, and in bunches.

    A Hawkes process: each message adds to the intensity, and what it adds decays. Drawn by thinning:
    candidates at the greatest intensity that is possible, of which the share that is due is kept.
    """
    # The rest is brought about by other messages.
    base = per_second * (1 - regime.excitement) / mean_of(regime.pace, regime.cycle_s)
    highest = base * max(value for _, value in regime.pace)
    jump = regime.excitement / regime.memory_s
    at_s = excited = 0.0
    while True:
        bound = highest + excited
        gap_s = rng.expovariate(bound)
        at_s += gap_s
        excited *= math.exp(-gap_s / regime.memory_s)
        if rng.random() * bound < base * value_at(regime.pace, at_s % regime.cycle_s) + excited:
            excited += jump
            yield at_s


class _Traders:
    """What whoever comes next wants."""

    def __init__(self, rng: Random, regime: Regime, sight: Sight, last_id: int) -> None:
        self._rng = rng
        self._regime = regime
        self._sight = sight
        self._last_id = last_id
        self._known = {BUY: START_PRICE, SELL: START_PRICE}  # the last best prices seen
        self._big: Side = BUY  # the side of the big order that is being worked
        self._pieces = 0  # that it still has

    def message(self, sequence: int, at_s: float) -> Message:
        """Return the next message, for a book as it is now."""
        rng, regime, lean = self._rng, self._regime, self._regime.lean_at(at_s)
        waiting = self._sight.resting()
        # Each order has its own chance to be taken back, so that their number settles by itself.
        cancels = min(regime.cancels * waiting / regime.resting, CANCELS_MAX)
        draw = rng.random()
        if waiting and draw < cancels + MODIFY_SHARE:
            order = self._backing_off(lean)
            side = order.side
            if draw < cancels:
                return Message(CANCEL, side, 0, order.quantity, sequence, order.id, order.price)
            price = max(1, order.price + rng.choice((-1, 1)))
            return Message(MODIFY, side, 0, order.quantity, sequence, order.id, price)
        self._last_id += 1
        if rng.random() < regime.marketable:
            return self._hurried(sequence, lean)
        return self._patient(sequence)

    def _backing_off(self, lean: float) -> Order:
        """Take an order to cancel; under pressure rather one that stands in its way."""
        order = self._sight.pick(self._rng)
        pressed = BUY if lean < 0 else SELL
        for _ in range(BACKED_OFF):
            if order.side == pressed or self._rng.random() >= abs(lean):
                break
            order = self._sight.pick(self._rng)
        self._sight.drop(order.id)
        return order

    def _patient(self, sequence: int) -> Message:
        side = self._rng.choice((BUY, SELL))
        price = max(1, self._touch(Side(-side)) - side * self._distance())
        lots = self._rng.randint(1, LOTS_USUAL_MAX)
        return Message(NEW, side, 0, lots, sequence, self._last_id, price)

    def _hurried(self, sequence: int, lean: float) -> Message:
        rng, side = self._rng, self._side(lean)
        times = min(int(rng.paretovariate(self._regime.lots)), HURRY_MAX)
        lots = rng.randint(1, LOTS_USUAL_MAX) * times
        through = min(self._distance(), self._regime.slip)
        price = max(1, self._touch(Side(-side)) + side * through)
        ioc = int(rng.random() < IOC_SHARE)
        return Message(NEW, side, ioc, lots, sequence, self._last_id, price)

    def _side(self, lean: float) -> Side:
        """Return which way somebody in a hurry trades: a big order's piece, or on their own."""
        rng = self._rng
        own = BUY if rng.random() < (1 + lean) / 2 else SELL
        if rng.random() >= self._regime.herding:
            return own
        if not self._pieces:
            self._big = own
            self._pieces = min(int(rng.paretovariate(self._regime.pieces)), PIECES_MAX)
        self._pieces -= 1
        return self._big

    def _touch(self, side: Side) -> int:
        best = self._sight.best(side)
        if best is not None:
            self._known[side] = best
        return self._known[side]

    def _distance(self) -> int:
        reach = self._regime.reach
        drawn = int(reach * self._rng.paretovariate(self._regime.distance))
        return min(drawn - reach + 1, DISTANCE_MAX)


Wish = New | Cancel | Replace


def command_of(message: Message, symbol: str, number: Callable[[int], int], run: str = "") -> Wish:
    """Return the exchange's command for `message`.

    `number` gives the exchange's number of an order by the crowd's own; `run` makes client ids of one
    crowd others than those of the crowd before it.
    """
    kind, side, _, quantity, sequence, order_id, price = message
    account = HOUSE_ACCOUNT + order_id % HOUSE_ACCOUNTS
    if kind == CANCEL:
        return Cancel(account, symbol, number(order_id))
    if kind == MODIFY:
        return Replace(account, symbol, number(order_id), quantity, price)
    wish = (account, f"{run}{sequence}", symbol, side, quantity, price, message.life)
    return New(*wish, self_trade=SelfTrade.ALLOW)
