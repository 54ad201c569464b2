"""The blotter: every order's state from events alone, and nothing is lost on the way."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.engine import Engine
from exchange.floor.blotter import LINES_MAX, Blotter
from exchange.orders import (
    BUY,
    FILL_OR_KILL,
    IMMEDIATE_OR_CANCEL,
    SELL,
    Cancel,
    CancelAll,
    New,
    Replace,
    SelfTrade,
    Terms,
)


def played(*commands):
    engine, blotter = Engine(["ACME"]), Blotter()
    for command in commands:
        blotter.apply(engine.apply(command))
    return blotter


def lines(blotter, account=1):
    return [(line.order_id, line.state, line.filled, line.open) for line in blotter.of(account)]


def test_an_order_goes_from_resting_over_partly_filled_to_filled():
    commands = [
        New(1, "a", "ACME", BUY, 10, 100),
        New(2, "s", "ACME", SELL, 4, 100),
        New(2, "t", "ACME", SELL, 6, 100),
    ]
    states = [lines(played(*commands[: count + 1]))[0][1:] for count in range(3)]
    assert states == [("resting", 0, 10), ("partly filled", 4, 6), ("filled", 10, 0)]


def test_a_canceled_order_says_why_and_what_it_got():
    blotter = played(
        New(2, "s", "ACME", SELL, 4, 100),
        New(1, "a", "ACME", BUY, 10, 100, IMMEDIATE_OR_CANCEL),
        New(1, "b", "ACME", BUY, 10, 100, FILL_OR_KILL),
        New(1, "c", "ACME", BUY, 5, 90),
        CancelAll(1, "ACME"),
    )
    assert lines(blotter) == [(4, "canceled", 0, 0), (3, "canceled", 0, 0), (2, "canceled", 4, 0)]
    assert [line.reason.word for line in blotter.of(1)] == [
        *("all-of-account-canceled", "not-fillable-in-full", "rest-of-immediate-order")
    ]


def test_a_changed_order_is_as_large_as_it_has_become():
    blotter = played(
        New(1, "a", "ACME", BUY, 10, 100),
        New(2, "s", "ACME", SELL, 4, 100),
        Replace(1, "ACME", 1, 20, 99),
    )
    (line,) = blotter.of(1)
    assert (line.quantity, line.filled, line.open, line.price) == (24, 4, 20, 99)


def test_orders_that_rest_after_a_restart_are_there_again():
    engine = Engine(["ACME"])
    for number in range(3):
        engine.apply(New(1, str(number), "ACME", BUY, 10 + number, 100))
    blotter = Blotter()
    blotter.begin(engine.markets["ACME"])
    assert lines(blotter) == [(3, "resting", 0, 12), (2, "resting", 0, 11), (1, "resting", 0, 10)]
    blotter.apply(engine.apply(Cancel(1, "ACME", 2)))
    assert lines(blotter)[1] == (2, "canceled", 0, 0)


def test_a_stop_waits_until_its_price_is_reached():
    stop = New(1, "stop", "ACME", BUY, 5, None, terms=Terms(stop_price=105))
    engine, blotter = Engine(["ACME"]), Blotter()

    def states(*commands):
        for command in commands:
            blotter.apply(engine.apply(command))
        return [line.state for line in blotter.of(1)]

    offer, buy = New(2, "s", "ACME", SELL, 9, 105), New(3, "b", "ACME", BUY, 1, 105)
    assert states(New(2, "t", "ACME", SELL, 1, 99), New(3, "c", "ACME", BUY, 1, 99), stop) == [
        "waiting"
    ]
    recovered = Blotter()
    recovered.begin(engine.markets["ACME"])
    assert [(line.state, line.price) for line in recovered.of(1)] == [("waiting", None)]
    assert states(offer, buy) == ["filled"]


def test_what_happens_to_an_order_that_is_not_known_is_passed_over():
    engine = Engine(["ACME"])
    engine.apply(New(1, "a", "ACME", BUY, 10, 100))
    engine.apply(New(1, "b", "ACME", BUY, 10, 100))
    blotter = Blotter()
    for command in (Replace(1, "ACME", 1, 5, 100), New(2, "s", "ACME", SELL, 3, 100),
                    Cancel(1, "ACME", 2)):  # fmt: skip
        blotter.apply(engine.apply(command))
    assert blotter.of(1) == []
    assert lines(blotter, 2) == [(3, "filled", 3, 0)]


def test_an_account_s_last_orders_are_kept_and_no_more():
    commands = [New(1, str(n), "ACME", BUY, 1, 100 + n) for n in range(LINES_MAX + 50)]
    blotter = played(*commands, Cancel(1, "ACME", 1))
    assert len(blotter.of(1)) == LINES_MAX
    assert [line.order_id for line in blotter.of(1, 2)] == [LINES_MAX + 50, LINES_MAX + 49]


@pytest.mark.parametrize("mode", SelfTrade)
@given(seed=st.integers(0, 10**6))
def test_ordered_is_filled_and_open_and_canceled_after_every_command(mode, seed):
    rng, engine, blotter = Random(seed), Engine(["ACME"]), Blotter()
    for number in range(40):
        account, side = rng.randint(1, 3), rng.choice((BUY, SELL))
        price, lots = rng.randint(98, 102), rng.randint(1, 30)
        command = rng.choice((
            New(account, str(number), "ACME", side, lots, price, self_trade=mode),
            New(account, str(number), "ACME", side, lots, None, self_trade=mode),
            Cancel(account, "ACME", rng.randint(1, 1 + engine.last_order_id)),
            Replace(account, "ACME", rng.randint(1, 1 + engine.last_order_id), lots, price),
        ))  # fmt: skip
        blotter.apply(engine.apply(command))
    found = [line for account in (1, 2, 3) for line in blotter.of(account)]
    assert all(each.quantity == each.filled + each.open + each.canceled for each in found)
    resting = {number: order.quantity for number, order in engine.books["ACME"].orders.items()}
    assert {line.order_id: line.open for line in found if line.open} == resting
