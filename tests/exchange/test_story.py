"""The stories: every fault keeps its promises, the trace is repeatable, the model adds up."""

from random import Random

import pytest

from chapters.errors import UsageError
from chapters.sim import SimDisk
from chapters.sim.trace import to_otlp
from exchange.bench.books import bare, commands, hostile_flows, probe, whole
from exchange.bench.risk import LIMITS, banded, limited
from exchange.breaking.answers import lost_answers
from exchange.breaking.crash import flash_crash
from exchange.breaking.feed import feed_loss, late_joiner, slow_consumer
from exchange.breaking.journal import corruption, full_disk, power, torn_tail
from exchange.breaking.reckless import fat_finger, runaway_client
from exchange.flow.order_flow import generate
from exchange.sequencer import JOURNAL
from exchange.sessions.figures import curves
from exchange.story import capacity, trace


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "fault",
    [power, torn_tail, corruption, lost_answers, full_disk, feed_loss, late_joiner],
)
def test_every_promise_holds(fault, seed):
    outcome = fault(seed=seed)
    assert outcome.held, [verdict for verdict in outcome.verdicts if not verdict.held]
    assert outcome.replay.startswith("kit break exchange")


@pytest.mark.parametrize("fault", [flash_crash, fat_finger, runaway_client])
def test_every_protection_holds(fault):
    test_every_promise_holds(fault, 7)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("fault", [flash_crash, fat_finger, runaway_client])
def test_every_protection_holds_for_other_seeds(fault, seed):
    test_every_promise_holds(fault, seed)


def test_a_flash_crash_without_bands_and_a_mistake_below_the_limits_are_reported_as_such():
    assert not flash_crash(band_percent=0).held
    assert not fat_finger(lots=100, price=9_800).held


@pytest.mark.parametrize(
    ("fault", "knobs", "said"),
    [
        (flash_crash, {"band_percent": 51}, "band-percent is 51"),
        (flash_crash, {"sells_per_s": 0}, "sells-per-s is 0"),
        (runaway_client, {"per_second": 100_000}, "100000 at most"),
    ],
)
def test_a_knob_out_of_range_is_named(fault, knobs, said):
    with pytest.raises(UsageError, match=said):
        fault(**knobs)


def test_lost_answers_hold_even_on_a_terrible_network():
    assert lost_answers(loss=0.6, orders=50).held


def test_a_slow_reader_is_told_what_is_new_and_one_without_any_line_is_told_nothing():
    assert slow_consumer(readers=2).held
    deaf = feed_loss(loss=1.0, commands=100)
    assert not deaf.held and not deaf.verdicts[0].held


def test_a_promise_that_does_not_hold_is_noticed(monkeypatch):
    """Without its sync the journal breaks the promise, and the story must say so."""
    sync = SimDisk.sync

    def sync_all_but_the_journal(disk, name):
        if not name.startswith(JOURNAL):
            sync(disk, name)

    monkeypatch.setattr(SimDisk, "sync", sync_all_but_the_journal)
    assert not power(orders=12).held


def test_the_trace_is_the_same_for_the_same_seed_and_shows_the_whole_way():
    first, second = trace(seed=3), trace(seed=3)
    assert to_otlp(first) == to_otlp(second)
    names = [span.name for span in first.spans]
    for step in ("journalled and synced", "matched", "message lost", "looked up by its client id"):
        assert step in names


def test_the_real_trace_takes_real_time():
    spans = {span.name: span for span in trace(real=True).spans}
    assert spans["journalled and synced"].end_ns > spans["journalled and synced"].start_ns


def test_the_capacity_model_adds_up():
    rows = {row.name: row for row in capacity().evaluate()}
    assert rows["partitions"].value == 129


def test_the_benchmarks_compare_programs_that_do_the_same():
    flow = commands(generate(Random(7), 5_000))
    book, engine = bare(flow).orders, whole(flow).books["ACME"].orders
    assert {n: order.quantity for n, order in book.items()} == {
        n: order.quantity for n, order in engine.items()
    }
    assert probe(flow) > 0


def test_limits_that_nobody_reaches_change_nothing():
    flow = commands(generate(Random(7), 3_000))
    for limits, accounts in LIMITS.values():
        engine = limited(flow, limits, accounts)
        assert engine.dump() != whole(flow).dump(), "somebody has limits"
        assert engine.books["ACME"].orders.keys() == whole(flow).books["ACME"].orders.keys()
        engine.risk.check()
    assert banded(flow).books["ACME"].orders.keys() == whole(flow).books["ACME"].orders.keys()


def test_the_drawing_of_an_auction_shows_where_it_comes_to_rest():
    assert "10.08: 160 lots" in curves()


def test_no_hostile_flow_breaks_the_book():
    for flow in hostile_flows(400).values():
        bare(flow).check()
