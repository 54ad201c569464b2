"""What a running exchange keeps for whoever looks at it: accounts' orders, the heat map, the phase.

    results of a batch ──► Floor.follow ──► orders(account) · heat(symbol) · market(symbol)

All of it comes from events, and none of it is needed to trade: a page that asks for nothing costs the
writer a dictionary look-up an event. Page: docs/exchange/page.md
"""

from collections.abc import Iterable, Mapping

from chapters.sim.clock import MS
from exchange.book import Book
from exchange.control import PhaseChanged, Uncrossed
from exchange.engine import Engine
from exchange.floor.blotter import Blotter, OrderLine
from exchange.floor.heat import LEVELS, HeatMap
from exchange.market_data import FeedBook, depth_of
from exchange.order_json import Json, market_json, price_text
from exchange.orders import BUY, NO_LIMIT, SELL, Side
from exchange.sequencer import Sequenced
from exchange.sessions.phases import GATHERING

CURVE_LEVELS = 200  # prices of each side that an auction's curves show
LOOK_NS = 50 * MS  # the heat map looks at a book at most that often


class Floor:
    """What is seen of an engine, besides depth and trades."""

    def __init__(self, engine: Engine, feeds: Mapping[str, FeedBook]) -> None:
        self._engine = engine
        self._feeds = feeds
        self._blotter = Blotter()
        self._heats = {symbol: HeatMap() for symbol in feeds}
        self._looked_ns = dict.fromkeys(feeds, -LOOK_NS)
        self._unseen_ns: dict[str, int] = {}  # since when a book is as no look has found it
        self._said: dict[str, Json] = {symbol: {} for symbol in feeds}
        for market in engine.markets.values():
            self._blotter.begin(market)

    def settle(self) -> None:
        """Look at books that have been quiet since they changed, before a batch changes the feeds.

        What was too soon for a look then has waited for long enough now.
        """
        for symbol, since_ns in list(self._unseen_ns.items()):
            if self._engine.now_ns - since_ns >= LOOK_NS:
                self._look(symbol, since_ns)

    def follow(self, results: Iterable[Sequenced]) -> None:
        """Follow what a batch of commands did; the feeds have followed it already."""
        changed = set()
        for done in results:
            self._blotter.apply(done.events)
            if (symbol := done.command.symbol) in self._feeds:
                changed.add(symbol)
                for event in done.events:
                    self._said[symbol] |= _said(event)
        now_ns = self._engine.now_ns
        for symbol in changed:
            if now_ns - self._looked_ns[symbol] >= LOOK_NS:
                self._look(symbol, now_ns)
            else:
                self._unseen_ns[symbol] = now_ns

    def orders(self, account: int, symbol: str) -> Json:
        """Return the account's last orders in a symbol, the newest first."""
        lines = [line for line in self._blotter.of(account) if line.symbol == symbol]
        return {"account": account, "orders": [order_json(line) for line in lines]}

    def heat(self, symbol: str, now_ns: int) -> Json:
        """Return the last two minutes of the book, up to now."""
        if (since_ns := self._unseen_ns.get(symbol)) is not None:
            self._look(symbol, since_ns)
        self._look(symbol, max(now_ns, self._looked_ns[symbol]))
        return {"symbol": symbol, **self._heats[symbol].json(self._looked_ns[symbol])}

    def market(self, symbol: str) -> Json:
        """Return the phase that the symbol's market is in, and why; demand and supply while it gathers."""
        market = self._engine.markets[symbol]
        said = {"symbol": symbol, **self._said[symbol], **market_json(market)}
        return said | (_curves(market.book) if market.phase in GATHERING else {})

    def _look(self, symbol: str, at_ns: int) -> None:
        feed = self._feeds[symbol]
        depth = feed.depth(BUY, LEVELS), feed.depth(SELL, LEVELS)
        self._heats[symbol].look(at_ns, depth, feed.trades)
        self._looked_ns[symbol] = at_ns
        self._unseen_ns.pop(symbol, None)


def _said(event: object) -> Json:
    """Return what an event says about its market as a whole; nothing, if it does not."""
    match event:
        case PhaseChanged(_, _, why):
            return {"why": why.value}
        case Uncrossed(_, price, quantity):
            return {"uncrossed": {"price": price_text(price), "quantity": quantity}}
    return {}


def _curves(book: Book) -> Json:
    """Return how many lots wait at each price, best first; None is the price of a market order."""
    sides = (("demand", BUY), ("supply", SELL))
    return {name: _levels(book, side) for name, side in sides}


def _levels(book: Book, side: Side) -> list[tuple[str | None, int]]:
    return [
        (None if abs(level.price) == NO_LIMIT else price_text(level.price), level.quantity)
        for level in depth_of(book, side, CURVE_LEVELS)
    ]


def order_json(line: OrderLine) -> Json:
    """Return an order as its owner sees it."""
    said: Json = {
        "order_id": line.order_id,
        "client_id": line.client_id,
        "symbol": line.symbol,
        "side": "buy" if line.side == BUY else "sell",
        "quantity": line.quantity,
        "open": line.open,
        "filled": line.filled,
        "state": line.state,
        "time_in_force": line.life.value,
        "price": None if line.price is None else price_text(line.price),
    }
    return said if line.reason is None else {**said, "reason": line.reason.word}
