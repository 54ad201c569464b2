"""A day in phases: what each lets in, what happens between two, and any history of all of them."""

from random import Random
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.sim import Chance, SimDisk, VirtualClock
from exchange.app import build
from exchange.control import (
    Block,
    Limits,
    Phase,
    PhaseChanged,
    Rules,
    SetLimits,
    SetPhase,
    Tick,
    Uncrossed,
    Why,
)
from exchange.engine import Engine
from exchange.feed.view import View
from exchange.market_data import depth_of
from exchange.order_json import market_json
from exchange.orders import (
    BUY,
    SELL,
    Cancel,
    CancelAll,
    Canceled,
    CancelRejected,
    Filled,
    Life,
    New,
    Peg,
    Reason,
    Replace,
    Replaced,
    SelfTrade,
    Terms,
    Triggered,
)
from exchange.sequencer import Sequenced, Sequencer
from exchange.sessions.schedule import (
    DAY,
    DAY_MINUTES_MAX,
    HOUR_NS,
    MINUTE_NS,
    Schedule,
    day_of,
    demo,
)
from tests.exchange.sessions.auction_model import naive, wishes_of

S = 1_000_000_000
HALTS = (Phase.HALTED, Phase.CLOSED)
GATHERS = (
    *(Phase.PRE_OPEN, Phase.OPENING_AUCTION, Phase.VOLATILITY_AUCTION, Phase.CLOSING_AUCTION),
)


def order(client_id="a", account=1, side=BUY, quantity=10, price=100, **more):
    return New(account, client_id, "ACME", side, quantity, price, **more)


def in_phase(phase, why=Why.SCHEDULE, rules=None):
    engine = Engine({"ACME": rules or Rules(reference_price=100)})
    if phase is not Phase.CONTINUOUS:
        engine.apply(SetPhase("ACME", phase, why))
    return engine


def refusal(engine, wish):
    first = engine.apply(wish)[0]
    return getattr(first, "reason", None)


@pytest.mark.parametrize("phase", HALTS)
@pytest.mark.parametrize("life", list(Life)[:3])
def test_a_market_that_is_shut_takes_no_orders(phase, life):
    assert refusal(in_phase(phase), order(life=life)) is Reason.MARKET_CLOSED


@pytest.mark.parametrize("phase", HALTS)
def test_a_market_that_is_shut_takes_cancels_and_no_replacements(phase):
    engine = Engine(["ACME"])
    engine.apply(order(life=Life.DAY))
    engine.apply(SetPhase("ACME", Phase.HALTED, Why.OPERATOR))
    engine.apply(SetPhase("ACME", phase, Why.OPERATOR))
    if 1 in engine.books["ACME"].orders:
        assert refusal(engine, Replace(1, "ACME", 1, 5, 100)) is Reason.MARKET_CLOSED
        assert engine.apply(Cancel(1, "ACME", 1)) == [Canceled(1, 10, Reason.BY_CLIENT)]


@pytest.mark.parametrize("phase", GATHERS)
def test_orders_gather_and_may_cross(phase):
    engine = in_phase(phase)
    engine.apply(order("a", side=BUY, price=105))
    assert len(engine.apply(order("b", account=2, side=SELL, price=95))) == 1
    engine.books["ACME"].check()
    for life in (Life.IMMEDIATE_OR_CANCEL, Life.FILL_OR_KILL):
        assert refusal(engine, order("c", life=life)) is Reason.NOT_IN_THIS_PHASE


@pytest.mark.parametrize(
    ("phase", "reason"),
    [
        *((phase, None) for phase in (Phase.PRE_OPEN, Phase.OPENING_AUCTION)),
        *((phase, Reason.NOT_IN_THIS_PHASE) for phase in (Phase.CONTINUOUS, *GATHERS[2:])),
        *((phase, Reason.MARKET_CLOSED) for phase in HALTS),
    ],
)
def test_an_at_open_order_is_taken_before_the_open_only(phase, reason):
    assert refusal(in_phase(phase), order(life=Life.AT_OPEN)) is reason


