"""The book against a model that cannot be wrong: a list that is sorted again for every question."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.book import EMPTY_LEVELS_MIN, Book, Order
from exchange.levels.ladder import LadderSide
from exchange.levels.naive import NaiveSide
from exchange.levels.sorted_levels import SortedSide
from exchange.market_data import depth_of
from exchange.matching import enter
from exchange.orders import (
    BUY,
    SELL,
    Canceled,
    Event,
    Filled,
    Life,
    Reason,
    Replace,
    SelfTrade,
    Side,
    Transferred,
)

BOOKS = {
    "heap": Book,
    "naive": lambda: Book(NaiveSide),
    "ladder": lambda: Book(LadderSide),
    "sorted": lambda: Book(SortedSide),
}

SIDES = st.sampled_from([BUY, SELL])
ORDERS = st.tuples(
    SIDES,
    st.integers(1, 50),
    st.integers(90, 110),
    st.sampled_from(list(Life)),
    st.sampled_from(list(SelfTrade)),
    st.integers(1, 3),
)
CANCELS = st.integers(1, 60)
FLOWS = st.lists(st.one_of(ORDERS, ORDERS, CANCELS), max_size=60)


class Model:
    """Price-time priority, said as plainly as possible: sort all orders, look at the first."""

    def __init__(self) -> None:
        self.resting: list[tuple[int, int, Side, int, int]] = []  # id, account, side, price, open

    def queue(self, side: Side) -> list[tuple[int, int, Side, int, int]]:
        return sorted(
            (order for order in self.resting if order[2] == side),
            key=lambda order: (-side * order[3], order[0]),
        )

    def enter(self, number, side, quantity, price, life, mode, account):  # type: ignore[no-untyped-def]
        before = list(self.resting)
        events, left = self._match(number, side, quantity, price, mode, account)
        filled = sum(event.quantity for event in events if isinstance(event, Filled))
        if life is Life.FILL_OR_KILL and filled < quantity:
            self.resting = before
            return [Canceled(number, quantity, Reason.NOT_FILLABLE)]
        if left and life is Life.DAY:
            self.resting.append((number, account, side, price, left))
        elif left:
            events.append(Canceled(number, left, Reason.REST_OF_IMMEDIATE))
        return events

    def _offset(self, maker, number, left, mode):  # type: ignore[no-untyped-def]
        lots = min(left, maker[4])
        rest = (*maker[:4], maker[4] - lots)
        index = self.resting.index(maker)
        self.resting[index : index + 1] = [rest] if rest[4] else []
        if mode is SelfTrade.TRANSFER:
            return lots, [Transferred(maker[3], lots, maker[0], number)]
        gone = [Canceled(each, lots, Reason.SELF_TRADE) for each in (maker[0], number)]
        return lots, gone

    def _match(self, number, side, left, price, mode, account):  # type: ignore[no-untyped-def]
        events: list[Event] = []
        for maker in self.queue(Side(-side)):
            other, owner, _, at, open_lots = maker
            if not left or side * at > side * price:
                break
            if owner == account and mode in (SelfTrade.DECREMENT, SelfTrade.TRANSFER):
                lots, gone = self._offset(maker, number, left, mode)
                events += gone
                left -= lots
                continue
            if owner == account and mode is not SelfTrade.ALLOW:
                if mode is not SelfTrade.CANCEL_TAKER:
                    self.resting.remove(maker)
                    events.append(Canceled(other, open_lots, Reason.SELF_TRADE))
                if mode is not SelfTrade.CANCEL_MAKER:
                    events.append(Canceled(number, left, Reason.SELF_TRADE))
                    left = 0
                continue
            lots = min(left, open_lots)
            events.append(Filled(at, lots, other, number))
            left -= lots
            index = self.resting.index(maker)
            self.resting[index : index + 1] = (
                [(other, owner, maker[2], at, open_lots - lots)] if lots < open_lots else []
            )
        return events, left


@pytest.mark.parametrize("kind", BOOKS)
@settings(max_examples=120)
@given(flow=FLOWS)
def test_book_does_what_sorting_everything_would_do(kind, flow):
    book, model = BOOKS[kind](), Model()
    for number, step in enumerate(flow, start=1):
        if isinstance(step, int):
            order = book.orders.get(step)
            assert (order is not None) == any(each[0] == step for each in model.resting)
            if order is not None:
                book.remove(order)
                model.resting = [each for each in model.resting if each[0] != step]
        else:
            side, quantity, price, life, mode, account = step
            events: list[Event] = []
            enter(book, Order(number, account, side, quantity, price, mode), life, events)
            assert events == model.enter(number, side, quantity, price, life, mode, account)
        book.check()
        for side in (BUY, SELL):
            half = book.bids if side == BUY else book.asks
            ours = [(order.id, order.quantity) for level in half.walk() for order in level]
            assert ours == [(each[0], each[4]) for each in model.queue(side)]


@settings(max_examples=80)
@given(flow=st.lists(ORDERS, max_size=50))
def test_a_mirrored_flow_gives_mirrored_trades(flow):
    """Swap buyers and sellers and turn prices round 100: the same trades at turned prices."""
    usual, mirrored = _fills(flow, 1), _fills(flow, -1)
    assert [(200 - f.price, f.quantity, f.maker_id, f.taker_id) for f in usual] == [
        (f.price, f.quantity, f.maker_id, f.taker_id) for f in mirrored
    ]


def _fills(flow, sign):  # type: ignore[no-untyped-def]
    book, events = Book(), []
    for number, (side, quantity, price, life, mode, account) in enumerate(flow, start=1):
        turned = price if sign == 1 else 200 - price
        order = Order(number, account, Side(sign * side), quantity, turned, mode)
        enter(book, order, life, events)
    return [event for event in events if isinstance(event, Filled)]


def test_levels_that_ran_empty_are_swept_away():
    """In and out at ever new prices must not fill the memory."""
    book = Book()
    for number in range(20_000):
        order = Order(number, 1, BUY, 1, 1 + number * 7919 % 1_000_003)
        book.rest(order)
        book.remove(order)
        assert len(book.bids.heap) <= 2 * EMPTY_LEVELS_MIN + 1
    assert book.bids.best() is None


def test_walk_gives_the_best_levels_first_and_leaves_the_heap_alone():
    book, rng = Book(), Random(3)
    prices = rng.sample(range(1, 10_000), 500)
    for number, price in enumerate(prices):
        book.rest(Order(number, 1, SELL, 1, price))
    heap = list(book.asks.heap)
    assert [level.price for level in book.asks.walk()] == sorted(prices)
    assert book.asks.heap == heap


def test_ladder_refuses_prices_that_would_take_all_memory():
    book = Book(LadderSide)
    book.rest(Order(1, 1, BUY, 1, 1))
    with pytest.raises(AssertionError, match="too far apart"):
        book.rest(Order(2, 1, BUY, 1, 1_000_000_000))


def test_check_finds_a_level_with_a_wrong_total():
    """The oracle is itself tested: a broken book must be noticed."""
    book = Book()
    book.rest(Order(1, 1, BUY, 10, 100))
    book.bids.best().quantity += 1
    with pytest.raises(AssertionError):
        book.check()


def test_check_finds_a_crossed_book():
    book = Book()
    book.rest(Order(1, 1, BUY, 10, 100))
    book.rest(Order(2, 1, SELL, 10, 100))
    with pytest.raises(AssertionError, match="crossed"):
        book.check()


def test_depth_counts_orders_and_lots():
    book = Book()
    for number, lots in enumerate((10, 20), start=1):
        book.rest(Order(number, 1, BUY, lots, 100))
    (level,) = depth_of(book, BUY, 5)
    assert (level.price, level.quantity, level.orders) == (100, 30, 2)


def test_replace_is_a_fact_and_cannot_be_changed():
    with pytest.raises(AttributeError):
        Replace(1, "A", 1, 1, 1).quantity = 2
