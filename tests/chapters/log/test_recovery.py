"""Crashes at every write boundary, torn tails, and damage at every bit."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.log import CorruptLog, Log
from chapters.log.record import HEADER_BYTES, encode
from chapters.log.recovery import Recovered, recover
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed

LAST = "journal/00000000000000000009.log"


def payload(sequence: int) -> bytes:
    return b"%08d" % sequence


def image(count: int, first: int = 1) -> bytes:
    return b"".join(encode(number, payload(number)) for number in range(first, first + count))


def write_until_the_crash(disk: SimDisk, attempted: int, batches: int = 6) -> tuple[int, int]:
    """Append and commit from where the log stands, with a retention; return (attempted, durable).

    `attempted` is the highest sequence ever handed out, `durable` what the last commit promised.
    """
    durable = 0
    try:
        log = Log(disk=disk, segment_bytes_max=120)
        durable = log.durable
        for batch in range(batches):
            for _ in range(1 + batch % 3):
                attempted = max(attempted, log.append(payload(log.last + 1)))
            durable = log.commit()
            if batch == 4:
                log.retain(4)
    except Crashed:
        pass
    return attempted, durable


def check_promises(disk: SimDisk, attempted: int, durable: int) -> None:
    log = Log(disk=disk, segment_bytes_max=120)
    assert durable <= log.last <= attempted
    found = list(log.read())
    assert [record.sequence for record in found] == list(range(log.first, log.last + 1))
    assert all(record.payload == payload(record.sequence) for record in found)


@pytest.mark.parametrize("seed", range(12))
def test_a_crash_at_any_write_loses_nothing_acknowledged_and_repeats_nothing(seed: int) -> None:
    counted = SimDisk(rng=Random(seed))
    write_until_the_crash(counted, 0)
    for boundary in range(counted.operations + 1):
        disk = SimDisk(rng=Random(f"{seed}/{boundary}"))
        disk.crash_after(boundary)
        attempted, durable = write_until_the_crash(disk, 0)
        disk.crash()
        check_promises(disk, attempted, durable)


@pytest.mark.parametrize("seed", range(6))
def test_a_crash_during_recovery_is_recovered_from(seed: int) -> None:
    for boundary in range(20):
        disk = SimDisk(rng=Random(f"{seed}/{boundary}"))
        disk.crash_after(boundary)
        attempted, durable = write_until_the_crash(disk, 0)
        disk.crash()
        for again in range(4):  # opening makes up to three writes: die at each, then write on
            disk.crash_after(again)
            attempted, reached = write_until_the_crash(disk, attempted)
            durable = max(durable, reached)
            disk.crash()
            check_promises(disk, attempted, durable)


def test_every_torn_tail_is_cut() -> None:
    whole = image(3)
    record_bytes = len(whole) // 3
    for size in range(len(whole) + 1):
        records = size // record_bytes
        sound = records * record_bytes
        found = recover("s", whole[:size], 1, is_last=True)
        assert found == Recovered(records, sound, size - sound)


@given(records=st.integers(0, 4), cut=st.integers(0, 23), zeros=st.integers(1, 5000))
def test_a_tail_of_zeros_is_torn(records: int, cut: int, zeros: int) -> None:
    """The file had grown before its data came: whole records, a piece of one, then nothing."""
    data = image(records) + image(1, first=records + 1)[:cut] + bytes(zeros)
    found = recover("s", data, 1, is_last=True)
    kept = found.records
    assert kept in (records, records + 1)  # zeros may be what was missing from the piece
    assert found.sound_bytes == len(image(kept))


def test_a_payload_that_ends_in_zeros_is_not_taken_for_a_torn_tail() -> None:
    data = encode(1, bytes(50)) + encode(2, b"x" + bytes(500))
    assert recover("s", data, 1, is_last=True) == Recovered(2, len(data), 0)
    damaged = b"\xff" + data[1:]
    with pytest.raises(CorruptLog, match="record 2 behind it is whole"):
        recover("s", damaged, 1, is_last=True)


def test_every_flipped_bit_is_refused_or_costs_only_the_last_record() -> None:
    whole = image(4)
    last = len(image(3))
    for position in range(len(whole) * 8):
        data = bytearray(whole)
        data[position // 8] ^= 1 << position % 8
        if position // 8 >= last:  # undecidable: it looks like a torn write
            assert recover("s", bytes(data), 1, is_last=True).records == 3
            continue
        with pytest.raises(CorruptLog):
            recover("s", bytes(data), 1, is_last=True)


@given(cut=st.integers(1, 71))
def test_a_segment_before_the_last_may_not_end_early(cut: int) -> None:
    data = image(3)[:-cut]
    if cut % 24:
        with pytest.raises(CorruptLog, match="a later segment was begun"):
            recover("s", data, 1, is_last=False)


@given(st.binary(max_size=400), st.integers(0, 3))
def test_noise_behind_the_records_never_becomes_a_record(noise: bytes, records: int) -> None:
    found = recover("s", image(records) + noise, 1, is_last=True)
    assert (found.records, found.torn_bytes) == (records, len(noise))


def test_a_log_inside_a_payload_is_not_taken_for_the_log() -> None:
    """A torn record may carry whole records of another log: their numbers give them away."""
    other = image(3, first=1000)
    torn = image(2) + encode(3, other + b"lost")[:-4]
    assert recover("s", torn, 1, is_last=True).records == 2
    same_number = image(2) + encode(3, encode(3, b"copy") + b"lost")[:-4]
    assert recover("s", same_number, 1, is_last=True).records == 2


def test_a_length_of_gigabytes_is_damage_like_any_other() -> None:
    data = bytearray(image(3))
    data[4:8] = b"\xff\xff\xff\x7f"
    with pytest.raises(CorruptLog):
        recover("s", bytes(data), 1, is_last=True)


def full_disk_of_records() -> SimDisk:
    disk = SimDisk(rng=Random(7))
    log = Log(disk=disk, segment_bytes_max=100)
    for number in range(1, 10):
        log.append(payload(number))
        log.commit()
    return disk


def test_opening_says_what_it_cut_and_goes_on_from_there() -> None:
    disk = full_disk_of_records()
    disk.append(LAST, encode(10, b"never finished")[:20])
    log = Log(disk=disk)
    assert (log.last, log.cut_bytes) == (9, 20)
    assert log.append(b"ten") == 10
    log.commit()
    assert Log(disk=disk).cut_bytes == 0


def test_opening_a_damaged_log_changes_nothing_and_names_the_place() -> None:
    disk = full_disk_of_records()
    disk.flip_bit("journal/00000000000000000005.log", 24 + HEADER_BYTES)
    before = {name: disk.read(name) for name in disk.names()}
    with pytest.raises(CorruptLog, match=r"0005\.log is damaged at byte 24: .* nothing was chang"):
        Log(disk=disk)
    assert {name: disk.read(name) for name in disk.names()} == before


def test_a_missing_segment_is_refused() -> None:
    disk = full_disk_of_records()
    disk.remove("journal/00000000000000000005.log")
    with pytest.raises(CorruptLog, match="it should start with record 5"):
        Log(disk=disk)


def test_recovery_makes_durable_what_it_reports() -> None:
    """The writer died between its write and its sync; the next power cut must not take it back."""
    disk = full_disk_of_records()
    disk.append(LAST, encode(10, payload(10)))
    assert Log(disk=disk).durable == 10
    disk.crash()
    assert Log(disk=disk).durable == 10
