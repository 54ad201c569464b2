"""The public's view of the exchange as a stream of page events, built from the journal alone.

    journal ──► Follower ──► View ──► trades, and the depth of whatever changed

A spectator is asked a few times a second and says what has happened since. Depth is conflated: however
much happened, one picture of each book is sent. Trades are not: every one is an event.
Invariant: ids rise, and are the same in every run over the same journal positions.
Page: docs/exchange/market-data.md
"""

from itertools import takewhile

from chapters.portal.history import Event as PageEvent
from exchange.feed.view import View
from exchange.order_json import depth_json, trade_json
from exchange.orders import BUY, SELL
from exchange.sequencer import Follower

IDS_PER_SEQUENCE = 1_024  # ids leave this much room; FeedBook keeps fewer trades than that
DEPTH_LEVELS = 12


class Spectator:
    """The public's view, built from the journal alone, as events for a page."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._view = View(follower.replica.engine, follower.replica.sequence)

    def poll(self) -> list[PageEvent]:
        """Return the trades since the last call, then the depth of each symbol that changed."""
        events: list[PageEvent] = []
        changed: dict[str, int] = {}
        for done in self._follower.poll():
            self._view.apply(done)
            symbol = done.command.symbol
            if symbol in self._view.books:
                events += self._trades(symbol, done.sequence)
                changed[symbol] = done.sequence
        for index, (symbol, sequence) in enumerate(changed.items()):
            book = self._view.books[symbol]
            sides = (book.depth(BUY, DEPTH_LEVELS), book.depth(SELL, DEPTH_LEVELS))
            # Behind all trades: the ids of a stream must rise.
            number = (self._follower.replica.sequence + 1) * IDS_PER_SEQUENCE - len(changed) + index
            events.append(PageEvent(number, "depth", depth_json(symbol, sequence, *sides)))
        return events

    def _trades(self, symbol: str, sequence: int) -> list[PageEvent]:
        newest_first = reversed(self._view.books[symbol].trades)
        recent = list(takewhile(lambda trade: trade.sequence == sequence, newest_first))[::-1]
        return [
            PageEvent(sequence * IDS_PER_SEQUENCE + index, "trade", trade_json(symbol, each))
            for index, each in enumerate(recent)
        ]
