"""Numbers and messages that outlive the process: power failures after every write, and a damaged line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.sim import MS, Chance, Crashed, SimDisk
from exchange.errors import BadRecord, Halted, Unacknowledged
from exchange.fix.store import LOG, SessionLog, Store
from exchange.fix.world import World


def disk(seed=7):
    return SimDisk(rng=Chance(seed).stream("disk"))


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), st.binary(max_size=9), st.integers(0, 9)),
        st.tuples(st.just("count")),
        st.tuples(st.just("take"), st.integers(1, 99)),
        st.tuples(st.just("note"), st.integers(1, 99), st.binary(max_size=9)),
        st.tuples(st.just("reset")),
    ),
    max_size=20,
)


def state(log):
    return (log.next_in, log.next_out, log.cause, log.sent, log.requests)


@given(ACTS)
def test_what_was_committed_is_back_after_a_crash(acts):
    where, twin = disk(), SessionLog()
    store = Store(disk=where)
    for act, *words in acts:
        getattr(store.session("a"), act)(*words)
        getattr(twin, act)(*words)
    store.commit()
    store.session("a").keep(b"never committed", 1)
    where.crash()
    assert state(Store(disk=where).session("a")) == state(twin)


def test_sessions_are_kept_apart_and_share_one_log():
    where = disk()
    store = Store(disk=where)
    store.session("a").keep(b"A", 0)
    store.session("b").count()
    store.session("b").take(5)
    store.commit()
    again = Store(disk=where)
    assert again.session("a").sent == {1: b"A"}
    assert (again.session("b").next_out, again.session("b").next_in) == (2, 5)
    assert len(where.names(LOG)) == 1


def test_after_a_batch_that_was_cut_short_only_the_rest_is_told_again():
    log = SessionLog()
    for cause in (3, 3, 5, 5):
        log.keep(b"", cause)
    reported, found = log.reported(), []
    for cause in (3, 3, 3, 5, 5, 5, 5, 6, 6):
        found.append(reported.has(cause))
        if not found[-1]:
            log.keep(b"", cause)
    assert found == [True] * 5 + [False] * 4


def test_a_record_of_a_newer_kit_is_refused():
    with pytest.raises(BadRecord, match="newer version"):
        SessionLog().replay(b"?", 1, 0, b"")


def trade(world, rounds):
    for number in range(rounds):
        world.trade(number)


def nothing_is_lost_or_repeated(world, orders):
    """Each order was entered once; every report that the journal owes was heard, once, in order."""
    engine = world.exchange.sequencer.replica.engine
    entered = sum(len(known) for known in engine.client_ids.values())
    assert entered == engine.last_order_id == orders
    for trader in world.traders:
        assert trader.exec_ids == world.owed(trader)


@pytest.mark.parametrize("seed", range(6))
def test_on_a_damaged_line_with_crashes_nothing_is_lost_or_repeated(seed):
    world = World(seed, damage=0.1)
    trade(world, 20)
    world.crash()
    world.run(3_000 * MS)
    world.damage = 0
    world.run(20_000 * MS)
    nothing_is_lost_or_repeated(world, 20)


def run_until_power_fails(writes):
    """Trade until the disk has taken `writes` more writes; return the world after its recovery, or None."""
    world = World(3, damage=0)
    world.disk.crash_after(writes)
    try:
        trade(world, 8)
        world.run(1_000 * MS)
        is_cut = False
    except (Crashed, Halted, Unacknowledged):
        is_cut = True
    world.crash()
    return world if is_cut else None


def test_whenever_the_power_fails_nothing_is_lost_or_repeated():
    writes = 0
    while (world := run_until_power_fails(writes)) is not None:
        # What the traders had not sent yet is sent now; what they have sent is not sent again by them.
        sent = sum(
            b"35=D" in body for each in world.traders for body in each.session.log.sent.values()
        )
        world.run(10_000 * MS)
        nothing_is_lost_or_repeated(world, sent)
        writes += 1
    assert writes > 30
