"""The auction's price against published examples, a brute-force oracle, and the book that it leaves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.book import Book, Order
from exchange.control import Uncrossed
from exchange.orders import BUY, NO_LIMIT, SELL, Filled
from exchange.sessions.auction import Curve, Indication, indicate, indication, uncross
from tests.exchange.sessions.auction_model import naive

Wish = tuple[int, int, int | None]  # side, lots, limit or None for a market order


def book_of(wishes):
    book = Book()
    book.gather(True)
    for number, (side, lots, limit) in enumerate(wishes, start=1):
        price = side * NO_LIMIT if limit is None else limit
        book.rest(Order(number, number, side, lots, price))
    return book


def buys(*levels):
    return [(BUY, lots, price) for lots, price in levels]


def sells(*levels):
    return [(SELL, lots, price) for lots, price in levels]


# Deutsche Börse, Xetra Market Model Equities, examples 1 to 7 of the auction price; prices in euros.
XETRA = [
    (buys((200, 202), (200, 201), (300, 200)), sells((100, 200), (200, 198), (400, 197)), 0, 200, 700),
    (buys((400, 202), (200, 201)), sells((300, 199), (200, 198)), 0, 201, 500),
    (buys((300, 202), (200, 201)), sells((400, 199), (200, 198)), 0, 199, 500),
    (buys((300, 202), (200, 201)), sells((300, 199), (200, 198)), 202, 201, 500),
    (buys((300, 202), (200, 201)), sells((300, 199), (200, 198)), 198, 199, 500),
    (buys((900, None)), sells((800, None)), 250, 250, 800),
    (buys((900, None)), sells((800, None)), 99, 99, 800),
    (buys((80, 200), (80, 199)), sells((80, 201)), 0, None, 0),
]  # fmt: skip


# Euronext, examples of its pure market order in the call phase; prices in cents.
EURONEXT = [
    (
        buys((50, None), (90, 1010), (10, 990)),
        sells((40, None), (100, 1008), (60, 1015)),
        *(1000, 1008, 140),
    ),
    (
        buys((50, None), (90, 1010), (10, 990), (20, None)),
        sells((40, None), (100, 1008), (60, 1015)),
        *(1000, 1010, 140),
    ),
    (buys((40, None)), sells((45, None)), 1000, 1000, 40),
    (buys((40, None)), sells((40, 998)), 1000, 1000, 40),
    (buys((40, None)), sells((41, 998)), 1000, 998, 40),
    (buys((40, None)), sells((40, 1002)), 1000, 1002, 40),
    (buys((80, None)), sells((40, 1002), (40, 1004)), 1000, 1004, 80),
    (buys((40, 998), (40, 996)), sells((80, None)), 1000, 996, 80),
]

# BNB Beacon Chain, match examples 1 to 5.1, 6.1 and 6.2: most lots, least surplus, pressure, reference.
BEACON = [
    (buys((150, 100), (150, 98)), sells((250, 98), (50, 97)), 0, 98, 300),
    (buys((150, 100), (50, 99), (300, 97)), sells((200, 97), (100, 96)), 0, 97, 300),
    (
        buys((300, 102), (100, 100), (200, 99), (300, 98)),
        sells((250, 98), (250, 97), (1000, 96)),
        *(0, 96, 900),
    ),
    (
        buys((30, 102), (10, 101), (50, 99), (15, 96)),
        sells((10, 98), (50, 97), (50, 95)),
        *(0, 97, 90),
    ),
    (buys((10, 102), (10, 97)), sells((50, 95)), 80, 95, 20),
    (buys((25, 100), (25, 97)), sells((25, 98), (25, 95)), 99, 99, 25),
    (buys((25, 100), (25, 97)), sells((25, 98), (25, 95)), 97, 97, 25),
]


@pytest.mark.parametrize(
    ("demand", "supply", "reference", "price", "lots"), XETRA + EURONEXT + BEACON
)
def test_published_examples_come_to_the_published_price(demand, supply, reference, price, lots):
    found = indication(book_of(demand + supply), reference)
    assert (found.price, found.quantity) == (price, lots) if price else found is None


def test_euronext_example_one_trades_as_published():
    """Market orders first, in the order in which they came, then the limit of 10.10."""
    wishes = [*EURONEXT[0][0], *EURONEXT[0][1], (BUY, 20, None)]
    book, events = book_of(wishes), []
    assert uncross(book, "ACME", events, 1000) == 1010
    assert events == [
        Uncrossed("ACME", 1010, 140),
        Filled(1010, 40, 1, 4),
        Filled(1010, 10, 1, 5),
        Filled(1010, 20, 7, 5),
        Filled(1010, 70, 2, 5),
    ]
    assert {number: order.quantity for number, order in book.orders.items()} == {
        2: 20,
        3: 10,
        6: 60,
    }


def test_at_one_price_the_earlier_order_is_filled_first():
    """Xetra's example of partial execution: 300 and 300 at 200 meet 400."""
    book, events = book_of([*buys((300, 200), (300, 200)), *sells((400, 200))]), []
    uncross(book, "ACME", events)
    assert events[1:] == [Filled(200, 300, 1, 3), Filled(200, 100, 2, 3)]


