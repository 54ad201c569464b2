"""What a subscriber knows, for people and for programs.

Page: docs/exchange/feed.md
"""

from itertools import zip_longest

from exchange.feed.subscriber import Subscriber
from exchange.feed.translator import PHASES
from exchange.market_data import DepthLevel, FeedBook
from exchange.order_json import Json, depth_json, price_text, trade_json
from exchange.orders import BUY, SELL

COLUMN = 20  # characters
TRADES_SHOWN = 5


def text(subscriber: Subscriber, levels: int) -> str:
    """Return the books as two columns, the best prices on top."""
    if not subscriber.session:
        return "nothing heard yet; kit serve exchange --feed ADDRESS publishes"
    if not subscriber.expected:
        return "packets come, and no snapshot does: is --recovery right?"
    counts = subscriber.counts
    state = "whole" if subscriber.is_whole else "something is missing"
    lines = [
        f"message {subscriber.expected - 1:,}, {state}; {counts['gaps']} gaps, "
        f"{counts['asked']} questions, {counts['snapshots']} snapshots"
    ]
    for symbol, book in subscriber.books.by_symbol.items():
        last = f"last {price_text(book.trades[-1].price)}" if book.trades else "no trade yet"
        lines += [f"  {symbol:<6} {last}{_phase(book)}", f"  {'bids':>{COLUMN}} │ asks"]
        for bid, ask in zip_longest(book.depth(BUY, levels), book.depth(SELL, levels)):
            lines.append(f"  {_level(bid):>{COLUMN}} │ {_level(ask)}")
    return "\n".join(lines)


def _phase(book: FeedBook) -> str:
    """Return the market's phase, if it was told, and where its auction would end now."""
    said = f", {PHASES[book.action.phase].value}" if book.action else ""
    if (now := book.indicative) is not None and now.paired:
        said += f": {now.paired} lots would trade at {price_text(now.price)}"
    return said


def _level(level: DepthLevel | None) -> str:
    return f"{level.quantity} @ {price_text(level.price)}" if level else ""


def facts(subscriber: Subscriber, levels: int) -> Json:
    """Return the same as JSON, with the last trades."""
    return {
        "message": max(0, subscriber.expected - 1),
        "is_whole": subscriber.is_whole,
        "counts": dict(subscriber.counts),
        "books": [
            depth_json(symbol, book.sequence, book.depth(BUY, levels), book.depth(SELL, levels))
            | {"trades": [trade_json(symbol, each) for each in list(book.trades)[-TRADES_SHOWN:]]}
            for symbol, book in subscriber.books.by_symbol.items()
        ],
    }
