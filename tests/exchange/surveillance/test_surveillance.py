"""Surveillance: what is seen in the events, what is an alert, and what is found of what was planted."""

from itertools import pairwise

import pytest

from chapters.errors import UsageError
from chapters.sim.clock import MS, S
from exchange.clearing.drop_copy import Execution
from exchange.engine import Engine
from exchange.orders import BUY, SELL, Cancel, New, Replace
from exchange.surveillance import story
from exchange.surveillance.acts import Acts, Entered, Moment, Pulled
from exchange.surveillance.alerts import CLOSE, KINDS, LAYERING, MOMENTUM, SPOOFING, WASH, Alert
from exchange.surveillance.checks import feint, judged
from exchange.surveillance.closing import MarkingTheClose
from exchange.surveillance.figures import curve
from exchange.surveillance.momentum import FOLLOWERS_MAX, RUNS_KEPT, MomentumIgnition
from exchange.surveillance.planted import MAKER, Case, market
from exchange.surveillance.runs import LARGE, LARGE_TIMES
from exchange.surveillance.spoofing import TRADES_KEPT, Spoofing
from exchange.surveillance.wash import TRADES_KEPT as CIRCLE_TRADES
from exchange.surveillance.wash import WashTrades
from exchange.surveillance.watch import THRESHOLDS, about, merged, quality, watch


def trade(number, buyer, seller, lots=100, *, at_ms=0, price=1000, taker=BUY):
    ids = (buyer, seller, 0, 0, taker)
    return Execution(number, 0, at_ms * MS, "ACME", price, lots, *ids)


def heard(commands):
    """Return the acts of commands, one millisecond apart."""
    engine, acts, found = Engine(["ACME"]), Acts(), []
    for number, command in enumerate(commands, start=1):
        moment = Moment(number, number * MS, engine.apply(command))
        found.append(list(acts.hear(moment)))
    return found


# Acts -------------------------------------------------------------------------------------------


def test_an_order_is_entered_trades_and_what_is_left_is_taken_back():
    (entered,), (seen, fill), (pulled,) = heard([
        New(7, "a", "ACME", BUY, 100, 1000),
        New(8, "b", "ACME", SELL, 30, 1000),
        Cancel(7, "ACME", 1),
    ])  # fmt: skip
    assert entered == Entered(1, MS, 7, "ACME", BUY, 1000, 100)
    assert isinstance(seen, Entered) and fill.quantity == 30
    assert pulled == Pulled(3, 3 * MS, entered, 70)


def test_an_order_that_is_moved_was_taken_back_there_and_entered_here():
    _, acts, (last,) = heard([
        New(7, "a", "ACME", BUY, 100, 1000), Replace(7, "ACME", 1, 80, 990), Cancel(7, "ACME", 1),
    ])  # fmt: skip
    assert isinstance(acts[0], Pulled) and acts[0].shown.price == 1000 and acts[0].lots == 100
    assert isinstance(acts[1], Entered) and acts[1].price == 990
    assert last.shown == acts[1] and last.lots == 80


def test_what_the_exchange_cancels_by_a_rule_was_not_taken_back():
    acts = heard([New(7, "a", "ACME", BUY, 100, None)])[0]
    assert [type(act) for act in acts] == [Entered]


def test_nothing_is_remembered_of_orders_that_are_gone():
    engine, acts = Engine(["ACME"]), Acts()
    for moment in market(3, 4_000).moments:
        list(acts.hear(moment))
    open_orders = len(acts._shown)
    assert open_orders == len(acts._open) == len(acts._copy._open) < 2_000
    assert engine.last_order_id == 0


# Spoofing and layering --------------------------------------------------------------------------


def test_a_large_order_that_is_taken_back_after_a_trade_on_the_other_side():
    assert judged(feint(600)) == [[SPOOFING, 1, 3, pytest.approx(600 / 52.75, abs=1e-3)]]


@pytest.mark.parametrize(
    "script",
    [feint(600, side="buy"), feint(600, ms=2_301), feint(90, wanted=1), feint(600, wanted=400)],
)
def test_what_only_looks_like_it(script):
    assert judged(script) == []


def test_three_prices_are_layers():
    layers = [["enter", f"{n}", 100 + n, "buy", 998 - n, 200] for n in range(3)]
    pulls = [["pull", f"{n}", 400 + n, 200] for n in range(3)]
    kinds = [kind for kind, *_ in judged([*layers, ["trade", 300, "sell", 20], *pulls])]
    assert kinds == [SPOOFING, SPOOFING, LAYERING]


def test_of_an_account_only_its_last_trades_are_remembered():
    detector = Spoofing()
    for number in range(1, 1_000):
        list(detector.hear(trade(number, 7, 8, at_ms=0, taker=BUY)))
    assert {len(kept) for kept in detector._trades.values()} == {TRADES_KEPT}


# Wash trades ------------------------------------------------------------------------------------


def alerts_of(detector, acts):
    return [alert for act in acts for alert in detector.hear(act)] + list(detector.close())