def test_an_opening_uncrosses_then_begins_continuous_trading():
    engine = in_phase(Phase.OPENING_AUCTION)
    engine.apply(order("a", side=BUY, price=105))
    engine.apply(order("b", account=2, side=SELL, price=95, quantity=4))
    assert engine.apply(SetPhase("ACME", Phase.CONTINUOUS)) == [
        Uncrossed("ACME", 105, 4),
        Filled(105, 4, 1, 2),
        PhaseChanged("ACME", Phase.CONTINUOUS, Why.SCHEDULE),
    ]
    assert engine.apply(order("c", account=3, side=SELL, price=105, quantity=1))[1:] == [
        Filled(105, 1, 1, 3)
    ]


def test_what_was_meant_for_the_auction_leaves_with_it():
    engine = in_phase(Phase.OPENING_AUCTION)
    engine.apply(order("a", side=BUY, price=None, quantity=10))
    engine.apply(order("b", account=2, side=BUY, price=99, quantity=5, life=Life.AT_OPEN))
    engine.apply(order("c", account=3, side=SELL, price=100, quantity=4))
    assert engine.apply(SetPhase("ACME", Phase.CONTINUOUS))[:-1] == [
        Uncrossed("ACME", 100, 4),
        Filled(100, 4, 1, 3),
        Canceled(1, 6, Reason.REST_OF_IMMEDIATE),
        Canceled(2, 5, Reason.EXPIRED),
    ]


def seen(view, engine, command):
    """Apply a command and let the public see it; return its events."""
    events = engine.apply(command)
    view.apply(Sequenced(0, command, events))
    return events


def test_an_at_close_order_waits_unseen_until_the_closing_auction():
    engine = Engine(["ACME"])
    view = View(engine)
    feed = view.books["ACME"]
    seen(view, engine, order(life=Life.AT_CLOSE))
    assert feed.depth(BUY, 5) == depth_of(engine.books["ACME"], BUY, 5) == []
    # It does not trade.
    seen(view, engine, order("b", account=2, side=SELL, price=100, quantity=3))
    assert seen(view, engine, SetPhase("ACME", Phase.CLOSING_AUCTION))[-1] == Triggered(1)
    assert feed.depth(BUY, 5) == depth_of(engine.books["ACME"], BUY, 5) != []
    assert engine.apply(SetPhase("ACME", Phase.CLOSED))[:3] == [
        Uncrossed("ACME", 100, 3),
        Filled(100, 3, 1, 2),
        Canceled(1, 7, Reason.EXPIRED),
    ]


def test_an_at_close_order_can_be_canceled_while_it_waits():
    engine = Engine(["ACME"])
    engine.apply(order(life=Life.AT_CLOSE))
    assert engine.apply(Cancel(2, "ACME", 1))[0] == CancelRejected(2, 1, Reason.UNKNOWN_ORDER)
    assert engine.apply(Cancel(1, "ACME", 1)) == [Canceled(1, 10, Reason.BY_CLIENT)]
    engine.apply(order("b", life=Life.AT_CLOSE))
    assert engine.apply(CancelAll(1, "ACME")) == [Canceled(2, 10, Reason.ALL_OF_ACCOUNT)]


def test_a_replacement_in_an_auction_keeps_or_loses_its_place_and_never_trades():
    engine = in_phase(Phase.PRE_OPEN)
    engine.apply(order("a", price=100))
    engine.apply(order("b", account=2, side=SELL, price=104))
    assert engine.apply(Replace(1, "ACME", 1, 5, 100)) == [Replaced(1, 5, 100, True)]
    assert engine.apply(Replace(1, "ACME", 1, 5, 104)) == [Replaced(1, 5, 104, False)]


def test_a_schedule_does_not_end_a_halt_but_it_ends_the_day():
    engine = in_phase(Phase.HALTED, Why.OPERATOR)
    assert engine.apply(SetPhase("ACME", Phase.CONTINUOUS)) == []
    assert engine.apply(SetPhase("ACME", Phase.HALTED, Why.OPERATOR)) == []
    assert engine.apply(SetPhase("ACME", Phase.CLOSED))[-1].phase is Phase.CLOSED


def test_a_halt_in_an_auction_leaves_its_orders_and_a_resumption_uncrosses_them():
    engine = in_phase(Phase.OPENING_AUCTION)
    engine.apply(order("a", side=BUY, price=105))
    engine.apply(order("b", account=2, side=SELL, price=95))
    assert len(engine.apply(SetPhase("ACME", Phase.HALTED, Why.OPERATOR))) == 1
    engine.books["ACME"].check()
    first, *_ = engine.apply(SetPhase("ACME", Phase.CONTINUOUS, Why.OPERATOR))
    assert first == Uncrossed("ACME", 100, 10)


