"""Regimes: the same seed is the same market, the rate is what was asked for, and facts of real markets."""

from itertools import islice, pairwise, takewhile
from random import Random

import pytest

from chapters.errors import UsageError
from chapters.sim.clock import S
from exchange.floor.crowd import Flow, alone, arrivals
from exchange.floor.facts import autocorrelation, facts, kurtosis
from exchange.floor.pit import Pit
from exchange.floor.regimes import REGIMES, Regime, mean_of, regime_named, value_at
from exchange.flow.order_flow import CANCEL, NEW
from exchange.orders import BUY, SELL, Accepted, Canceled, CancelRejected, Reason, Rejected

SECONDS = 120


@pytest.fixture(scope="module")
def measured():
    return {name: facts(Flow(regime, 7, 100.0), SECONDS) for name, regime in REGIMES.items()}


def test_a_curve_is_straight_between_its_points_and_level_outside():
    curve = ((10, 1.0), (20, 3.0), (20, 7.0))
    assert [value_at(curve, at) for at in (0, 10, 15, 20, 99)] == [1, 1, 2, 7, 7]
    assert mean_of(((0, 0.0), (10, 10.0)), 20) == 7.5


@pytest.mark.parametrize("name", REGIMES)
def test_curves_lie_within_their_cycle_and_in_order(name):
    regime = REGIMES[name]
    for curve in (regime.pace, regime.lean):
        seconds = [at for at, _ in curve]
        assert seconds == sorted(seconds) and seconds[0] >= 0 and seconds[-1] <= regime.cycle_s
    assert all(-1 <= lean <= 1 for _, lean in regime.lean)
    assert 0 <= regime.excitement < 1, "more than one message for each would never end"


@pytest.mark.parametrize("name", REGIMES)
def test_the_same_seed_is_the_same_market(name):
    flows = [Flow(REGIMES[name], seed, 50.0) for seed in (3, 3, 4)]
    first, again, other = (list(islice(alone(flow), 900)) for flow in flows)
    assert first == again != other


@pytest.mark.parametrize("name", REGIMES)
def test_the_engine_has_the_very_book_that_the_crowd_believes_in(name):
    """Each cancel and change hits an order that is there: the crowd's shadow is exact."""
    pit = Pit(Flow(REGIMES[name], 5, 200.0))
    refused = [
        event
        for _, events in pit.until(40 * S)
        for event in events
        if isinstance(event, CancelRejected | Rejected)
    ]
    assert pit.sequence > 2_000 and not refused
    pit.book.check()


@pytest.mark.parametrize("name", ["calm", "news", "stuffing"])
def test_as_many_messages_come_as_were_asked_for(name):
    """Over whole cycles; bursts make the count of one run uncertain by some percent."""
    regime, cycles = REGIMES[name], 10
    until_s = cycles * regime.cycle_s
    times = list(takewhile(lambda at: at < until_s, arrivals(Random(7), regime, 40.0)))
    assert len(times) == pytest.approx(40 * until_s, rel=0.1)
    assert times == sorted(times)


@pytest.mark.parametrize("excitement", [0.0, 0.4])
def test_messages_that_bring_about_others_come_in_bursts(excitement):
    """By theory the variance of the counts is their mean times 1 / (1 - excitement)²."""
    regime = Regime("everybody looks at everybody", excitement=excitement)
    times = takewhile(lambda at: at < 8_000, arrivals(Random(3), regime, 20.0))
    counts = [0] * 400
    for at in times:
        counts[int(at / 20)] += 1
    mean = sum(counts) / 400
    burst = sum((count - mean) ** 2 for count in counts) / 400 / mean
    assert mean == pytest.approx(400, rel=0.03)
    assert burst == pytest.approx(1 / (1 - excitement) ** 2, rel=0.2)


@pytest.mark.parametrize("name", REGIMES)
def test_every_regime_has_the_facts_of_a_real_market(measured, name):
    found = measured[name]
    assert 0.3 <= found.cancels <= 0.6, "a third to a half of all messages take an order back"
    assert found.spread >= 1, "never crossed"
    assert found.sign_next > 0.05, "a buy is rather followed by a buy"
    assert found.kurtosis > 0, "extreme returns are more frequent than in a normal distribution"


def test_each_regime_is_what_its_name_says(measured):
    calm = measured["calm"]
    assert calm.swing < 0.3 and calm.spread < 4
    assert all(measured[name].busiest > 2.5 for name in ("open", "news", "crash", "close"))
    assert measured["crash"].swing > 10 * calm.swing
    assert measured["news"].swing > 3 * calm.swing
    assert measured["thin"].spread > 3 * calm.spread
    assert measured["trending"].swing > 3 * calm.swing
    assert measured["stuffing"].orders_per_trade > 3 * calm.orders_per_trade


def test_a_trend_goes_up_whatever_the_seed():
    for seed in range(5):
        pit = Pit(Flow(REGIMES["trending"], seed, 100.0))
        middles = []
        for until_s in (1, 90):
            pit.run(until_s * S)
            middles.append(pit.book.bids.best().price + pit.book.asks.best().price)
        assert middles[1] > middles[0] + 40


def test_a_stuffed_quote_is_taken_back_at_once():
    messages = list(islice(alone(Flow(REGIMES["stuffing"], 7, 500.0)), 3_000))
    pairs = pairwise(messages[600:])
    fleeting = [
        (new, gone)
        for new, gone in pairs
        if new.message.kind == NEW
        and gone.message.kind == CANCEL
        and new.message.order_id == gone.message.order_id
    ]
    assert len(fleeting) > 500
    assert all(0 < gone.at_ns - new.at_ns < 1_000_000 for new, gone in fleeting)


def test_in_a_crash_buyers_step_back():
    """In the fall, from second 18 to 29, a bid is likelier to be taken back than an ask."""
    pit = Pit(Flow(REGIMES["crash"], 7, 200.0))
    gone, waited, sides = {BUY: 0, SELL: 0}, {BUY: 0, SELL: 0}, {}
    for until_s in range(30):
        for _, events in pit.until(until_s * S):
            for event in events:
                if isinstance(event, Accepted):
                    sides[event.order_id] = event.order.side
                elif isinstance(event, Canceled) and event.reason is Reason.BY_CLIENT:
                    gone[sides[event.order_id]] += until_s > 18
        for order in pit.book.orders.values():
            waited[order.side] += until_s > 18
    assert gone[BUY] / waited[BUY] > 1.5 * gone[SELL] / waited[SELL]


def test_an_unknown_regime_is_one_line_that_says_which_there_are():
    with pytest.raises(UsageError, match="--regime mad: there is none; there are calm, open"):
        regime_named("mad")


def test_the_yardsticks_themselves_are_right():
    assert autocorrelation([1, -1] * 50, 1) == pytest.approx(-0.99)
    assert autocorrelation([1, 1], 1) == 0
    assert kurtosis([-1, 1] * 10) == -2  # two points: the least there is
    assert kurtosis([0] * 98 + [-1, 1]) > 40
