"""A market of simulated traders, so that a page has something to show.

Page: docs/exchange/order-flow.md
"""

import sys
from random import Random
from typing import Protocol

from chapters.sim.clock import S, SleepingClock
from exchange import order_flow
from exchange.order_json import Json
from exchange.orders import (
    BUY,
    DAY,
    IMMEDIATE_OR_CANCEL,
    SELL,
    Accepted,
    Cancel,
    Command,
    New,
)
from exchange.sequencer import Sequenced

HOUSE_ACCOUNT, HOUSE_ACCOUNTS = 900, 50  # the simulated traders'
WARM_UP = 600  # messages that are sent at once, so that there is a book to look at


class Venue(Protocol):
    """Where they trade."""

    def enter(self, command: Command) -> Sequenced: ...
    def status(self) -> Json: ...


def trade(
    target: Venue, symbol: str, *, clock: SleepingClock, seed: int, per_second: float
) -> None:
    """Be a market of simulated traders for ever, so that the page has something to show."""
    rng = Random(seed)
    run = target.status()["sequence"]  # client ids of an earlier run must not come back
    numbers: dict[int, int] = {}
    for message in order_flow.generate(rng, sys.maxsize):
        if message.sequence > WARM_UP:
            clock.sleep_until(clock.now_ns() + round(rng.expovariate(per_second) * S))
        account = HOUSE_ACCOUNT + message.order_id % HOUSE_ACCOUNTS
        if message.kind != order_flow.NEW:
            target.enter(Cancel(account, symbol, numbers.pop(message.order_id, 0)))
        if message.kind != order_flow.CANCEL:
            side = BUY if message.side == order_flow.BUY_SIDE else SELL
            life = IMMEDIATE_OR_CANCEL if message.ioc else DAY
            name, lots = f"{run}-{message.sequence}", message.quantity
            wish = New(account, name, symbol, side, lots, message.price, life)
            first = target.enter(wish).events[0]
            numbers[message.order_id] = first.order_id if isinstance(first, Accepted) else 0
