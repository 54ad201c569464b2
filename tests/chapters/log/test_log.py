"""The log in ordinary weather: numbering, group commit, segments, retention, refusals."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import Definite
from chapters.log import (
    BatchTooLarge,
    CommitUnknown,
    CorruptLog,
    Log,
    Record,
    RecordsDropped,
    RecordTooLarge,
    SecondWriter,
)
from chapters.log import log as log_module
from chapters.log.record import PAYLOAD_BYTES_MAX
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, DiskFull, SyncFailed


def disk_of(**options: int) -> SimDisk:
    return SimDisk(rng=Random(7), **options)


def filled(disk: SimDisk, count: int, segment_bytes_max: int = 100) -> Log:
    """A log of `count` records of 24 bytes, each committed alone: four to a segment of 100."""
    log = Log(disk=disk, segment_bytes_max=segment_bytes_max)
    for number in range(count):
        log.append(b"%08d" % number)
        log.commit()
    return log


def test_sequences_count_from_one_without_a_gap() -> None:
    log = Log(disk=disk_of())
    assert [log.append(b"a"), log.append(b""), log.append(b"c")] == [1, 2, 3]
    assert (log.durable, log.last) == (0, 3)
    assert log.commit() == 3
    assert list(log.read()) == [Record(1, b"a"), Record(2, b""), Record(3, b"c")]


def test_a_commit_is_one_write_and_one_sync_however_many_records() -> None:
    disk = disk_of()
    log = filled(disk, 1, segment_bytes_max=1_000_000)
    before = disk.operations
    for _ in range(1000):
        log.append(b"payload")
    log.commit()
    assert disk.operations - before == 2


def test_a_commit_of_nothing_touches_nothing() -> None:
    disk = disk_of()
    assert Log(disk=disk).commit() == 0
    assert disk.operations == 0


def test_what_is_not_committed_is_not_read() -> None:
    log = Log(disk=disk_of())
    log.append(b"waiting")
    assert list(log.read()) == []


def test_a_discarded_batch_leaves_its_numbers_free() -> None:
    log = filled(disk_of(), 3)
    log.append(b"no")
    log.discard()
    assert log.append(b"yes") == 4


@settings(max_examples=60)
@given(
    batches=st.lists(st.lists(st.binary(max_size=60), max_size=5), max_size=12),
    segment_bytes_max=st.integers(1, 300),
    first=st.integers(1, 40),
)
def test_it_reads_like_a_list(
    batches: list[list[bytes]], segment_bytes_max: int, first: int
) -> None:
    disk = disk_of()
    model: list[bytes] = []
    for batch in batches:  # opened afresh for each batch
        log = Log(disk=disk, segment_bytes_max=segment_bytes_max)
        for payload in batch:
            model.append(payload)
            assert log.append(payload) == len(model)
        assert log.commit() == len(model)
    expected = [Record(number, payload) for number, payload in enumerate(model, 1)]
    assert list(Log(disk=disk).read(first)) == expected[first - 1 :]


def test_a_segment_is_left_behind_when_the_next_batch_would_not_fit() -> None:
    disk = disk_of()
    filled(disk, 9)
    assert disk.names() == [
        "journal/00000000000000000001.log",
        "journal/00000000000000000005.log",
        "journal/00000000000000000009.log",
    ]
    assert [disk.size(name) for name in disk.names()] == [96, 96, 24]


def test_a_batch_larger_than_a_segment_gets_one_of_its_own() -> None:
    log = filled(disk_of(), 2)
    for _ in range(10):
        log.append(b"12345678")
    log.commit()
    assert len(list(log.read())) == 12


def test_two_logs_on_one_disk_do_not_mix() -> None:
    disk = disk_of()
    orders, trades = Log(disk=disk, name="orders"), Log(disk=disk, name="trades")
    orders.append(b"o")
    trades.append(b"t")
    orders.commit()
    trades.commit()
    assert list(Log(disk=disk, name="trades").read()) == [Record(1, b"t")]


def test_retention_drops_whole_segments_and_only_older_ones() -> None:
    disk = disk_of()
    log = filled(disk, 9)
    assert log.retain(4) == 1
    assert log.retain(5) == 5
    assert log.retain(8) == 5
    assert [record.sequence for record in log.read()] == [5, 6, 7, 8, 9]
    with pytest.raises(RecordsDropped, match=r"record 2 was dropped .* first one kept is 5"):
        list(log.read(2))


def test_retention_of_everything_keeps_the_last_segment_and_so_the_count() -> None:
    disk = disk_of()
    assert filled(disk, 9).retain(1000) == 9
    log = Log(disk=disk)
    assert (log.first, log.last, log.append(b"next")) == (9, 9, 10)


def test_a_full_disk_is_definite_and_the_log_goes_on_when_there_is_room() -> None:
    disk = disk_of(capacity_bytes=200)
    log = filled(disk, 8)
    log.append(b"too much for it")
    with pytest.raises(DiskFull):
        log.commit()
    assert (log.last, log.durable) == (8, 8)
    log.retain(5)
    assert log.append(b"again") == 9
    assert log.commit() == 9
    assert [record.sequence for record in Log(disk=disk).read()] == [5, 6, 7, 8, 9]


def test_a_failed_sync_is_indefinite_and_ends_the_log() -> None:
    disk = disk_of()
    log = filled(disk, 3)
    disk.fail_syncs(1)
    log.append(b"who knows")
    with pytest.raises(SyncFailed):
        log.commit()
    with pytest.raises(CommitUnknown, match="records from 4 on may or may not be there"):
        log.commit()
    assert [record.sequence for record in log.read()] == [1, 2, 3]
    disk.crash()
    assert Log(disk=disk).last in (3, 4)


def test_a_second_writer_is_refused_before_it_harms() -> None:
    disk = disk_of()
    first = filled(disk, 1)
    second = Log(disk=disk)
    second.append(b"mine")
    second.commit()
    first.append(b"mine too")
    with pytest.raises(SecondWriter, match="a log has one writer"):
        first.commit()
    assert list(Log(disk=disk).read(2)) == [Record(2, b"mine")]


def test_every_bound_is_met_by_a_definite_error(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(disk=disk_of())
    with pytest.raises(RecordTooLarge, match=f"limit of {PAYLOAD_BYTES_MAX}"):
        log.append(bytes(PAYLOAD_BYTES_MAX + 1))
    monkeypatch.setattr(log_module, "BATCH_BYTES_MAX", 100)
    for _ in range(4):
        log.append(b"12345678")
    with pytest.raises(BatchTooLarge, match="commit first"):
        log.append(b"12345678")
    assert log.commit() == 4
    assert issubclass(BatchTooLarge, Definite) and issubclass(CorruptLog, Definite)


def test_damage_after_opening_is_found_by_reading() -> None:
    disk = disk_of()
    log = filled(disk, 9)
    disk.flip_bit("journal/00000000000000000009.log", 20)
    with pytest.raises(CorruptLog):
        list(log.read())


def test_the_machine_dying_in_a_commit_is_reported_as_that() -> None:
    disk = disk_of()
    log = filled(disk, 3)
    disk.crash_after(0)
    log.append(b"x")
    with pytest.raises(Crashed):
        log.commit()
