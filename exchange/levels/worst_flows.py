"""Flows that bring a book to its knees: every structure has one, and whoever knows it can send it.

    against the ladder    nobody between the best price and the next: a walk over empty slots
    against the heap      ever better prices above many others: each climbs to the top, and sinks the rest

Work is counted, not timed: prices compared, and lines run by `best`, which is where a ladder walks. So one
flow gives one figure on every machine. Source: algorithmic complexity attacks (Crosby & Wallach 2003).
Page: docs/exchange/book.md
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any, NamedTuple

from exchange.book import Book, BookSide, Half, Order
from exchange.levels.ladder import LadderSide
from exchange.levels.naive import NaiveSide
from exchange.levels.sorted_levels import SortedSide
from exchange.matching import enter
from exchange.orders import BUY, DAY, SELL, Side

PRICE_MAX = 10_000  # ticks: a market's prices have bounds, and so has an attack
SIDES: dict[str, Callable[[], Half]] = {
    "heap": BookSide,
    "ladder": LadderSide,
    "sorted": SortedSide,
    "naive": NaiveSide,
}


class Step(NamedTuple):
    """One lot, wanted by a buyer or offered by a seller, at a price from 1 to PRICE_MAX."""

    side: int
    price: int


def against_ladder(count: int) -> Iterator[Step]:
    """Yield `count` steps on which a ladder works far more than a heap.

    One offer waits at the highest price. At the lowest one somebody offers, somebody takes it, and the
    next buyer asks for the best offer: all slots in between are empty.
    """
    yield Step(SELL, PRICE_MAX)
    for number in range(count - 1):
        yield Step((SELL, BUY, BUY, SELL)[number % 4], 1)


def against_heap(count: int) -> Iterator[Step]:
    """Yield `count` steps on which a heap works more than a ladder.

    Bids at many prices, each better than all before: on its way in it climbs from the heap's bottom to the
    top. Then one seller after the other takes the best, and each time another one has to sink.
    """
    half = count // 2
    for number in range(half):
        yield Step(BUY, 1 + number)
    for number in range(count - half):
        yield Step(SELL, max(1, half - number))


def work(steps: Iterable[Step], side: Callable[[], Half]) -> int:
    """Return how many prices a book of such sides compares on `steps`, and lines its `best` runs."""
    Price.compared = 0
    lines = lines_run(lambda: _play(steps, side), of="Side.best")
    return lines + Price.compared


def _play(steps: Iterable[Step], side: Callable[[], Half]) -> None:
    book = Book(side)
    for number, (way, price) in enumerate(steps, start=1):
        assert 1 <= price <= PRICE_MAX, f"a price of {price} is outside of 1 to {PRICE_MAX:,}"
        enter(book, Order(number, number, Side(way), 1, Price(price)), DAY, [])


class Price(int):
    """A price that counts how often it is compared; a level's key made of it does so too."""

    compared = 0

    def __rmul__(self, side: int) -> "Price":
        return Price(int(self) * side)

    def __lt__(self, other: int) -> bool:
        Price.compared += 1
        return int(self) < int(other)

    def __eq__(self, other: object) -> bool:
        Price.compared += 1
        return isinstance(other, int) and int(self) == int(other)

    __hash__ = int.__hash__


def lines_run(call: Callable[[], object], of: str = "") -> int:
    """Return how many lines of Python `call` runs; only those of functions whose names end with `of`."""
    count = 0

    def on_line(frame: FrameType, kind: str, value: object) -> Any:
        nonlocal count
        count += kind == "line"
        return on_line

    def on_call(frame: FrameType, kind: str, value: object) -> Any:
        return on_line if frame.f_code.co_qualname.endswith(of) else None

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def demo(count: int = 200) -> None:
    """What each book does a step, on a flow against the ladder and on one against the heap."""
    flows = {"against the ladder": against_ladder, "against the heap": against_heap}
    print(f"{'work a step':<20}", *(f"{name:>8}" for name in SIDES))
    for name, flow in flows.items():
        done = (work(flow(count), side) / count for side in SIDES.values())
        print(f"{name:<20}", *(f"{each:>8.1f}" for each in done))
