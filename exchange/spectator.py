"""The public's view of the exchange as a stream of page events, built from the journal alone.

    journal ──► Follower ──► FeedBook ──► trades, and the depth of whatever changed

A spectator is asked a few times a second and says what has happened since. Depth is conflated: however
much happened, one picture of each book is sent. Trades are not: every one is an event.
Invariant: ids rise, and are the same in every run over the same journal positions.
Page: docs/exchange/market-data.md
"""

from chapters.portal.history import Event as PageEvent
from exchange.control import BandsMoved, PhaseChanged, Uncrossed
from exchange.market_data import FeedBook
from exchange.order_json import control_json, depth_json, trade_json
from exchange.orders import BUY, SELL, Filled
from exchange.sequencer import Follower, Sequenced

IDS_PER_SEQUENCE = 1_024  # ids leave this much room; FeedBook keeps fewer trades than that
DEPTH_LEVELS = 40
MARKET_EVENTS = (PhaseChanged, Uncrossed, BandsMoved)


class Spectator:
    """The public's view, built from the journal alone, as events for a page."""

    def __init__(self, follower: Follower) -> None:
        replica = follower.replica
        markets = replica.engine.markets
        self._follower = follower
        self._feeds = {name: FeedBook.of(each, replica.sequence) for name, each in markets.items()}

    def poll(self) -> list[PageEvent]:
        """Return the trades since the last call, then the depth of each symbol that changed."""
        events: list[PageEvent] = []
        changed: dict[str, int] = {}
        for done in self._follower.poll():
            symbol = done.command.symbol
            if symbol in self._feeds:
                events += self._trades(symbol, done)
                changed[symbol] = done.sequence
        for index, (symbol, sequence) in enumerate(changed.items()):
            feed = self._feeds[symbol]
            sides = (feed.depth(BUY, DEPTH_LEVELS), feed.depth(SELL, DEPTH_LEVELS))
            # Behind all trades: the ids of a stream must rise.
            number = (self._follower.replica.sequence + 1) * IDS_PER_SEQUENCE - len(changed) + index
            events.append(PageEvent(number, "depth", depth_json(symbol, sequence, *sides)))
        return events

    def _trades(self, symbol: str, done: Sequenced) -> list[PageEvent]:
        feed = self._feeds[symbol]
        feed.apply(done.sequence, done.events)
        fills = sum(isinstance(event, Filled) for event in done.events)
        recent = list(feed.trades)[-fills:] if fills else []
        said = [("trade", trade_json(symbol, each)) for each in recent]
        said += [("market", control_json(e)) for e in done.events if isinstance(e, MARKET_EVENTS)]
        first = done.sequence * IDS_PER_SEQUENCE
        return [PageEvent(first + index, *each) for index, each in enumerate(said)]