def test_an_account_may_trade_with_itself_in_an_auction():
    book = Book()
    for number, side in enumerate((BUY, SELL), start=1):
        book.rest(Order(number, 7, side, 10, 100))
    events = []
    uncross(book, "ACME", events)
    assert events == [Uncrossed("ACME", 100, 10), Filled(100, 10, 1, 2)]


def test_without_any_named_price_market_orders_do_not_trade():
    book = book_of([*buys((10, None)), *sells((10, None))])
    assert indication(book) is None
    assert uncross(book, "ACME", events := []) is None
    assert events == [Uncrossed("ACME", 0, 0)]


def test_a_price_lies_on_the_grid_of_ticks():
    wishes = [*buys((10, 110)), *sells((10, 100))]
    assert indication(book_of(wishes), reference=107, tick=5) == Indication(105, 10, 0)


WISHES = st.lists(
    st.tuples(st.sampled_from([BUY, SELL]), st.integers(1, 9), st.none() | st.integers(1, 15)),
    max_size=14,
)


@settings(max_examples=400)
@given(wishes=WISHES, reference=st.integers(0, 16))
def test_the_price_is_that_of_the_oracle(wishes, reference):
    assert indication(book_of(wishes), reference) == naive(wishes, reference)


@settings(max_examples=200)
@given(wishes=WISHES, reference=st.integers(0, 16))
def test_an_uncross_trades_what_was_indicated_and_leaves_nothing_that_crosses(wishes, reference):
    book, events = book_of(wishes), []
    foreseen = indication(book, reference)
    has_price = foreseen is not None or reference
    price = uncross(book, "ACME", events, reference)
    fills = events[1:]
    assert (price is None) == (foreseen is None)
    assert sum(fill.quantity for fill in fills) == (foreseen.quantity if foreseen else 0)
    if has_price or any(limit is not None for _, _, limit in wishes):
        book.gather(False)  # from now on it may not be crossed
    book.check()
    for fill in fills:
        for order_id, side in ((fill.maker_id, BUY), (fill.taker_id, SELL)):
            way, _, limit = wishes[order_id - 1]
            assert way == side
            assert limit is None or side * (limit - price) >= 0
    _check_priority(wishes, book, fills)


def _check_priority(wishes, book, fills):
    """Whoever was better placed than somebody who traded is filled."""
    for side, ids in ((BUY, {f.maker_id for f in fills}), (SELL, {f.taker_id for f in fills})):
        rank = sorted(
            (-side * (side * NO_LIMIT if limit is None else limit), number)
            for number, (way, _, limit) in enumerate(wishes, start=1)
            if way == side
        )
        traded = [number in ids for _, number in rank]
        assert traded == sorted(traded, reverse=True)
        for _, number in rank[: max(0, sum(traded) - 1)]:
            assert number not in book.orders


def test_an_indication_of_many_levels_looks_at_few_prices():
    """Far apart prices do not cost: only steps of the curves are looked at."""
    demand = Curve(BUY, [(10**9 - n, 5) for n in range(1000)])
    supply = Curve(SELL, [(n + 1, 5) for n in range(1000)])
    assert indicate(demand, supply, 10**6) == Indication(10**6, 5000, 0)