def test_a_phase_of_an_unknown_symbol_changes_nothing():
    assert Engine(["ACME"]).apply(SetPhase("NONE", Phase.HALTED)) == []


def test_a_schedule_tells_each_phase_once_and_its_auctions_end_by_chance():
    ends = set()
    for seed in range(20):
        schedule = Schedule(["ACME"], rng=Random(seed))
        assert schedule.due(8 * HOUR_NS - 1) == []
        assert schedule.due(8 * HOUR_NS) == [SetPhase("ACME", Phase.PRE_OPEN)]
        assert schedule.due(8 * HOUR_NS) == []
        assert schedule.due(9 * HOUR_NS - 1) == [SetPhase("ACME", Phase.OPENING_AUCTION)]
        ends.add(schedule.due_ns)
        assert 9 * HOUR_NS <= schedule.due_ns < 9 * HOUR_NS + MINUTE_NS // 2
    assert len(ends) == 20


def test_of_phases_that_passed_while_nobody_looked_the_last_is_told():
    schedule = Schedule(["ACME", "GLOBEX"], rng=Random(1))
    assert schedule.due(12 * HOUR_NS) == [
        SetPhase("ACME", Phase.CONTINUOUS),
        SetPhase("GLOBEX", Phase.CONTINUOUS),
    ]


def test_a_faster_schedule_has_the_same_phases_in_less_time():
    schedule = Schedule(["ACME"], rng=Random(1), starts_ns=50, speed=600)
    phases = []
    while (due_ns := schedule.due_ns) is not None:
        phases += [command.phase for command in schedule.due(due_ns)]
    assert phases == [slot.phase for slot in DAY]
    assert due_ns is None


def test_a_day_passes_in_the_minutes_that_were_asked_for():
    assert day_of(0, ["ACME"], rng=Random(1), starts_ns=0) == []
    (day,) = day_of(2, ["ACME"], rng=Random(1), starts_ns=0)
    last_ns = 0
    while (due_ns := day.due_ns) is not None:
        last_ns = due_ns
        day.due(due_ns)
    assert 1.9 * MINUTE_NS < last_ns < 2.1 * MINUTE_NS


@pytest.mark.parametrize("minutes", [-3, DAY_MINUTES_MAX + 1])
def test_no_day_is_shown_that_cannot_be_served(minutes):
    with pytest.raises(UsageError, match=f"--minutes is {minutes}; it must be 0 to 1440"):
        demo(minutes=minutes)


def test_a_sequencer_journals_what_its_schedule_says_and_a_replay_needs_no_schedule():
    clock, disk = VirtualClock(), SimDisk(rng=Chance(1).stream("disk"))
    schedule = Schedule(["ACME"], rng=Random(1))
    first = Sequencer(clock=clock, disk=disk, symbols=["ACME"], clerks=[schedule])
    assert first.due_in_ns() == 8 * HOUR_NS
    clock.advance(8 * HOUR_NS)
    (opened,) = first.submit([])
    assert opened.events == [PhaseChanged("ACME", Phase.PRE_OPEN, Why.SCHEDULE)]
    assert first.due_in_ns() == 50 * MINUTE_NS
    second = Sequencer(clock=clock, disk=disk, symbols=["ACME"])
    assert second.replica.engine.markets["ACME"].phase is Phase.PRE_OPEN
    assert second.due_in_ns() is None


