"""All books as the public has them: a subscriber's, built from messages; and the exchange's own copy.

    messages ──► Books ──► a FeedBook an instrument
    commands ──► View: Translator ──► messages ──► Books        the publisher, the page

Both are made by the same lines, so what the exchange shows and what a subscriber knows cannot differ.
Page: docs/exchange/feed.md
"""

from collections.abc import Iterator

from chapters.sim.clock import MS
from exchange.candles import Chart
from exchange.engine import Engine
from exchange.errors import BadFeed
from exchange.feed.messages import BEGINS, Add, Directory, Indicative, Message, System
from exchange.feed.translator import Translator
from exchange.market_data import FeedBook
from exchange.orders import BUY, SELL, Side
from exchange.sequencer import Sequenced
from exchange.sessions.auction import Indication
from exchange.sessions.phases import GATHERING

# Of the sequencer's time: a number for each order would tell nobody more.
INDICATE_EVERY_NS = 100 * MS


class Books:
    """A book for each instrument that the feed has named."""

    def __init__(self) -> None:
        self.by_symbol: dict[str, FeedBook] = {}
        self._by_number: dict[int, FeedBook] = {}

    def apply(self, number: int, message: Message) -> None:
        """Follow one message. Raises `BadFeed` when it does not fit those before it."""
        if type(message) is Directory:
            book = self.by_symbol.setdefault(message.symbol, FeedBook())
            self._by_number[message.instrument] = book
        elif type(message) is not System:
            try:
                self._by_number[message.instrument].apply(number, (message,))
            except KeyError as error:
                raise BadFeed(
                    f"message {number} is about {error}, of which nothing was told: begin with a snapshot"
                ) from None


class View:
    """The exchange's own copy of what the public knows."""

    def __init__(self, engine: Engine, sequence: int = 0, *, charts: bool = False) -> None:
        self._markets = engine.markets
        self._translator = Translator(engine.books)
        self.books = {symbol: FeedBook() for symbol in engine.books}
        for symbol, book in self.books.items():
            book.chart = Chart() if charts else None
            book.apply(sequence, self._translator.adopt(symbol, engine.markets[symbol]))

    def apply(self, done: Sequenced) -> list[Message]:
        """Return what the public is told of a command, and follow it."""
        symbol = done.command.symbol
        messages = self._translator.translate(symbol, done.now_ns, done.events)
        if (book := self.books.get(symbol)) is not None:
            book.apply(done.sequence, messages)
            if self._markets[symbol].phase in GATHERING:
                messages += self._indicate(symbol, book, done)
        return messages

    def _indicate(self, symbol: str, book: FeedBook, done: Sequenced) -> list[Message]:
        """Return where the auction would end now, if that is news, and there was none a moment ago.

        The engine must be where the command has left it. Time is the journal's: so is the decision.
        """
        found = self._markets[symbol].indication() or Indication(0, 0, 0)
        number = self._translator.instruments[symbol]
        side = Side(BUY if found.imbalance >= 0 else SELL)
        said = (found.quantity, abs(found.imbalance), side, found.price)
        before = book.indicative
        if before is not None:
            is_soon = done.now_ns - before.time_ns < INDICATE_EVERY_NS
            if before[2:] == said or is_soon:
                return []
        told = [Indicative(number, done.now_ns, *said)]
        book.apply(done.sequence, told)
        return [*told]

    def begin(self, time_ns: int) -> list[Message]:
        """Return what a feed begins with: that it does, and what there is to trade."""
        told: list[Message] = [System(0, time_ns, BEGINS)]
        for symbol, number in self._translator.instruments.items():
            rules = self._markets[symbol].rules
            told.append(Directory(number, time_ns, rules.tick, rules.lot, symbol))
        return told

    def snapshot(self, time_ns: int) -> Iterator[Message]:
        """Yield the messages that build these books from nothing, every order in its place."""
        yield from self.begin(time_ns)
        for symbol, number in self._translator.instruments.items():
            book = self.books[symbol]
            holds = (book.action, book.bands, book.indicative)
            yield from (each for each in holds if each is not None)
            for side in (BUY, SELL):
                for order_id, price, quantity in book.orders(side):
                    yield Add(number, time_ns, order_id, side, quantity, price)
