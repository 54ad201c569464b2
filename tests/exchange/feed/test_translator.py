"""What the public is told: executions of those who waited, what is left, and nothing that is hidden."""

from random import Random

import pytest

from exchange.control import BandsMoved, Noted, Phase, PhaseChanged, Uncrossed, Why
from exchange.engine import Engine
from exchange.feed.messages import (
    Action,
    Add,
    Bands,
    Cross,
    Cut,
    Delete,
    Executed,
    ExecutedAt,
    Hidden,
    Moved,
    encode,
)
from exchange.feed.translator import PHASE_CODES, Translator
from exchange.feed.view import Books, View
from exchange.feed.world import SYMBOLS, market
from exchange.orders import (
    BUY,
    SELL,
    Accepted,
    Canceled,
    Filled,
    New,
    Peg,
    Reason,
    Refreshed,
    Rejected,
    Replaced,
    Repriced,
    Terms,
    Transferred,
    Triggered,
)
from exchange.sequencer import Replica

AT = 1, 0  # instrument, time


class Told:
    """A translator that is told events, one command a call."""

    def __init__(self):
        self.translator = Translator(["ACME"])

    def __call__(self, *events):
        return self.translator.translate("ACME", 0, events)


@pytest.fixture
def told():
    return Told()


def accepted(number, side=BUY, quantity=50, price=100, account=None, **terms):
    wish = New(account or number, str(number), "ACME", side, quantity, price, terms=Terms(**terms))
    return Accepted(number, wish)


def test_an_order_that_comes_to_rest_is_added(told):
    assert told(accepted(1)) == [Add(*AT, 1, BUY, 50, 100)]


def test_what_trades_at_once_is_told_of_the_maker_alone_and_the_rest_is_added(told):
    told(accepted(1, quantity=20))
    assert told(accepted(2, SELL, 50, 100), Filled(100, 20, 1, 2)) == [
        Executed(*AT, 1, 20),
        Add(*AT, 2, SELL, 30, 100),
    ]


def test_an_order_that_is_used_up_or_canceled_on_arrival_is_never_shown(told):
    told(accepted(1))
    assert told(accepted(2, SELL, 50, 100), Filled(100, 50, 1, 2)) == [Executed(*AT, 1, 50)]
    gone = Canceled(3, 50, Reason.NOT_FILLABLE)
    assert told(accepted(3), gone) == []
    assert told(Rejected(accepted(4).order, Reason.BAD_PRICE), Noted(1)) == []


def test_a_cancel_is_a_delete_and_a_part_of_one_a_cut(told):
    told(accepted(1))
    assert told(Canceled(1, 20, Reason.SELF_TRADE)) == [Cut(*AT, 1, 20)]
    assert told(Canceled(1, 30, Reason.BY_CLIENT)) == [Delete(*AT, 1)]


def test_a_replaced_order_is_cut_in_its_place_or_moved_to_the_back(told):
    told(accepted(1))
    assert told(Replaced(1, 40, 100, True)) == [Cut(*AT, 1, 10)]
    assert told(Replaced(1, 40, 101, False)) == [Moved(*AT, 1, 40, 101)]


def test_a_replaced_order_that_trades_is_gone_first(told):
    told(accepted(1)), told(accepted(2, SELL, 10, 101))
    assert told(Replaced(1, 50, 101, False), Filled(101, 10, 2, 1)) == [
        Delete(*AT, 1),
        Executed(*AT, 2, 10),
        Add(*AT, 1, BUY, 40, 101),
    ]


def test_an_iceberg_shows_a_slice_and_every_next_one_is_a_new_order_at_the_back(told):
    assert told(accepted(1, quantity=50, display=20)) == [Add(*AT, 1, BUY, 20, 100)]
    assert told(accepted(2, SELL, 20, 100), Filled(100, 20, 1, 2), Refreshed(1, 20)) == [
        Executed(*AT, 1, 20),
        Add(*AT, 1, BUY, 20, 100),
    ]
    assert told(Canceled(1, 30, Reason.BY_CLIENT)) == [Delete(*AT, 1)]


