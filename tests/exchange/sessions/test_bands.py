"""Bands, the limit state, the pause and the auction that ends it; and the alarm that wakes a sequencer."""

import pytest

from chapters.sim import Chance, SimDisk, VirtualClock
from exchange.control import BandsMoved, Phase, PhaseChanged, Rules, SetPhase, Tick, Uncrossed, Why
from exchange.engine import Engine
from exchange.orders import (
    BUY,
    PRICE_MAX,
    SELL,
    Accepted,
    Canceled,
    Filled,
    Life,
    New,
    Reason,
    Rejected,
    Replace,
    Replaced,
    Repriced,
)
from exchange.sequencer import Sequencer
from exchange.sessions.bands import HOLD_NS, WINDOW_NS, Bands, around

S = 1_000_000_000
RULES = Rules(reference_price=1000, band_bp=500)


def order(client_id, account, side, quantity, price, **more):
    return New(account, client_id, "ACME", side, quantity, price, **more)


def banded(rules=RULES):
    return Engine({"ACME": rules})


@pytest.mark.parametrize(
    ("middle", "width_bp", "tick", "expected"),
    [
        (1000, 500, 1, (950, 1050)),  # the plan's five percent of ten dollars
        (2000, 1000, 1, (1800, 2200)),
        (1010, 500, 1, (959, 1061)),  # 50.5 ticks, to the nearest: 51
        (101, 500, 5, (95, 105)),
        (3, 100, 1, (2, 4)),  # at least a tick
        (1, 5000, 1, (1, 2)),
    ],
)
def test_bands_lie_a_share_away_to_the_nearest_tick(middle, width_bp, tick, expected):
    assert around(middle, width_bp, tick) == expected


def test_an_order_trades_up_to_the_band_and_waits_there():
    engine = banded()
    engine.apply(order("a", 1, SELL, 10, 1040))
    engine.apply(order("b", 1, SELL, 10, 1050))
    engine.apply(order("c", 1, SELL, 10, 1060))
    wish = order("d", 2, BUY, 40, 1100)
    assert engine.apply(wish) == [
        *(Accepted(4, wish), Repriced(4, 1050)),
        *(Filled(1040, 10, 1, 4), Filled(1050, 10, 2, 4)),
    ]
    assert engine.books["ACME"].orders[4].price == 1050
    assert engine.books["ACME"].orders[4].quantity == 20


@pytest.mark.parametrize(
    ("price", "life", "reason"),
    [
        (None, Life.DAY, Reason.REST_OF_IMMEDIATE),
        (1100, Life.IMMEDIATE_OR_CANCEL, Reason.REST_OF_IMMEDIATE),
        (1100, Life.FILL_OR_KILL, Reason.NOT_FILLABLE),
    ],
)
def test_an_order_that_may_not_wait_is_canceled_at_the_band(price, life, reason):
    engine = banded()
    engine.apply(order("a", 1, SELL, 10, 1060))
    wish = order("b", 2, BUY, 5, price, life=life)
    told = [Repriced(2, 1050)] if price else []  # a market order has no price to change
    assert engine.apply(wish) == [Accepted(2, wish), *told, Canceled(2, 5, reason)]


def test_what_is_wrong_with_an_order_is_said_of_the_order_that_was_sent():
    engine = banded()
    for wish, reason in (
        (order("a", 1, BUY, 5, PRICE_MAX + 1), Reason.BAD_PRICE),
        (order("a", 1, BUY, 0, 1100), Reason.BAD_QUANTITY),
    ):
        assert engine.apply(wish) == [Rejected(wish, reason)]


def test_a_replacement_goes_no_further_than_the_band():
    engine = banded()
    engine.apply(order("a", 1, BUY, 10, 1000))
    assert engine.apply(Replace(1, "ACME", 1, 10, 1200)) == [Replaced(1, 10, 1050, False)]


def test_the_reference_is_the_mean_of_five_minutes_and_moves_by_a_percent():
    bands = Bands(RULES)
    bands.note(40 * S, 1009)
    assert not bands.moved(40 * S)
    bands.note(41 * S, 1031)  # the mean is 1020
    assert bands.moved(41 * S)
    assert (bands.reference, bands.lower, bands.upper) == (1020, 969, 1071)
    bands.note(42 * S, 1050)
    assert not bands.moved(41 * S + HOLD_NS - 1)  # it holds for half a minute
    assert bands.moved(40 * S + WINDOW_NS)  # the first trade is forgotten: 1040
    assert bands.reference == 1040


def test_a_symbol_that_nobody_knows_a_price_of_has_bands_from_its_first_trade_on():
    engine = banded(Rules(band_bp=500))
    engine.apply(order("a", 1, SELL, 10, 2000))
    engine.apply(order("b", 2, BUY, 10, 2000))
    bands = engine.markets["ACME"].bands
    assert (bands.lower, bands.upper) == (1900, 2100)


def test_static_bands_are_those_of_the_last_auction():
    bands = Bands(Rules(reference_price=1000, band_bp=500, static_bp=600))
    bands.note(0, 1040)
    assert bands.moved(HOLD_NS)
    assert (bands.lower, bands.upper) == (988, 1060)


