"""The engine: every refusal has its reason, every history is repeatable."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.codec import decode, encode
from exchange.engine import Engine
from exchange.feed.view import View
from exchange.market_data import depth_of
from exchange.orders import (
    BUY,
    PRICE_MAX,
    QUANTITY_MAX,
    SELL,
    Accepted,
    Cancel,
    Canceled,
    CancelRejected,
    Filled,
    Life,
    New,
    Reason,
    Rejected,
    Replace,
    Replaced,
    SelfTrade,
    Terms,
    Transferred,
)
from exchange.sequencer import Sequenced


def order(client_id="a", account=1, symbol="ACME", side=BUY, quantity=10, price=100, **more):
    return New(account, client_id, symbol, side, quantity, price, **more)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (order(symbol="NONE"), Reason.UNKNOWN_SYMBOL),
        (order(quantity=0), Reason.BAD_QUANTITY),
        (order(quantity=-5), Reason.BAD_QUANTITY),
        (order(quantity=QUANTITY_MAX + 1), Reason.BAD_QUANTITY),
        (order(price=0), Reason.BAD_PRICE),
        (order(price=-1), Reason.BAD_PRICE),
        (order(price=PRICE_MAX + 1), Reason.BAD_PRICE),
        (order(client_id="taken"), Reason.DUPLICATE_CLIENT_ID),
        (order(side=SELL, price=100, post_only=True), Reason.WOULD_CROSS),
        (order(side=SELL, price=None, post_only=True), Reason.WOULD_CROSS),
    ],
)
def test_a_refused_order_names_its_reason_and_changes_nothing(wish, reason):
    engine = Engine(["ACME"])
    engine.apply(order(client_id="taken"))
    before = engine.dump()
    assert engine.apply(wish) == [Rejected(wish, reason)]
    assert engine.dump() == before


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (Cancel(1, "ACME", 99), Reason.UNKNOWN_ORDER),
        (Cancel(1, "NONE", 1), Reason.UNKNOWN_SYMBOL),
        (Cancel(1, "ACME", 0), Reason.UNKNOWN_ORDER),
        (Cancel(2, "ACME", 1), Reason.UNKNOWN_ORDER),  # somebody else's: they learn nothing
        (Cancel(1, "ACME", 2), Reason.TOO_LATE),  # filled
        (Replace(1, "ACME", 2, 5, 100), Reason.TOO_LATE),
        (Replace(1, "ACME", 1, 0, 100), Reason.BAD_QUANTITY),
        (Replace(1, "ACME", 1, 5, 0), Reason.BAD_PRICE),
    ],
)
def test_a_refused_cancel_names_its_reason(wish, reason):
    engine = Engine(["ACME"])
    engine.apply(order("rests", quantity=100, price=90))
    engine.apply(order("filled", price=100))
    engine.apply(order("taker", account=3, side=SELL, price=100))
    assert engine.apply(wish) == [CancelRejected(wish.account, wish.order_id, reason)]


def test_canceling_twice_is_too_late():
    engine = Engine(["ACME"])
    engine.apply(order())
    assert engine.apply(Cancel(1, "ACME", 1)) == [Canceled(1, 10, Reason.BY_CLIENT)]
    assert engine.apply(Cancel(1, "ACME", 1)) == [CancelRejected(1, 1, Reason.TOO_LATE)]


def test_a_market_order_takes_what_there_is_and_never_waits():
    engine = Engine(["ACME"])
    engine.apply(order(quantity=10, price=100))
    wish = order("m", account=2, side=SELL, quantity=30, price=None)
    assert engine.apply(wish) == [
        Accepted(2, wish),
        Filled(100, 10, 1, 2),
        Canceled(2, 20, Reason.REST_OF_IMMEDIATE),
    ]
    assert not engine.books["ACME"].orders


def test_fill_or_kill_is_accepted_and_canceled_not_refused():
    engine = Engine(["ACME"])
    wish = order(life=Life.FILL_OR_KILL)
    assert engine.apply(wish) == [Accepted(1, wish), Canceled(1, 10, Reason.NOT_FILLABLE)]


def test_replace_keeps_the_place_only_for_fewer_lots_at_the_same_price():
    engine = Engine(["ACME"])
    for account in (1, 2):
        engine.apply(order(account=account, quantity=50))
    assert engine.apply(Replace(1, "ACME", 1, 40, 100)) == [Replaced(1, 40, 100, True)]
    assert engine.apply(Replace(1, "ACME", 1, 60, 100)) == [Replaced(1, 60, 100, False)]
    _, fill = engine.apply(order(account=3, side=SELL, quantity=5))
    assert fill.maker_id == 2


def test_a_replaced_order_may_trade_at_its_new_price():
    engine = Engine(["ACME"])
    engine.apply(order(account=1, price=90))
    engine.apply(order(account=2, side=SELL, price=100))
    assert engine.apply(Replace(1, "ACME", 1, 10, 100)) == [
        Replaced(1, 10, 100, False),
        Filled(100, 10, 2, 1),
    ]


def test_symbols_do_not_meet():
    engine = Engine(["ACME", "GLOBEX"])
    engine.apply(order())
    assert len(engine.apply(order("b", account=2, symbol="GLOBEX", side=SELL))) == 1


COMMANDS = st.one_of(
    st.builds(
        New,
        account=st.integers(1, 3),
        client_id=st.integers(0, 40).map(str),
        symbol=st.sampled_from(["ACME", "GLOBEX", "NONE"]),
        side=st.sampled_from([BUY, SELL]),
        quantity=st.integers(-1, 40),
        price=st.one_of(st.none(), st.integers(-1, 12)),
        life=st.sampled_from(list(Life)),
        post_only=st.booleans(),
        self_trade=st.sampled_from(list(SelfTrade)),
    ),
    st.builds(Cancel, st.integers(1, 3), st.sampled_from(["ACME", "GLOBEX"]), st.integers(0, 30)),
    st.builds(
        Replace,
        *(st.integers(1, 3), st.sampled_from(["ACME", "GLOBEX"]), st.integers(0, 30)),
        *(st.integers(0, 40), st.integers(0, 12)),
    ),
)


@settings(max_examples=200)
@given(commands=st.lists(COMMANDS, max_size=60))
def test_any_history_keeps_every_invariant(commands):
    engine = Engine(["ACME", "GLOBEX"])
    view = View(engine)
    asked: dict[int, int] = {}
    gone: dict[int, int] = {}
    for number, command in enumerate(commands, start=1):
        events = engine.apply(command)
        for book in engine.books.values():
            book.check()
        view.apply(Sequenced(number, command, events))
        _account(events, engine, asked, gone)
    for symbol, book in engine.books.items():
        for side in (BUY, SELL):
            assert view.books[symbol].depth(side, 50) == depth_of(book, side, 50)
    resting = {
        order.id: order.quantity + order.reserve
        for market in engine.markets.values()
        for order in market.everyone()
    }
    for number, lots in asked.items():
        assert lots == gone.get(number, 0) + resting.get(number, 0), "filled + left + canceled"
    assert Engine.load(engine.dump()).dump() == engine.dump()


def _account(events, engine, asked, gone):
    """Keep, for each order, the lots asked for and the lots filled or canceled."""
    for event in events:
        match event:
            case Accepted(number, wish):
                asked[number] = wish.quantity
            case Filled(_, lots, maker, taker) | Transferred(_, lots, maker, taker):
                for number in (maker, taker):
                    gone[number] = gone.get(number, 0) + lots
            case Canceled(number, lots, _):
                gone[number] = gone.get(number, 0) + lots
            case Replaced(number, lots, _, _):
                asked[number] = lots + gone.get(number, 0)


def test_a_history_does_not_depend_on_the_hash_seed():
    program = (
        "from random import Random; from exchange.flow.order_flow import generate\n"
        "from exchange.flow.replay import replay\n"
        "print(replay(generate(Random(5), 3000)).digest)"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "424242")
    }
    assert len(digests) == 1


def test_terms_that_ask_for_nothing_are_those_of_a_plain_order():
    """A journal does not keep them apart: the engine that reads it must come to the same state."""
    first, second = Engine(["ACME"]), Engine(["ACME"])
    wish = order(terms=Terms(quantity_min=0))
    first.apply(wish)
    second.apply(decode(encode(0, wish))[1])
    assert first.dump() == second.dump()
