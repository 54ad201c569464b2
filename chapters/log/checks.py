"""What the log's exercises check: recovery on damaged bytes, commits and retention under crashes.

Page: docs/chapters/log.md
"""

from collections.abc import Iterator
from contextlib import suppress
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import KitError
from chapters.log.errors import CommitUnknown, CorruptLog
from chapters.log.log import Log
from chapters.log.record import encode
from chapters.log.recovery import recover
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, SyncFailed

FIRST = 11  # the segments below start with this record
LAST_SEGMENT, EARLIER_SEGMENT = "the last segment", "an earlier segment"


def segment_bytes(sizes: list[int], damage: str, at: int) -> bytes:
    """Return a segment of records with payloads of `sizes` bytes, damaged as the words say."""
    records = [encode(FIRST + index, b"x" * size) for index, size in enumerate(sizes)]
    data = b"".join(records)
    match damage:
        case "ends at byte":
            return data[:at]
        case "flipped bit in byte":
            return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
        case "zeros from byte":
            return data[:at] + bytes(len(data) - at + 50)
        case "ends inside a payload holding record":
            return data + encode(FIRST + len(sizes), encode(at, b"of another log") + b"tail")[:-3]
    return data


def recovers(sizes: list[int], damage: str, at: int, place: str) -> JSON:
    """Drive `recover` over one segment."""
    data = segment_bytes(sizes, damage, at)
    try:
        found = recover("segment", data, FIRST, is_last=place == LAST_SEGMENT)
    except CorruptLog as error:
        return f"refused at byte {error.offset}"
    return f"kept {found.records} records, {found.sound_bytes} bytes; cut {found.torn_bytes}"


def _sizes(rng: Random, count: int = 4) -> list[JSON]:
    return [rng.randint(1, 40) for _ in range(count)]


def _end(sizes: list[JSON], records: int) -> int:
    return len(segment_bytes([int(str(size)) for size in sizes[:records]], "", 0))


def whole_segments(rng: Random) -> Iterator[Case]:
    yield [], "", 0, LAST_SEGMENT
    yield _sizes(rng), "", 0, LAST_SEGMENT
    yield _sizes(rng), "", 0, EARLIER_SEGMENT


def torn_segments(rng: Random) -> Iterator[Case]:
    for keep in (0, 2, 3):
        sizes = _sizes(rng)
        at = rng.randint(_end(sizes, keep) + 1, _end(sizes, keep + 1) - 1)
        yield sizes, "ends at byte", at, LAST_SEGMENT


def damaged_segments(rng: Random) -> Iterator[Case]:
    for record in (0, 1, 2):
        sizes = _sizes(rng)
        for offset in (rng.randint(0, 3), 5, rng.randint(8, 16)):  # checksum, length, the rest
            yield sizes, "flipped bit in byte", _end(sizes, record) + offset, LAST_SEGMENT


def earlier_segments(rng: Random) -> Iterator[Case]:
    sizes = _sizes(rng)
    yield sizes, "ends at byte", _end(sizes, 4) - 1, EARLIER_SEGMENT
    yield sizes, "flipped bit in byte", _end(sizes, 3) + 2, EARLIER_SEGMENT
    yield sizes, "zeros from byte", _end(sizes, 4), EARLIER_SEGMENT


def odd_tails(rng: Random) -> Iterator[Case]:
    sizes = _sizes(rng)
    yield sizes, "zeros from byte", _end(sizes, 3), LAST_SEGMENT
    yield sizes, "zeros from byte", _end(sizes, 4), LAST_SEGMENT
    yield sizes, "zeros from byte", _end(sizes, 2) + 9, LAST_SEGMENT
    for other in (1, rng.randint(200, 10_000)):
        yield sizes, "ends inside a payload holding record", other, LAST_SEGMENT


def survives(crash_at_write: int, seed: str) -> JSON:
    """Crash a log at one write, open it again, and compare with what was promised."""
    disk = SimDisk(rng=Random(seed))
    disk.crash_after(crash_at_write)
    appended = promised = 0
    try:
        log = Log(disk=disk, segment_bytes_max=150)
        for batch in range(8):
            for _ in range(1 + batch % 3):
                appended = log.append(b"record %d" % (log.last + 1))
            promised = log.commit()
    except Crashed:
        pass
    disk.crash()
    return _after_crash(disk, promised, appended)


