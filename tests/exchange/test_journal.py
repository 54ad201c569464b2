"""Commands as bytes, and an exchange that comes back from its journal."""

from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.sim import Chance, SimDisk, VirtualClock
from chapters.sim.disk import replace
from exchange.breaking.killing import order
from exchange.codec import decode, encode, encode_events
from exchange.control import Block, Limits, Phase, SetLimits, SetPhase, Tick, Why
from exchange.errors import BadRecord, Halted, Unacknowledged
from exchange.orders import (
    BUY,
    SELL,
    Cancel,
    CancelAll,
    Life,
    New,
    Peg,
    Replace,
    SelfTrade,
    Side,
    Terms,
)
from exchange.sequencer import HASH_BYTES, JOURNAL, SNAPSHOT, Follower, Sequencer

I64 = st.integers(-(2**63) + 1, 2**63 - 1)
NAMES = st.text(min_size=1, max_size=64).filter(lambda name: name.isprintable())
SYMBOLS = st.text("ABCXYZ.", min_size=1, max_size=12)
COMMANDS = st.one_of(
    st.builds(
        New,
        *(I64, NAMES, SYMBOLS, st.sampled_from([BUY, SELL]), I64),
        st.one_of(st.none(), I64),
        *(st.sampled_from(list(Life)), st.booleans(), st.sampled_from(list(SelfTrade))),
        st.builds(
            Terms,
            *(st.none() | I64,) * 3,
            *(st.none() | st.sampled_from(list(Peg)), I64, I64),
        ),
    ),
    st.builds(Cancel, I64, SYMBOLS, I64),
    st.builds(Replace, I64, SYMBOLS, I64, I64, I64),
    st.builds(CancelAll, I64, SYMBOLS),
    st.builds(SetPhase, SYMBOLS, st.sampled_from(list(Phase)), st.sampled_from(list(Why))),
    st.builds(SetLimits, I64, SYMBOLS, st.builds(Limits, *(st.integers(0, 2**62),) * 4)),
    st.builds(Block, I64, SYMBOLS, st.booleans()),
    st.builds(Tick, SYMBOLS),
)


@given(time_ns=I64, command=COMMANDS)
def test_every_command_survives_the_journal(time_ns, command):
    assert decode(encode(time_ns, command)) == (time_ns, command)


def test_a_price_of_nothing_is_refused_again_on_replay():
    """0 on the wire means a market order: a limit of 0 must not come back as one."""
    disk = SimDisk(rng=Chance(1).stream("disk"))
    first = exchange(disk)
    first.submit([New(1, "rests", "ACME", SELL, 5, 100)])
    wishes = (
        New(2, "zero", "ACME", BUY, 5, 0),
        New(2, "stop", "ACME", BUY, 5, 99, terms=Terms(stop_price=-1)),
        New(2, "shows", "ACME", BUY, 5, 99, terms=Terms(display=-1)),
    )
    first.submit(wishes)
    disk.crash()
    second = exchange(disk)
    assert second.replica.state_hash == first.replica.state_hash
    assert not second.replica.engine.order_id(2, "zero")


def test_an_unknown_record_is_named():
    with pytest.raises(BadRecord, match="kind"):
        decode(bytes(8) + b"?")


@pytest.mark.parametrize("kind", [b"N", b"T", b"C", b"R", b"P", b"L", b"M", b"B", b"K"])
@pytest.mark.parametrize("rest", [b"", b"[", b"[1, 2, 3, 4]", b"\xff" * 90])
def test_a_record_that_was_not_written_by_this_version_is_named(kind, rest):
    with pytest.raises(BadRecord, match="kind"):
        decode(bytes(8) + kind + rest)


def test_equal_events_give_equal_bytes():
    assert encode_events([]) == b""


def exchange(disk):
    return Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"])


def some(first, count):
    return [order(number, 7) for number in range(first, first + count)]


def test_a_recovered_exchange_has_the_same_hash():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    first = exchange(disk)
    first.submit(some(0, 50))
    disk.crash()
    second = exchange(disk)
    assert second.recovered == 50
    assert second.replica.state_hash == first.replica.state_hash
    assert second.replica.engine.dump() == first.replica.engine.dump()


