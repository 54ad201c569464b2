"""Real Nasdaq data as a feed: each book and the next message must give the next book.

The data is LOBSTER's sample of AAPL on 21 June 2012, which lies beside the project.
"""

import csv
from itertools import pairwise

import pytest

from exchange.feed.messages import Add, Cut, Delete, Executed, Hidden
from exchange.flow.lobster import DELETED, EXECUTED, REDUCED, SUBMITTED
from exchange.flow.order_flow import recorded
from exchange.market_data import FeedBook
from exchange.orders import BUY, SELL

HIDDEN = "5"
NO_PRICE = 9_999_999_999
AT = 1, 0


@pytest.fixture
def rows():
    flow = recorded()
    path = flow and flow.with_name("lobster_aapl_message_10.csv")
    if path is None or not path.is_file():
        pytest.skip("LOBSTER's sample files are not here; KIT_DATA says where they are")
    books = path.with_name("lobster_aapl_orderbook_10.csv")
    with path.open(newline="") as messages, books.open(newline="") as after:
        return list(zip(csv.reader(messages), csv.reader(after), strict=True))


def levels(row):
    """LOBSTER's book row as (side, price, lots), the best first."""
    numbers = list(map(int, row))
    for index in range(0, len(numbers), 4):
        ask, ask_lots, bid, bid_lots = numbers[index : index + 4]
        if abs(ask) != NO_PRICE:
            yield SELL, ask, ask_lots
        if abs(bid) != NO_PRICE:
            yield BUY, bid, bid_lots


def told(message, orders):
    """LOBSTER's message as one of the feed's; a level of before stands for all of its orders."""
    _, kind, _, lots, price, way = message[:6]
    side, price, lots = BUY if way == "1" else SELL, int(price), int(lots)
    number = orders.get((side, price))
    if kind == SUBMITTED:
        return Add(*AT, 10**6, side, lots, price)
    if kind == HIDDEN:
        return Hidden(*AT, side, lots, price)
    if number is None:
        return None  # of a level beyond the tenth
    if kind == EXECUTED:
        return Executed(*AT, number[0], lots)
    if kind in (REDUCED, DELETED):
        return Delete(*AT, number[0]) if lots == number[1] else Cut(*AT, number[0], lots)
    return None


def test_every_next_book_of_a_real_market_is_built_from_its_message(rows):
    steps = exact = trades = 0
    for (_, before), (message, after) in pairwise(rows):
        book, orders = FeedBook(), {}
        for number, (side, price, lots) in enumerate(levels(before), start=1):
            orders[side, price] = number, lots
            book.apply(0, [Add(*AT, number, side, lots, price)])
        if (news := told(message, orders)) is not None:
            book.apply(1, [news])
        trades += len(book.trades)
        steps += 1
        exact += all(
            mine == (price, lots)
            for side in (BUY, SELL)
            for mine, (price, lots) in zip(
                [(each.price, each.quantity) for each in book.depth(side, 10)],
                [(price, lots) for way, price, lots in levels(after) if way == side],
                strict=False,
            )
        )
    assert (exact, steps) == (998, 998)
    assert trades > 90