TERMS = [
    *(Terms(display=4), Terms(display=0), Terms(stop_price=104), Terms(stop_price=96)),
    *(Terms(peg=Peg.PRIMARY), Terms(peg=Peg.MARKET), Terms(peg=Peg.MIDPOINT, display=0)),
    *(Terms(trail=3), Terms(quantity_min=3)),
]
COMMANDS = st.one_of(
    st.builds(
        New,
        *(st.integers(1, 3), st.integers(0, 60).map(str), st.just("ACME")),
        *(st.sampled_from([BUY, SELL]), st.integers(1, 30)),
        st.none() | st.integers(90, 110),
        life=st.sampled_from(
            [Life.DAY] * 4 + [Life.IMMEDIATE_OR_CANCEL, Life.AT_OPEN, Life.AT_CLOSE]
        ),
        self_trade=st.sampled_from([SelfTrade.CANCEL_TAKER, SelfTrade.CANCEL_MAKER]),
    ),
    st.builds(Cancel, st.integers(1, 3), st.just("ACME"), st.integers(1, 30)),
    st.builds(
        Replace,
        *(st.integers(1, 3), st.just("ACME"), st.integers(1, 30)),
        *(st.integers(1, 40), st.integers(90, 110)),
    ),
    st.builds(CancelAll, st.integers(1, 3), st.just("ACME")),
    st.builds(SetPhase, st.just("ACME"), st.sampled_from(list(Phase)), st.sampled_from(list(Why))),
    st.builds(
        SetLimits,
        *(st.integers(1, 3), st.sampled_from(["ACME", "*"])),
        st.builds(
            Limits,
            *(st.sampled_from([0, 20]), st.sampled_from([0, 2000]), st.sampled_from([0, 500])),
            *(
                st.sampled_from([0, 3]),
                st.none() | st.integers(0, 4000),
                st.none() | st.integers(0, 30),
            ),
        ),
    ),
    st.builds(Block, st.integers(1, 3), st.just("ACME"), st.booleans()),
    st.builds(Tick, st.just("ACME")),
)
HISTORIES = st.lists(st.tuples(st.integers(-5, 40), COMMANDS), max_size=50)


@settings(max_examples=300)
@given(history=HISTORIES, band_bp=st.sampled_from([0, 300, 500]), wait_s=st.sampled_from([0, 15]))
def test_any_history_of_phases_limits_and_orders_keeps_every_invariant(history, band_bp, wait_s):
    rules = Rules(reference_price=100, band_bp=band_bp, limit_state_ns=wait_s * S)
    engine = Engine({"ACME": rules})
    view = View(engine)
    market, book, now_ns = engine.markets["ACME"], engine.books["ACME"], 0
    for number, (passed_s, command) in enumerate(history, start=1):
        now_ns += passed_s * S
        before = (market.phase, market.bands and (market.bands.lower, market.bands.upper))
        foreseen = naive(wishes_of(book), market.reference)
        assert market.indication() == foreseen
        if isinstance(command, SetPhase) and command.phase is Phase.CLOSING_AUCTION:
            foreseen = None
        events = engine.apply(command, now_ns)
        book.check()
        engine.risk.check()
        view.apply(Sequenced(number, command, events, engine.now_ns))
        for side in (BUY, SELL):
            assert view.books["ACME"].depth(side, 50) == depth_of(book, side, 50)
        fills = [event for event in events if isinstance(event, Filled)]
        if before[0] is Phase.CONTINUOUS and before[1]:
            assert all(before[1][0] <= fill.price <= before[1][1] for fill in fills)
        if before[0] is not Phase.CONTINUOUS and fills:
            assert foreseen and {fill.price for fill in fills} == {foreseen.price}
            assert sum(fill.quantity for fill in fills) == foreseen.quantity
        _check_reservations(engine)
    again = Engine.load(engine.dump())
    assert again.dump() == engine.dump()
    assert again.watched.keys() == engine.watched.keys()


def _check_reservations(engine):
    """What is reserved is the exposure of what is open in the book, or waits for the close."""
    market = engine.markets["ACME"]
    for number, account in engine.risk.accounts.items():
        theirs = [each for each in market.everyone() if each.account == number]
        buys = sum(
            (each.quantity + each.reserve) * limit
            for each in theirs
            if each.side == BUY and (limit := each.price if each.peg is None else each.cap) < 1000
        )
        sells = sum(each.quantity + each.reserve for each in theirs if each.side == SELL)
        assert account.reserved[""] == buys
        assert account.reserved.get("sells ACME", 0) == sells