def test_a_circle_of_three_is_found_when_it_closes_and_counted():
    circle = [(2, 1), (3, 2), (1, 3)] * 2
    acts = [trade(n, buyer, seller, at_ms=100 * n) for n, (buyer, seller) in enumerate(circle, 1)]
    found = alerts_of(WashTrades(), acts)
    assert (found[0].accounts, found[0].last) == ((1, 2, 3), 3)
    assert found[-1].score >= 2 and all(each.kind == WASH for each in found)


def test_a_trade_with_oneself_is_a_circle_of_one():
    (found,) = alerts_of(WashTrades(), [trade(1, 7, 7)])
    assert found.accounts == (7,)


@pytest.mark.parametrize(
    "acts",
    [
        [trade(1, 2, 1), trade(2, 3, 2), trade(3, 4, 3)],  # it goes on, and does not come back
        [trade(1, 2, 1), trade(2, 3, 2), trade(3, 1, 3, lots=50)],  # half of it
        [
            trade(3, 1, 3),
            trade(3, 3, 2),
            trade(3, 2, 1),
        ],  # all in one command: somebody swept the book
        [trade(1, 2, 1), trade(2, 3, 2), trade(3, 1, 3, at_ms=11_000)],  # too slow
    ],
)
def test_what_is_no_circle(acts):
    assert alerts_of(WashTrades(), acts) == []


def test_of_a_symbol_only_the_last_trades_are_remembered():
    detector = WashTrades()
    for number in range(1, 3_000):
        list(detector.hear(trade(number, number, number + 5_000)))
    assert len(detector._trades["ACME"]) == CIRCLE_TRADES


# Marking the close ------------------------------------------------------------------------------


def test_who_pushes_the_last_price_is_found_at_the_close():
    quiet = [trade(n, 1, 2, price=1000 + n % 2, at_ms=n) for n in range(1, 200)]
    late = [trade(200 + n, 9, 3, price=1000 + 5 * n, at_ms=59_000 + n) for n in range(1, 5)]
    (found,) = alerts_of(MarkingTheClose(60 * S, window_ns=2 * S), quiet + late)
    assert (found.kind, found.accounts, found.first) == (CLOSE, (9,), 201)


def test_a_price_pushed_long_before_the_close_is_nobodys_business():
    early = [trade(n, 9, 3, price=1000 + 5 * n, at_ms=n) for n in range(1, 20)]
    assert alerts_of(MarkingTheClose(600 * S), early) == []


# Momentum ignition ------------------------------------------------------------------------------


def push(account=7, prices=(1000, 1002, 1004), side=BUY, at_ms=100):
    """Trades for which the account's orders have arrived, at these prices."""
    for number, price in enumerate(prices, 1):
        way = (account, 50) if side == BUY else (50, account)
        yield trade(number, *way, price=price, at_ms=at_ms + number, taker=side)


def give(price, lots=300, *, number=10, to=60, account=7, side=BUY, at_ms=500, taker=None):
    """A trade in which the account gives back what it took."""
    way = (to, account) if side == BUY else (account, to)
    return trade(number, *way, lots, price=price, at_ms=at_ms, taker=taker or side)


def test_who_runs_the_price_up_and_sells_to_those_who_follow_is_found():
    (found,) = alerts_of(MomentumIgnition(), [*push(), give(1005)])
    assert (found.kind, found.accounts, found.first, found.last) == (MOMENTUM, (7,), 1, 10)
    assert found.score == pytest.approx(4.0, rel=0.05)


def test_running_it_down_is_the_same_upside_down():
    acts = [*push(prices=(1000, 998, 996), side=SELL), give(995, side=SELL)]
    (found,) = alerts_of(MomentumIgnition(), acts)
    assert found.accounts == (7,) and found.score == pytest.approx(4.0, rel=0.05)


def test_whoever_gives_half_scores_half():
    (half,) = alerts_of(MomentumIgnition(), [*push(), give(1005, lots=150)])
    assert half.score == pytest.approx(2.0, rel=0.05)


def test_a_follower_may_also_be_met_where_it_bids():
    acts = [*push(), trade(5, 60, 51, at_ms=300, price=1005), give(1006, taker=SELL)]
    assert [each.last for each in alerts_of(MomentumIgnition(), acts)] == [10]


@pytest.mark.parametrize(
    "acts",
    [
        list(push()),  # it keeps what it has bought
        [*push(prices=(1000, 1000, 1001)), give(1005)],  # it has hardly moved the price
        [*push(), give(1002)],  # it gains nothing: that is what it has paid
        [*push(), give(1005, taker=SELL)],  # to somebody who was there before, and did not follow
        [*push(), give(1005, at_ms=10_102)],  # much later
        [*push(), give(1005, account=8)],  # somebody else
        [*push(), give(1005, lots=10)],  # next to nothing of it
    ],
)
def test_what_is_no_ignition(acts):
    assert alerts_of(MomentumIgnition(), acts) == []


def test_orders_that_come_seconds_apart_are_no_run():
    slow = [each._replace(time_ns=each.sequence * 2_001 * MS) for each in push()]
    assert alerts_of(MomentumIgnition(), [*slow, give(1005, at_ms=8_000)]) == []


