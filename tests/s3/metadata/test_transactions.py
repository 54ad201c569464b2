"""Transactions: all or nothing, the same on every replica, and still there after a crash."""

import random
import threading
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.lsm import Tree
from chapters.raft import Raft
from chapters.sim import Crashed, SimDisk, VirtualClock
from s3.errors import Busy, Conflict, Unconfirmed
from s3.metadata.app import LocalMetadata, tell
from s3.metadata.batches import Read, pack, pack_entries, unpack, unpack_entries
from s3.metadata.machine import CONFLICT, DONE, Machine
from s3.metadata.transaction import Transaction

KEYS = st.binary(min_size=1, max_size=3)
VALUES = st.one_of(st.none(), st.binary(max_size=5))
TABLES = st.dictionaries(KEYS, VALUES, max_size=4)
TRANSACTIONS = st.builds(
    Transaction, TABLES, TABLES, st.lists(st.tuples(KEYS, KEYS), max_size=2).map(tuple)
)


@given(TRANSACTIONS)
def test_a_transaction_survives_being_written_down(made):
    assert Transaction.decode(made.encode()) == made


@given(st.lists(st.binary(max_size=9)))
def test_a_batch_survives_its_way(items):
    assert unpack(pack(items)) == items


@given(st.lists(st.tuples(KEYS, st.binary(max_size=4))))
def test_entries_survive_their_way(entries):
    assert unpack_entries(pack_entries(entries)) == entries


@given(st.binary(min_size=1, max_size=20))
def test_bytes_cut_short_are_refused_or_read(data):
    whole = pack([data])
    with pytest.raises(ValueError, match="ends within"):
        unpack(whole[:-1])


def test_a_read_survives_its_way():
    read = Read(b"a\0", b"b\xff", 7, reverse=True)
    assert Read.decode(read.encode()) == read
    with pytest.raises(ValueError, match="too short"):
        Read.decode(b"abc")


def machine():
    return Machine(Tree(disk=SimDisk(rng=random.Random(1))))


def applied_to_a_dict(held, made):
    holds = all(held.get(key) == value for key, value in made.guards.items())
    holds = holds and not any(low <= key < high for low, high in made.empty for key in held)
    if not holds:
        return held, CONFLICT
    after = {key: value for key, value in {**held, **made.writes}.items() if value is not None}
    return after, DONE


@given(st.lists(TRANSACTIONS, max_size=12))
def test_the_machine_does_what_a_dict_would(transactions):
    found, held = machine(), {}
    for index, made in enumerate(transactions, 1):
        held, verdict = applied_to_a_dict(held, made)
        assert found.apply(index, made.encode()) == verdict
    assert dict(found.scan(b"", b"\xff" * 4, 100)) == held


def test_a_snapshot_makes_an_equal_machine():
    first, second = machine(), machine()
    for index in range(1, 600):
        first.apply(index, Transaction({b"%04d" % index: b"v%d" % index}).encode())
    second.restore(599, first.snapshot())
    assert second.scan(b"", b"\xff", 1000) == first.scan(b"", b"\xff", 1000)
    assert second.applied == second.flushed == 599


def _note(told, number, got):
    told.append((number, got))


def group_of_one(disk):
    made = Machine(Tree(disk=disk, name="metadata", memtable_bytes_max=400))
    raft = Raft("one", ["one"], clock=VirtualClock(), rng=random.Random(1), disk=disk,
                send=lambda *_: None, machine=made)  # fmt: skip
    return made, raft


@pytest.mark.parametrize("seed", range(3))
def test_what_was_acknowledged_is_there_after_a_crash_at_any_write(seed):
    crash_at = 0
    while True:
        disk = SimDisk(rng=random.Random(f"{seed}/{crash_at}"))
        disk.crash_after(crash_at)
        told = []
        try:
            _, raft = group_of_one(disk)
            for number in range(12):
                command = Transaction({b"%02d" % number: b"x" * 50}).encode()
                raft.propose([command], partial(_note, told, number))
        except Crashed:
            pass
        acknowledged = {number for number, got in told if got == [DONE]}
        disk.crash()
        found, _ = group_of_one(disk)
        there = {int(key) for key, _ in found.scan(b"", b"\xff", 100)}
        assert acknowledged <= there <= set(range(12)), (crash_at, acknowledged, there)
        if len(acknowledged) == 12:
            return
        crash_at += 1


def test_many_threads_share_a_key_and_none_is_lost(tmp_path):
    metadata = LocalMetadata(tmp_path)

    def count():
        for _ in range(25):
            while True:
                old = metadata.get(b"n")
                new = b"%d" % (int(old or b"0") + 1)
                try:
                    metadata.commit(Transaction({b"n": new}, {b"n": old}))
                    break
                except Conflict:
                    continue

    threads = [threading.Thread(target=count) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert metadata.get(b"n") == b"150"
    metadata.close()


def test_it_is_all_there_when_it_is_opened_again(tmp_path):
    first = LocalMetadata(tmp_path)
    for number in range(50):
        first.commit(Transaction({b"%03d" % number: b"v"}))
    first.close()
    first._machine._tree._disk.close()
    second = LocalMetadata(tmp_path)
    assert len(second.scan(b"", b"\xff", 100)) == 50
    second.close()


def test_an_indefinite_error_is_told_as_one():
    from concurrent.futures import Future

    from chapters.raft import NotLeader, Unacknowledged

    for error, kind in ((NotLeader("a", None), Busy), (Unacknowledged("?"), Unconfirmed)):
        done = Future()
        tell([(b"", done)], error)
        assert isinstance(done.exception(), kind)