def _after_crash(disk: SimDisk, promised: int, appended: int) -> JSON:
    try:
        found = [record.sequence for record in Log(disk=disk).read()]
    except CorruptLog:
        return "the log will not open"
    if found != list(range(1, len(found) + 1)):
        return f"the log holds {found}"
    if len(found) < promised:
        return f"records {len(found) + 1} to {promised} were acknowledged and are lost"
    return "every acknowledged record is there" if len(found) <= appended else "records made up"


def every_write(rng: Random) -> Iterator[Case]:
    for write in rng.sample(range(25), 12):
        yield write, f"{rng.random():.6f}"


def counts_writes(records: int, commits: int) -> JSON:
    """Count the disk writes (appends and syncs) of each commit, after the first."""
    disk = SimDisk(rng=Random(7))
    log = Log(disk=disk)
    counts = []
    for _ in range(commits):
        for _ in range(records):
            log.append(b"payload")
        before = disk.operations
        last = log.commit()
        counts.append([last, disk.operations - before])
    return [[last for last, _ in counts], [writes for _, writes in counts[1:]]]


def batches(rng: Random) -> Iterator[Case]:
    yield 1, 3
    yield rng.randint(50, 200), 3
    yield 0, 2


def fails_to_sync(before: int, seed: str) -> JSON:
    """Let one sync fail; say how the log answers, and whether what it promised is there."""
    disk = SimDisk(rng=Random(seed))
    log = Log(disk=disk)
    for _ in range(before):
        log.append(b"before")
    promised, answers = log.commit(), []
    disk.fail_syncs(1)
    for _ in range(2):
        log.append(b"after")
        try:
            promised = log.commit()
            answers.append("acknowledged")
        except (SyncFailed, CommitUnknown):
            answers.append("unknown")
        except KitError as error:
            answers.append(type(error).__name__)
    disk.crash()
    return [answers, _after_crash(disk, promised, log.last + 1)]


def failing_syncs(rng: Random) -> Iterator[Case]:
    for _ in range(6):
        yield rng.randint(1, 5), f"{rng.random():.6f}"


def retains(records: int, first: int, crash_at_write: int | None, seed: str) -> JSON:
    """Drop what is before `first`, perhaps with a crash; return what the log holds then."""
    disk = SimDisk(rng=Random(seed))
    log = Log(disk=disk, segment_bytes_max=70)
    for number in range(records):
        log.append(b"%08d" % number)
        log.commit()
    if crash_at_write is None:
        kept = log.retain(first)
        disk.crash()
        return [kept, _held(disk)]
    disk.crash_after(crash_at_write)
    with suppress(Crashed):
        log.retain(first)
    disk.crash()
    held = _held(disk)
    is_whole = isinstance(held, list) and held[0] <= first and held[1] == records
    return "a log without a hole" if is_whole else held


def _held(disk: SimDisk) -> list[int] | str:
    try:
        log = Log(disk=disk)
        return [log.first, log.last, sum(1 for _ in log.read())]
    except CorruptLog as error:
        return f"the log will not open: {error}"


def some_retained(rng: Random) -> Iterator[Case]:
    for first in (1, 3, 4, 5, rng.randint(6, 11), 12):
        yield 12, first, None, f"{rng.random():.6f}"


def all_retained(rng: Random) -> Iterator[Case]:
    yield 2, 100, None, f"{rng.random():.6f}"
    yield 12, 13, None, f"{rng.random():.6f}"


def crashes_in_retention(rng: Random) -> Iterator[Case]:
    for write in range(12):
        yield 12, 11, write // 2, f"{rng.random():.6f}"


STAGES = {
    "torn-tail": [
        Stage("a whole segment is kept whole", whole_segments, recovers),
        Stage("a torn tail is cut", torn_segments, recovers),
        Stage("a damaged middle is refused", damaged_segments, recovers),
        Stage("an earlier segment may not be torn", earlier_segments, recovers, needs=(1,)),
        Stage("zeros, and records inside records", odd_tails, recovers),
        Stage("a log that crashes keeps its promises", every_write, survives, needs=(2,)),
    ],
    "group-commit": [
        Stage("one write and one sync, however many records", batches, counts_writes),
        Stage("acknowledged is there after a crash at any write", every_write, survives),
        Stage("a failed sync ends the log", failing_syncs, fails_to_sync, needs=(1,)),
    ],
    "retention": [
        Stage("whole segments before the one that is needed", some_retained, retains),
        Stage("the last segment stays", all_retained, retains),
        Stage("a crash between two removals leaves no hole", crashes_in_retention, retains),
    ],
}