def test_orders_that_moving_bands_leave_outside_wait_at_the_band():
    engine = banded()
    engine.apply(order("high", 9, BUY, 5, 1045), 0)
    engine.apply(order("sell", 8, SELL, 5, 1045), 0)  # the high bid is gone
    engine.apply(order("far", 7, SELL, 3, 972), 1)
    for number in range(6):  # trades at 1045 carry the mean, and the bands, away from it
        engine.apply(order(f"s{number}", 1, SELL, 1, 1049), S)
    market = engine.markets["ACME"]
    assert market.bands.lower == 950
    events = engine.apply(order("t", 2, BUY, 1, 960), HOLD_NS)
    assert BandsMoved("ACME", 993, 1097) in events
    assert Repriced(3, 993) in events
    assert engine.books["ACME"].asks.best().price == 993


def at_the_band(engine):
    """Let a buyer wait at the upper band."""
    engine.apply(order("up", 2, BUY, 10, 1050), S)


def test_a_limit_state_of_fifteen_seconds_becomes_a_pause_that_an_auction_ends():
    engine = banded()
    at_the_band(engine)
    assert engine.due_ns() == 16 * S
    assert engine.apply(Tick("ACME"), 16 * S - 1) == []
    assert engine.overdue(16 * S) == ["ACME"]
    assert engine.apply(Tick("ACME"), 16 * S) == [
        PhaseChanged("ACME", Phase.VOLATILITY_AUCTION, Why.BANDS)
    ]
    engine.apply(order("s", 3, SELL, 10, 1080), 20 * S)
    engine.apply(order("b", 4, BUY, 10, 1090), 21 * S)
    assert engine.due_ns() == 316 * S
    assert engine.apply(Tick("ACME"), 316 * S) == [
        Uncrossed("ACME", 1080, 10),
        Filled(1080, 10, 3, 2),
        BandsMoved("ACME", 1026, 1134),
        PhaseChanged("ACME", Phase.CONTINUOUS, Why.BANDS),
    ]
    assert engine.due_ns() is None


def test_a_seller_who_comes_ends_the_limit_state():
    engine = banded()
    at_the_band(engine)
    engine.apply(order("s", 3, SELL, 10, 1050), 10 * S)
    assert engine.due_ns() is None


def test_a_market_order_that_the_band_stopped_begins_a_limit_state_until_somebody_answers():
    engine = banded()
    engine.apply(order("low", 1, BUY, 10, 900))
    engine.apply(order("m", 2, SELL, 5, None), S)
    assert engine.due_ns() == 16 * S
    engine.apply(order("b", 3, BUY, 1, 960), 2 * S)
    assert engine.due_ns() is None


def test_after_an_auction_without_trades_the_bands_go_where_the_market_is():
    engine = banded()
    at_the_band(engine)
    engine.apply(Tick("ACME"), 16 * S)
    engine.apply(order("b", 4, BUY, 10, 1090), 21 * S)
    *_, moved, changed = engine.apply(Tick("ACME"), 316 * S)
    assert moved == BandsMoved("ACME", 1035, 1145)
    assert changed.phase is Phase.CONTINUOUS


def test_without_seconds_to_wait_the_auction_begins_at_once():
    """The European way."""
    engine = banded(RULES._replace(limit_state_ns=0))
    wish = order("up", 2, BUY, 10, 1060)
    assert engine.apply(wish, S)[-1] == PhaseChanged("ACME", Phase.VOLATILITY_AUCTION, Why.BANDS)
    assert engine.due_ns() == 301 * S


def test_whoever_sets_a_phase_takes_the_alarm_away():
    engine = banded()
    at_the_band(engine)
    engine.apply(SetPhase("ACME", Phase.HALTED, Why.OPERATOR), 2 * S)
    assert engine.due_ns() is None


def test_a_sequencer_with_nothing_to_do_still_ends_a_limit_state():
    clock, disk = VirtualClock(), SimDisk(rng=Chance(1).stream("disk"))
    sequencer = Sequencer(clock=clock, disk=disk, symbols={"ACME": RULES})
    sequencer.submit([order("up", 2, BUY, 10, 1050)])
    assert sequencer.submit([]) == []
    clock.advance(15 * S)
    (done,) = sequencer.submit([])
    assert done.command == Tick("ACME")
    assert done.events == [PhaseChanged("ACME", Phase.VOLATILITY_AUCTION, Why.BANDS)]


def test_the_first_trade_of_a_market_without_a_price_sets_its_bands_and_says_so():
    """What is left of the order that made it waits at the band, where it may trade."""
    engine = banded(Rules(band_bp=500))
    engine.apply(order("bid", 1, BUY, 3, 1000), S)
    events = engine.apply(order("ask", 2, SELL, 20, 900), S)
    assert events[1:] == [
        Filled(1000, 3, 1, 2),
        BandsMoved("ACME", 950, 1050),
        Repriced(2, 950),
    ]
    assert engine.apply(order("late", 3, BUY, 1, 1000), S)[1:] == [Filled(950, 1, 2, 3)]
