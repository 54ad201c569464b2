"""A recorded order flow through the real engine, and one digest over everything it reported.

    flow file ──► message ──► command(s) ──► engine ──► report lines ──► SHA-256

Two matching engines that report the same digest made the same two million decisions. A report line is
`type,sequence,fields…`, sorted by (sequence, type):

    0 accepted  side, order, price, quantity      3 modified         side, order, price, quantity
    1 trade     price, quantity, maker, taker     4 cancel rejected  order
    2 canceled  side, order, price                5 modify rejected  order

A modify loses its place whatever it changes (cancel, then a new order), and may trade. Source: the
report grammar of flash1-dev/matching-engine-benchmark. Page: docs/exchange/order-flow.md
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from exchange.book import Order
from exchange.engine import Engine
from exchange.flow.order_flow import CANCEL, MODIFY, SIDES, Message
from exchange.orders import (
    Cancel,
    Canceled,
    Filled,
    New,
    SelfTrade,
)

SYMBOL = "FLOW"
ACCOUNT = 1
PROGRESS_EVERY = 10_000  # messages


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to; `digest` is over all `reports` lines."""

    messages: int
    reports: int
    trades: int
    resting: int
    digest: str


class Venue:
    """The engine behind the flow's own order numbers."""

    def __init__(self) -> None:
        self.engine = Engine([SYMBOL])
        self.book = self.engine.books[SYMBOL]
        self._ours: dict[int, int] = {}  # the flow's order id → the engine's
        self._theirs = [0]  # the engine's order id → the flow's

    def report(self, message: Message) -> list[str]:
        """Return the report lines of one message."""
        kind, way, _, quantity, sequence, order_id, price = message
        side = SIDES.index(way)
        if kind == CANCEL:
            if (order := self._cancel(order_id)) is None:
                return [f"4,{sequence},{order_id}"]
            return [f"2,{sequence},{side},{order_id},{order.price}"]
        if kind == MODIFY:
            if self._cancel(order_id) is None:
                return [f"5,{sequence},{order_id}"]
            return [*self._enter(message), f"3,{sequence},{side},{order_id},{price},{quantity}"]
        return [f"0,{sequence},{side},{order_id},{price},{quantity}", *self._enter(message)]

    def _cancel(self, order_id: int) -> Order | None:
        """Cancel the order and return it as it last was, or None when it does not rest."""
        number = self._ours.get(order_id, 0)
        order = self.book.orders.get(number)
        (event,) = self.engine.apply(Cancel(ACCOUNT, SYMBOL, number))
        return order if isinstance(event, Canceled) else None

    def _enter(self, message: Message) -> list[str]:
        _, way, _, quantity, sequence, order_id, price = message
        wish = (ACCOUNT, str(sequence), SYMBOL, way, quantity, price, message.life)
        _, *events = self.engine.apply(New(*wish, False, SelfTrade.ALLOW))
        self._ours[order_id] = self.engine.last_order_id
        self._theirs.append(order_id)
        theirs = self._theirs
        lines: list[str] = []
        for event in events:
            if isinstance(event, Filled):
                maker, taker = theirs[event.maker_id], theirs[event.taker_id]
                lines.append(f"1,{sequence},{event.price},{event.quantity},{maker},{taker}")
            else:
                lines.append(f"2,{sequence},{SIDES.index(way)},{order_id},{price}")
        return lines


def replay(
    messages: Iterable[Message], *, on_progress: Callable[[int], object] = lambda done: None
) -> Replayed:
    """Play all `messages` through an engine; return the counts and the digest of its reports."""
    venue, digest = Venue(), sha256()
    done = reports = trades = 0
    separator = b""
    for done, message in enumerate(messages, start=1):
        lines = venue.report(message)
        reports += len(lines)
        trades += len(lines) - 1
        digest.update(separator + "\n".join(lines).encode())
        separator = b"\n"
        if done % PROGRESS_EVERY == 0:
            on_progress(done)
    return Replayed(done, reports, trades, len(venue.book.orders), digest.hexdigest())


def demo(seed: int = 7, messages: int = 20_000) -> None:
    """A seeded market through the engine."""
    from random import Random

    from exchange.flow.order_flow import generate

    print(replay(generate(Random(seed), messages)))