def test_of_a_symbol_only_the_last_runs_are_remembered_and_of_a_run_so_many_followers():
    detector = MomentumIgnition()
    for account in range(1_000, 2_000):
        alerts_of(detector, push(account))
    alerts_of(detector, [trade(9, to, 5, at_ms=150, price=1005) for to in range(100, 1_000)])
    assert len(detector._far["ACME"]) == RUNS_KEPT
    assert {len(run.followers) for run in detector._far["ACME"]} == {FOLLOWERS_MAX}


def test_the_large_buyer_moves_the_price_and_is_never_taken_for_one_who_sells_into_it():
    far = set()
    for seed in range(40, 42):
        made, acts, detector = market(seed, 8_000), Acts(), MomentumIgnition()
        for moment in made.moments:
            for act in acts.hear(moment):
                assert all(LARGE not in each.accounts for each in detector.hear(act))
            runs = detector._far.get("ACME", ())
            far |= {(seed, run.first) for run in runs if run.account == LARGE}
    assert len(far) > LARGE_TIMES


def test_momentum_ignition_is_found_and_hardly_anybody_accused_for_nothing():
    found = list(story.watched(seed=20, markets=4, messages=8_000))
    one = story.total(MOMENTUM, found, THRESHOLDS[MOMENTUM])
    assert one.recall >= 0.5 and one.precision >= 0.85, one


# How good they are ------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_market_with_the_same_cases():
    one, other = market(5, 4_000), market(5, 4_000)
    assert one.moments == other.moments and one.cases == other.cases
    assert market(6, 4_000).moments != one.moments
    assert {case.kind for case in one.cases} == set(KINDS)
    assert all(0 < case.first <= case.last for case in one.cases)
    assert all(a.time_ns <= b.time_ns for a, b in pairwise(one.moments))


def test_alerts_that_touch_are_one():
    spans = [((7,), 1, 5, 2.0), ((7,), 4, 9, 6.0), ((7,), 20, 30, 3.0), ((8,), 1, 5, 2.0)]
    parts = [Alert(SPOOFING, who, "ACME", *rest) for who, *rest in spans]
    assert [(e.accounts, e.first, e.last, e.score) for e in merged(parts)] == [
        ((7,), 1, 9, 6.0), ((7,), 20, 30, 3.0), ((8,), 1, 5, 2.0),
    ]  # fmt: skip


def test_found_missed_and_false_are_counted():
    cases = [
        Case(SPOOFING, (7,), 10, 20),
        Case(SPOOFING, (8,), 10, 20),
        Case(LAYERING, (9,), 10, 20),
    ]
    scores = {7: 5.0, 9: 5.0, 99: 5.0, 8: 1.0}
    alerts = [Alert(SPOOFING, (who,), "ACME", 12, 18, score) for who, score in scores.items()]
    one = quality(SPOOFING, alerts, cases, 3.0)
    assert (one.cases, one.found, one.alerts, one.false) == (2, 1, 3, 1)
    assert (one.recall, one.precision) == (0.5, pytest.approx(2 / 3))
    assert not about(Alert(SPOOFING, (7,), "ACME", 900, 990, 5.0), cases[0])


def test_most_of_what_was_planted_is_found_and_hardly_anybody_accused_for_nothing():
    found = list(story.watched(seed=7, markets=3, messages=8_000))
    for kind, recall, precision in (
        (SPOOFING, 0.6, 0.9),
        (LAYERING, 0.5, 0.9),
        (WASH, 0.4, 0.7),
    ):
        one = story.total(kind, found, THRESHOLDS[kind])
        assert one.recall >= recall and one.precision >= precision, one
    assert set(story.accused(found, 0.7)) <= {"the market maker", "a trader"}


def test_a_lower_threshold_never_finds_less():
    made = market(11, 8_000)
    alerts = merged(watch(made.moments, made.closes_ns))
    for kind in KINDS:
        recalls = [quality(kind, alerts, made.cases, level).recall for level in (9, 6, 3, 2, 1)]
        assert recalls == sorted(recalls)


def test_in_a_market_without_cases_nobody_but_the_market_maker_is_near_an_alert():
    made = market(8, 8_000, each=0)
    loud = [
        each
        for each in merged(watch(made.moments, made.closes_ns))
        if each.kind in (SPOOFING, LAYERING) and each.score >= 0.7 * THRESHOLDS[each.kind]
    ]
    assert {account for each in loud for account in each.accounts} <= {MAKER}


def test_the_story_and_the_curve_count_the_same(capsys):
    story.demo(markets=1, messages=4_000)
    said = capsys.readouterr().out
    assert all(kind in said for kind in KINDS) and "precision" in said
    assert curve(markets=1).count("<path") >= len(KINDS)


@pytest.mark.parametrize("words", [{"markets": 0}, {"messages": 10}, {"markets": 10_000}])
def test_words_that_make_no_sense_are_refused(words):
    with pytest.raises(UsageError, match=str(next(iter(words.values())))):
        story.demo(**words)
