"""The public's view of the exchange as a stream of page events, built from the journal alone.

    journal ──► Follower ──► View ──► trades; depth and candles of whatever changed

A spectator is asked a few times a second and says what has happened since. Depth and candles are conflated:
however much happened, one picture of each is sent. Trades are not: every one is an event.
Invariant: ids rise, and are the same in every run over the same journal positions.
Page: docs/exchange/market-data.md
"""

from collections.abc import Iterator
from itertools import takewhile

from chapters.portal.history import Event as PageEvent
from exchange.control import BandsMoved, PhaseChanged, Uncrossed
from exchange.feed.view import View
from exchange.order_json import Json, candle_json, control_json, depth_json, quote_json, trade_json
from exchange.orders import BUY, SELL
from exchange.sequencer import Follower, Sequenced

IDS_PER_SEQUENCE = 1_024  # ids leave this much room; FeedBook keeps fewer trades than that
DEPTH_LEVELS = 40
MARKET_EVENTS = (PhaseChanged, Uncrossed, BandsMoved)


class Spectator:
    """The public's view, built from the journal alone, as events for a page."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._view = View(follower.replica.engine, follower.replica.sequence, charts=True)

    @property
    def place(self) -> int:
        """The id that all later events are above."""
        return (self._follower.replica.sequence + 1) * IDS_PER_SEQUENCE - 1

    def poll(self) -> list[PageEvent]:
        """Return the trades since the last call, then the depth of each symbol that changed."""
        events: list[PageEvent] = []
        changed: dict[str, int] = {}
        traded: set[str] = set()
        for done in self._follower.poll():
            self._view.apply(done)
            symbol = done.command.symbol
            if symbol in self._view.books:
                events += (trades := self._trades(symbol, done.sequence))
                events += _said(done, len(trades))
                changed[symbol] = done.sequence
                traded |= {symbol} if trades else set()
        pictures = [each for symbol in changed for each in self._depth(symbol, changed[symbol])]
        pictures += [
            each for symbol in changed if symbol in traded for each in self._candles(symbol)
        ]
        # Behind all trades: the ids of a stream must rise.
        first = self.place + 1 - len(pictures)
        return [*events, *(PageEvent(first + n, *each) for n, each in enumerate(pictures))]

    def _depth(self, symbol: str, sequence: int) -> Iterator[tuple[str, Json]]:
        book = self._view.books[symbol]
        sides = (book.depth(BUY, DEPTH_LEVELS), book.depth(SELL, DEPTH_LEVELS))
        yield "depth", depth_json(symbol, sequence, *sides)
        yield "quote", quote_json(symbol, sequence, *sides)

    def _candles(self, symbol: str) -> Iterator[tuple[str, Json]]:
        """Yield the candle of each interval that is not over."""
        book = self._view.books[symbol]
        assert book.chart is not None, "this view was made with charts"
        for name, candles in book.chart.candles.items():
            (newest,) = candles.last(1, book.trades[-1].time_ns)
            yield "candle", {"symbol": symbol, "interval": name, **candle_json(newest)}

    def _trades(self, symbol: str, sequence: int) -> list[PageEvent]:
        newest_first = reversed(self._view.books[symbol].trades)
        recent = list(takewhile(lambda trade: trade.sequence == sequence, newest_first))[::-1]
        return [
            PageEvent(sequence * IDS_PER_SEQUENCE + index, "trade", trade_json(symbol, each))
            for index, each in enumerate(recent)
        ]


def _said(done: Sequenced, after: int) -> list[PageEvent]:
    """Return what a command did to its market as a whole, behind so many trades of it."""
    said = [control_json(event) for event in done.events if isinstance(event, MARKET_EVENTS)]
    first = done.sequence * IDS_PER_SEQUENCE + after
    return [PageEvent(first + index, "market", each) for index, each in enumerate(said)]
