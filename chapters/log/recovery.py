"""After a crash, a torn tail is cut off and a damaged middle is refused.

    whole   whole   whole   to█                     torn tail: the machine stopped in mid-write
    whole   whole   whole   to000000000             torn tail: the file grew, its data never came
    whole   wh█le   whole   whole                   damage: this record was safe once
    whole   wh█le │ whole   whole                   damage: whole before the next segment began

Both look the same where they start: a record that does not pass its checksum. What follows tells
them apart. Writes go to the end only, and a commit is not begun before the last one is synced; so
bytes that a crash kept from reaching the disk have nothing valid behind them. One whole record
behind a bad one proves that the bad one was once good, and cutting there would throw away records
that somebody was promised. Then we touch nothing and say so: being asked is cheaper than losing.

Invariant: what is kept is a prefix of what was appended and holds every acknowledged record.
One place stays undecidable: damage to the very last record looks like a torn write, and is cut.
Cost: one pass over the log. Source: Pillai et al., OSDI 2014; Alagappan et al., FAST 2018.
Page: docs/chapters/log.md
"""

from dataclasses import dataclass

from chapters.log.errors import CorruptLog
from chapters.log.record import HEADER_BYTES, boundaries, sequence_at
from chapters.log.segment import segment_name, segment_starts
from chapters.sim.disk import Disk


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery found in one segment: its sound records, and the torn bytes behind them."""

    records: int
    sound_bytes: int
    torn_bytes: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A recovered log: where its segments start, its last record, and what was cut off its tail."""

    starts: list[int]
    last: int
    tail_bytes: int  # size of the last segment
    cut_bytes: int


def recover(segment: str, data: bytes, first: int, *, is_last: bool) -> Recovered:
    """Return what is sound in the bytes of a segment whose first record is number `first`.

    Raises `CorruptLog` if records would be lost: when anything in a segment that is not the last
    is bad, or when a whole record stands somewhere behind a bad one.
    """
    found = boundaries(data, 0, first, limit=len(data) // HEADER_BYTES)
    records, sound_bytes = len(found) - 1, found[-1]
    torn_bytes = len(data) - sound_bytes
    if torn_bytes and not is_last:
        raise CorruptLog(segment, sound_bytes, "a later segment was begun, so this one was whole")
    if torn_bytes:
        later = whole_record_behind(data, sound_bytes, first + records)
        if later is not None:
            raise CorruptLog(segment, sound_bytes, f"record {later} behind it is whole")
    return Recovered(records, sound_bytes, torn_bytes)


def whole_record_behind(data: bytes, bad: int, expected: int) -> int | None:
    """Return the sequence of a valid record behind the bad record `expected` at byte `bad`, if any.

    The bad record's length cannot be trusted, so every byte may be where the next record starts.
    Only numbers that fit between here and there count: a payload may hold the bytes of some other
    log's records. Nothing starts in the zeros at the end, however many there are.
    """
    content_end = min(len(data.rstrip(b"\0")), len(data) - HEADER_BYTES + 1)
    for start in range(bad + HEADER_BYTES, content_end):
        sequence = sequence_at(data, start)
        is_plausible = 0 < sequence - expected <= (start - bad) // HEADER_BYTES
        if is_plausible and len(boundaries(data, start, sequence, limit=1)) > 1:
            return sequence
    return None


def open_log(disk: Disk, log: str) -> Opened:
    """Check all of `log`, cut off a torn tail, and make what is left durable.

    Raises `CorruptLog`, having changed nothing, if a record is damaged or missing.
    """
    starts = segment_starts(disk, log)
    expected = starts[0] if starts else 1
    recovered = Recovered(0, 0, 0)
    for start in starts:
        name = segment_name(log, start)
        if start != expected:
            raise CorruptLog(name, 0, f"it should start with record {expected}")
        recovered = recover(name, disk.read(name), start, is_last=start == starts[-1])
        expected += recovered.records
    if starts:
        _settle(disk, segment_name(log, starts[-1]), recovered)
    return Opened(starts, expected - 1, recovered.sound_bytes, recovered.torn_bytes)


def _settle(disk: Disk, segment: str, recovered: Recovered) -> None:
    """Make the sound part durable: the process that wrote it may have died before its sync."""
    if recovered.torn_bytes:
        disk.truncate(segment, recovered.sound_bytes)
    disk.sync(segment)
    disk.sync_names()