@pytest.mark.parametrize("seed", range(3))
def test_a_replay_of_the_journal_has_the_same_phases_even_if_the_clock_was_set_back(seed):
    disk, clock, rng = SimDisk(rng=Chance(seed).stream("disk")), _Jumpy(), Random(seed)
    rules = {"ACME": Rules(reference_price=100, band_bp=500, limit_state_ns=2 * S, pause_ns=3 * S)}
    schedule = Schedule(["ACME"], rng=rng, starts_ns=0, speed=240)
    first = Sequencer(clock=clock, disk=disk, symbols=rules, clerks=[schedule])
    phases = set()
    for number in range(400):
        clock.time_ns += rng.choice((-S, S // 2, S, S))
        side = rng.choice((BUY, SELL))
        wish = order(str(number), 1 + number % 9, side, rng.randint(1, 9), rng.randint(88, 112))
        for done in first.submit([wish]):
            phases |= {event.phase for event in done.events if isinstance(event, PhaseChanged)}
        if number == 200:
            first.snapshot()
    assert Phase.VOLATILITY_AUCTION in phases
    disk.crash()
    second = Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"])
    assert second.replica.state_hash == first.replica.state_hash
    assert second.replica.engine.dump() == first.replica.engine.dump()


class _Jumpy(VirtualClock):
    time_ns = 0

    def now_ns(self):
        return self.time_ns


def test_a_running_exchange_acts_when_something_is_due_although_nobody_sends_anything(tmp_path):
    """The real clock and the real writer: it sleeps until the limit state is over, and no longer."""
    rules = Rules(reference_price=1000, band_bp=500, limit_state_ns=20_000_000, pause_ns=20_000_000)
    running = build(tmp_path, {"ACME": rules})
    running.enter(order(price=1050))
    deadline = monotonic() + 30
    while running.status()["sequence"] < 3:
        assert monotonic() < deadline, "nothing happened by itself"
    assert running.status()["markets"]["ACME"] == {
        "phase": "continuous",
        "bands": {"lower": "9.97", "upper": "11.03"},
    }
    entered_ns, paused_ns, resumed_ns = (done.now_ns for done in running.follow(lambda done: None))
    assert paused_ns - entered_ns >= 20_000_000 and resumed_ns - paused_ns >= 20_000_000
    running.close()


def test_a_market_tells_what_its_auction_would_come_to():
    engine = in_phase(Phase.OPENING_AUCTION)
    engine.apply(order("a", price=1050))
    engine.apply(order("b", account=2, side=SELL, price=950, quantity=4))
    assert market_json(engine.markets["ACME"]) == {
        "phase": "opening-auction",
        "indicative": {"price": "10.50", "quantity": 4, "imbalance": 6},
    }


def test_a_hidden_order_and_an_iceberg_trade_in_full_in_an_auction():
    engine = in_phase(Phase.OPENING_AUCTION)
    engine.apply(order("a", quantity=10, price=100, terms=Terms(display=0)))
    engine.apply(order("b", account=2, quantity=10, price=100, terms=Terms(display=4)))
    engine.apply(order("c", account=3, side=SELL, quantity=15, price=100))
    fills = [
        (event.maker_id, event.quantity)
        for event in engine.apply(SetPhase("ACME", Phase.CONTINUOUS))
        if isinstance(event, Filled)
    ]
    assert fills == [(2, 4), (2, 4), (2, 2), (1, 5)]  # what is displayed goes first


def test_an_auction_sets_off_stops_once_trading_goes_on():
    engine = in_phase(Phase.OPENING_AUCTION)
    stop = order("s", account=4, side=SELL, quantity=2, price=None, terms=Terms(stop_price=100))
    engine.apply(stop)
    engine.apply(order("a", quantity=10, price=99))
    engine.apply(order("b", account=2, side=SELL, quantity=4, price=99))
    events = engine.apply(SetPhase("ACME", Phase.CONTINUOUS))
    assert events[-2:] == [Triggered(1), Filled(99, 2, 2, 1)]


def test_at_the_days_end_orders_of_the_day_go_and_others_stay():
    engine = Engine(["ACME"])
    engine.apply(order("a"))
    engine.apply(order("b", life=Life.GOOD_TILL_CANCEL))
    engine.apply(order("c", life=Life.AT_CLOSE))
    events = engine.apply(SetPhase("ACME", Phase.CLOSED))
    assert events[1:] == [Canceled(1, 10, Reason.EXPIRED), Canceled(3, 10, Reason.EXPIRED)]
    assert list(engine.books["ACME"].orders) == [2]


def test_an_at_close_order_that_was_changed_comes_in_as_it_is_now():
    engine = Engine(["ACME"])
    view = View(engine)
    for command in (
        order(life=Life.AT_CLOSE),
        Replace(1, "ACME", 1, 7, 98),
        SetPhase("ACME", GATHERS[3]),
    ):
        seen(view, engine, command)
    assert view.books["ACME"].depth(BUY, 5) == depth_of(engine.books["ACME"], BUY, 5)
    assert engine.books["ACME"].orders[1].price == 98
