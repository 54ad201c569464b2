"""Readers that follow: in step, far behind, into new segments, past retention, into damage."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.log import CorruptLog, Log, Reader, Record, RecordsDropped
from chapters.log import reader as reader_module
from chapters.log.record import encode
from chapters.sim.disk import SimDisk


def write(log: Log, count: int) -> None:
    for _ in range(count):
        log.append(b"%08d" % (log.last + 1))
        log.commit()


def sequences(records: list[Record]) -> list[int]:
    return [record.sequence for record in records]


def test_a_reader_waits_for_a_log_that_is_not_there_yet() -> None:
    disk = SimDisk(rng=Random(7))
    reader = Reader(disk=disk)
    assert reader.poll() == []
    write(Log(disk=disk), 2)
    assert sequences(reader.poll()) == [1, 2]
    assert reader.poll() == []


@settings(max_examples=80)
@given(
    steps=st.lists(st.tuples(st.integers(0, 7), st.integers(1, 5)), max_size=20),
    first=st.integers(1, 12),
)
def test_a_reader_returns_each_record_once_in_order(
    steps: list[tuple[int, int]], first: int
) -> None:
    disk = SimDisk(rng=Random(7))
    log = Log(disk=disk, segment_bytes_max=80)
    reader = Reader(disk=disk, first=first)
    seen: list[int] = []
    for count, limit in steps:
        write(log, count)
        records = reader.poll(limit)
        assert len(records) <= limit
        seen += sequences(records)
    while records := reader.poll():
        seen += sequences(records)
    assert seen == list(range(first, log.last + 1))


def test_a_record_larger_than_a_chunk_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "CHUNK_BYTES", 32)
    disk = SimDisk(rng=Random(7))
    log = Log(disk=disk)
    payloads = [b"s", bytes(range(200)), b"", b"tail" * 20]
    for payload in payloads:
        log.append(payload)
    log.commit()
    assert [record.payload for record in log.read()] == payloads


def test_half_a_record_is_waited_for() -> None:
    disk = SimDisk(rng=Random(7))
    write(Log(disk=disk), 1)
    reader = Reader(disk=disk)
    reader.poll()
    [name] = disk.names()
    whole = encode(2, b"two")
    disk.append(name, whole[:9])
    assert reader.poll() == []
    disk.append(name, whole[9:])
    assert reader.poll() == [Record(2, b"two")]


def test_damage_with_whole_records_behind_it_is_refused() -> None:
    disk = SimDisk(rng=Random(7))
    write(Log(disk=disk), 3)
    [name] = disk.names()
    disk.flip_bit(name, 24 + 17)
    reader = Reader(disk=disk)
    assert sequences(reader.poll()) == [1]
    with pytest.raises(CorruptLog, match="damaged at byte 24"):
        reader.poll()


def test_damage_at_the_end_of_a_finished_segment_is_refused() -> None:
    disk = SimDisk(rng=Random(7))
    write(Log(disk=disk, segment_bytes_max=50), 3)
    disk.flip_bit(disk.names()[0], 24 + 17)
    reader = Reader(disk=disk)
    assert sequences(reader.poll()) == [1]
    with pytest.raises(CorruptLog, match="record 2 is missing"):
        reader.poll()


def test_a_reader_that_is_too_slow_is_told_where_the_log_begins_now() -> None:
    disk = SimDisk(rng=Random(7))
    log = Log(disk=disk, segment_bytes_max=50)
    reader = Reader(disk=disk)
    write(log, 9)
    assert sequences(reader.poll(1)) == [1]
    log.retain(7)
    assert sequences(reader.poll()) == [2]  # it had read that far already
    with pytest.raises(RecordsDropped, match=r"record 3 was dropped .* kept is 7"):
        reader.poll()
    assert sequences(Reader(disk=disk, first=7).poll()) == [7, 8]


@pytest.mark.parametrize("limit", [0, -1])
def test_to_ask_for_nothing_is_a_mistake_of_the_caller(limit: int) -> None:
    """It would look for ever: no records are what it was asked for, and not an end."""
    disk = SimDisk(rng=Random(7))
    write(Log(disk=disk), 3)
    with pytest.raises(AssertionError, match="were asked for"):
        Reader(disk=disk).poll(limit)
