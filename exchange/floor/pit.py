"""An engine with one crowd on it: the smallest exchange that a regime can be watched on.

    Flow ──► crowd ──► command_of ──► Engine.apply ──► events, depth, trades

No journal, no threads, no clock: time is what the caller says it is. Page: docs/exchange/regimes.md
"""

from collections import deque
from collections.abc import Iterator

from exchange.engine import Engine
from exchange.floor.crowd import Flow, alone, command_of
from exchange.market_data import DepthLevel, Trade, depth_of
from exchange.orders import BUY, SELL, Accepted, Command, Event, Filled, Side

SYMBOL = "ACME"
TRADES_KEPT = 200


class Pit:
    """A seeded market that goes on as far as it is asked to."""

    def __init__(self, flow: Flow) -> None:
        self.engine = Engine([SYMBOL])
        self.book = self.engine.books[SYMBOL]
        self.sequence = 0
        self.trades: deque[Trade] = deque(maxlen=TRADES_KEPT)
        self._flow = alone(flow)
        self._next = next(self._flow)
        self._numbers: dict[int, int] = {}  # the crowd's number of an order → the engine's
        self._sides: dict[int, Side] = {}

    def until(self, at_ns: int) -> Iterator[tuple[Command, list[Event]]]:
        """Apply all that is due by then; yield each command and what it did."""
        while self._next.at_ns <= at_ns:
            message = self._next.message
            command = command_of(message, SYMBOL, lambda own: self._numbers.get(own, 0))
            events = self.engine.apply(command, self._next.at_ns)
            self.sequence += 1
            for event in events:
                self._follow(event, message.order_id)
            yield command, events
            self._next = next(self._flow)

    def run(self, until_ns: int) -> None:
        """Apply all that is due by then."""
        for _ in self.until(until_ns):
            pass

    def depth(self, levels: int) -> tuple[list[DepthLevel], list[DepthLevel]]:
        """Return (bids, asks), the best first."""
        return depth_of(self.book, BUY, levels), depth_of(self.book, SELL, levels)

    def _follow(self, event: Event, own_id: int) -> None:
        if isinstance(event, Accepted):
            self._numbers[own_id] = event.order_id
            self._sides[event.order_id] = event.order.side
        elif isinstance(event, Filled):
            side = self._sides[event.taker_id]
            self.trades.append(Trade(self.sequence, event.price, event.quantity, side))