def test_recovery_replays_only_what_came_after_the_snapshot():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    first = exchange(disk)
    first.submit(some(0, 50))
    first.snapshot()
    first.submit(some(50, 7))
    disk.crash()
    second = exchange(disk)
    assert second.recovered == 7
    assert second.replica.state_hash == first.replica.state_hash


def test_a_spoiled_snapshot_costs_time_but_no_order():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    first = exchange(disk)
    first.submit(some(0, 50))
    first.snapshot()
    disk.flip_bit(disk.names(SNAPSHOT)[-1], 40)
    second = exchange(disk)
    assert second.recovered == 50
    assert second.replica.state_hash == first.replica.state_hash


def test_old_snapshots_are_forgotten_but_the_first_is_kept():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    sequencer = exchange(disk)
    for start in range(0, 50, 10):
        sequencer.submit(some(start, 10))
        sequencer.snapshot()
    assert [int(name[-16:]) for name in disk.names(SNAPSHOT)] == [0, 40, 50]


def test_a_follower_has_the_writers_state():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    sequencer = exchange(disk)
    follower = Follower(disk=disk)
    for start in range(0, 90, 30):
        sequencer.submit(some(start, 30))
        assert [done.sequence for done in follower.poll()] == list(range(start + 1, start + 31))
        assert follower.replica.state_hash == sequencer.replica.state_hash
    assert follower.poll() == []


def test_a_full_disk_is_definite_and_a_failed_sync_is_not():
    full = exchange(SimDisk(rng=Chance(1).stream("disk"), capacity_bytes=2_000))
    with pytest.raises(Halted, match="none of these"):
        full.submit(some(0, 100))
    assert full.replica.sequence == 0
    disk = SimDisk(rng=Chance(1).stream("disk"))
    unsure = exchange(disk)
    disk.fail_syncs()
    with pytest.raises(Unacknowledged):
        unsure.submit(some(0, 3))
    with pytest.raises(Unacknowledged):
        unsure.submit(some(3, 3))
    assert unsure.replica.sequence == 0


def test_sides_are_written_with_their_sign():
    wish = New(1, "a", "ACME", Side(-1), 5, 7)
    assert decode(encode(0, wish))[1].side == SELL


def test_a_journal_that_ends_before_its_snapshot_is_refused():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    sequencer = exchange(disk)
    sequencer.submit(some(0, 20))
    sequencer.snapshot()
    (segment,) = disk.names(JOURNAL)
    disk.truncate(segment, 0)
    with pytest.raises(BadRecord, match="a part of it is gone"):
        exchange(disk)


def test_a_date_that_is_over_ends_its_order_before_the_next_command_and_again_on_replay():
    disk, clock = SimDisk(rng=Chance(1).stream("disk")), VirtualClock()
    first = Sequencer(clock=clock, disk=disk, symbols=["ACME"])
    dated = Terms(expires_ns=1_000)
    first.submit([New(1, "dated", "ACME", SELL, 5, 100, Life.GOOD_TILL_DATE, terms=dated)])
    first.submit([New(1, "stop", "ACME", SELL, 5, None, terms=Terms(stop_price=90))])
    clock.advance(1_000)
    tick, buyer = first.submit([New(2, "late", "ACME", BUY, 5, 100)])
    assert tick.command == Tick("ACME")
    assert [type(event).__name__ for event in tick.events + buyer.events] == [
        "Canceled",
        "Accepted",
    ]
    disk.crash()
    second = exchange(disk)
    assert second.replica.state_hash == first.replica.state_hash
    assert second.replica.engine.dump() == first.replica.engine.dump()


def test_a_snapshot_of_another_version_is_one_clear_line():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"])
    (name,) = disk.names(SNAPSHOT)
    state = bytes(HASH_BYTES) + b'{"last":0,"clients":{},"books":{}}'
    replace(disk, name, blake2b(state, digest_size=HASH_BYTES).digest() + state)
    with pytest.raises(BadRecord, match=r"snapshot-.* another version"):
        Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"])