def test_a_hidden_order_is_seen_in_its_trades_alone(told):
    assert told(accepted(1, display=0)) == []
    assert told(accepted(2, SELL, 20, 100), Filled(100, 20, 1, 2)) == [Hidden(*AT, BUY, 20, 100)]
    assert told(Canceled(1, 30, Reason.BY_CLIENT)) == []


def test_a_stop_is_unseen_until_it_is_triggered_and_then_like_any_other(told):
    assert told(accepted(1, price=105, stop_price=104)) == []
    assert told(Triggered(1)) == [Add(*AT, 1, BUY, 50, 105)]
    told(accepted(2, price=105, trail=3))
    assert told(Canceled(2, 50, Reason.BY_CLIENT)) == []


def test_an_order_is_shown_before_a_stop_that_it_triggered_trades_with_it(told):
    told(accepted(1, SELL, 10, 100)), told(accepted(2, SELL, 30, 99, stop_price=100))
    assert told(
        accepted(3, BUY, 50, 100), Filled(100, 10, 1, 3), Triggered(2), Filled(100, 30, 3, 2)
    ) == [Executed(*AT, 1, 10), Add(*AT, 3, BUY, 40, 100), Executed(*AT, 3, 30)]


def test_a_peg_moves_to_the_back_of_its_new_price(told):
    assert told(accepted(1, peg=Peg.PRIMARY), Repriced(1, 98)) == [Add(*AT, 1, BUY, 50, 98)]
    assert told(Repriced(1, 99)) == [Moved(*AT, 1, 50, 99)]


def test_a_transfer_within_an_account_is_no_trade(told):
    told(accepted(1))
    assert told(accepted(2, SELL, 20, 100), Transferred(100, 20, 1, 2)) == [Cut(*AT, 1, 20)]


def test_the_fills_of_an_auction_are_not_printed_their_sum_is(told):
    told(accepted(1, BUY, 50, 101)), told(accepted(2, SELL, 30, 99))
    assert told(Uncrossed("ACME", 100, 30), Filled(100, 30, 1, 2)) == [
        Cross(*AT, 30, 100),
        ExecutedAt(*AT, 1, 30, 100, False),
        ExecutedAt(*AT, 2, 30, 100, False),
    ]


def test_phases_and_bands_are_told(told):
    halted = PhaseChanged("ACME", Phase.HALTED, Why.OPERATOR)
    assert told(halted, BandsMoved("ACME", 90, 110)) == [
        Action(*AT, PHASE_CODES[Phase.HALTED], "operator"),
        Bands(*AT, 90, 110),
    ]


def test_nobodys_account_is_in_any_message():
    """Accounts apart, two markets are one to the public."""
    said = []
    for shift in (0, 1_000_000):
        engine, view = Replica(Engine(SYMBOLS)), View(Engine(SYMBOLS))
        messages = []
        for command in market(Random(5), 400):
            done = engine.apply(command._replace(account=command.account + shift))
            messages += map(encode, view.apply(done))
        said.append(messages)
    assert said[0] == said[1]


def test_a_snapshot_builds_the_same_books_and_the_feed_goes_on_from_it():
    replica = Replica(Engine(SYMBOLS))
    view, late = View(replica.engine), None
    for number, command in enumerate(market(Random(9), 900)):
        messages = view.apply(replica.apply(command))
        if number == 500:
            late = Books()
            for message in view.snapshot(0):
                late.apply(0, message)
        elif late:
            for message in messages:
                late.apply(0, message)
    for symbol in SYMBOLS:
        for side in (BUY, SELL):
            ours = list(view.books[symbol].orders(side))
            assert ours and list(late.by_symbol[symbol].orders(side)) == ours


def test_a_view_that_begins_in_the_middle_goes_on_as_the_one_from_the_beginning():
    replica = Replica(Engine(SYMBOLS))
    view, later = View(replica.engine), None
    for number, command in enumerate(market(Random(4), 700)):
        done = replica.apply(command)
        messages = view.apply(done)
        if later:
            assert later.apply(done) == messages
        elif number == 300:
            later = View(replica.engine)
