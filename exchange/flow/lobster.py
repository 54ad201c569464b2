"""Real Nasdaq books, one step at a time: does our book predict what the next one looked like?

LOBSTER's sample files hold each message of a symbol and, line by line, the ten best levels after it.
So each book and the next message must give the next book:

    book after row n  +  message n+1  ──► our book's rules ──► book after row n+1, on every level we know

A level that appears from beyond the tenth cannot be known and is not compared. Source: LOBSTER's
output structure (Huang & Polak 2011). Page: docs/exchange/order-flow.md
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from exchange.book import Book, Order
from exchange.errors import BadFlow
from exchange.market_data import DepthLevel, depth_of
from exchange.matching import match
from exchange.orders import BUY, SELL, Event, SelfTrade, Side

SUBMITTED, REDUCED, DELETED, EXECUTED = "1", "2", "3", "4"  # 5 and 7 (hidden, halt) change no level
_NO_PRICE = 9_999_999_999  # LOBSTER's mark for a level that is not there, with either sign

Row = list[str]
Change = tuple[str, int, int, Side]  # kind, quantity, price, side of the resting order
Levels = dict[Side, list[tuple[int, int]]]  # (price, quantity), the best first


@dataclass(frozen=True, slots=True)
class Prediction:
    """How many next books were predicted exactly, out of how many; and the first that was not."""

    steps: int
    exact: int
    first_miss: int | None


def predict(message_path: Path) -> Prediction:
    """Predict each book of a LOBSTER file pair from the one before. Raises `BadFlow`."""
    steps = exact = 0
    first_miss: int | None = None
    before: Levels | None = None
    for number, (message, row) in enumerate(_rows(message_path), start=1):
        try:
            change, after = _change(message), _levels(row)
            is_exact = before is None or _same(_step(before, change), after, len(row) // 4)
        except (ValueError, AssertionError) as error:
            raise BadFlow(f"{message_path}: row {number} is not LOBSTER's ({error})") from None
        if before is not None:
            steps += 1
            exact += is_exact
        if not is_exact and first_miss is None:
            first_miss = number
        before = after
    if before is None:
        raise BadFlow(f"{message_path}: holds no rows")
    return Prediction(steps, exact, first_miss)


def _rows(message_path: Path) -> Iterator[tuple[Row, Row]]:
    book_path = message_path.with_name(message_path.name.replace("message", "orderbook"))
    if book_path == message_path:
        raise BadFlow(f"{message_path}: a LOBSTER message file has `message` in its name")
    try:
        with message_path.open(newline="") as messages, book_path.open(newline="") as books:
            yield from zip(csv.reader(messages), csv.reader(books), strict=True)
    except (OSError, ValueError, csv.Error) as error:
        raise BadFlow(f"{message_path}: cannot be read as LOBSTER rows ({error})") from None


def _change(message: Row) -> Change:
    if len(message) < 6:
        raise ValueError(f"{len(message)} columns in the message, six are expected")
    _, kind, _, size, price, direction = message[:6]
    return kind, int(size), int(price), BUY if direction == "1" else SELL


def _levels(row: Row) -> Levels:
    if len(row) < 4 or len(row) % 4:
        raise ValueError(f"{len(row)} columns, four a level are expected")
    numbers = [int(field) for field in row]
    asks = list(zip(numbers[0::4], numbers[1::4], strict=True))
    bids = list(zip(numbers[2::4], numbers[3::4], strict=True))
    return {
        BUY: [level for level in bids if abs(level[0]) != _NO_PRICE],
        SELL: [level for level in asks if abs(level[0]) != _NO_PRICE],
    }


def _step(before: Levels, change: Change) -> dict[Side, list[DepthLevel]]:
    """Return the depth after `change`, from a book with one order per level of `before`."""
    book = Book()
    for side, levels in before.items():
        for price, quantity in levels:
            book.rest(Order(len(book.orders) + 1, 1, side, quantity, price))
    _apply(book, *change)
    return {side: depth_of(book, side, len(book.orders)) for side in (BUY, SELL)}


def _apply(book: Book, kind: str, quantity: int, price: int, side: Side) -> None:
    if kind == SUBMITTED:
        book.rest(Order(len(book.orders) + 1, 1, side, quantity, price))
    elif kind in (REDUCED, DELETED):
        for order in [order for order in book.orders.values() if order.side == side]:
            if order.price == price:
                _take_off(book, order, quantity)
    elif kind == EXECUTED:
        # Our matching must choose the level by itself: the taker names no price but its limit.
        events: list[Event] = []
        taker_side = SELL if side == BUY else BUY
        match(book, Order(0, 2, taker_side, quantity, price, SelfTrade.ALLOW), events)


def _take_off(book: Book, order: Order, quantity: int) -> None:
    if quantity < order.quantity:
        order.level.reduce(order, quantity)
    else:
        book.remove(order)


def _same(ours: dict[Side, list[DepthLevel]], real: Levels, shown: int) -> bool:
    """Compare as many levels as both know: ours may be one short, when a level was used up."""
    for side, levels in real.items():
        mine = [(level.price, level.quantity) for level in ours[side]][:shown]
        if mine != levels[: len(mine)] or len(mine) < len(levels) - 1:
            return False
    return True
