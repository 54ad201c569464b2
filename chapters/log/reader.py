"""A reader follows a log that another process is writing: it keeps a place, and asks again.

Invariant: a reader returns each record once, in order, and never one that fails its checksum.
There is no channel between writer and readers but the files, so any number may follow, may lag, may
come back after a crash with nothing but the next sequence that they want. What a reader sees has
been written but, for the length of one sync, may not be durable yet. Page: docs/chapters/log.md
"""

from chapters.log.errors import CorruptLog, RecordsDropped
from chapters.log.record import Record, boundaries, decode, size_at
from chapters.log.recovery import whole_record_behind
from chapters.log.segment import segment_holding, segment_name, segment_starts
from chapters.sim.disk import Disk
from chapters.sim.errors import NoSuchFile

CHUNK_BYTES = 256 * 1024  # read from the disk at a time
POLL_RECORDS_MAX = 4096


class Reader:
    """A place in a log, from which `poll` returns what is new."""

    def __init__(self, *, disk: Disk, name: str = "journal", first: int = 1) -> None:
        self._disk = disk
        self._name = name
        self._wanted = first  # the next record to return
        self._next = first  # the next record to decode: before `_wanted` while looking for it
        self._start: int | None = None  # of the segment being read
        self._offset = 0  # in that segment, of `_chunk`
        self._chunk = b""
        self._at = 0  # in `_chunk`, of the next record

    @property
    def position(self) -> tuple[str, int]:
        """The segment and the byte in it where the next record is expected."""
        return segment_name(self._name, self._start or self._next), self._offset + self._at

    def poll(self, limit: int = POLL_RECORDS_MAX) -> list[Record]:
        """Return the next records, at most `limit` (one or more); none if there is nothing new yet.

        Raises `RecordsDropped` if retention was faster, `CorruptLog` if what comes next is damaged.
        """
        assert limit > 0, f"{limit} records were asked for: nothing is no answer to that"
        while True:
            records = self._decode(limit)
            if records:
                return records
            if not (self._refill() or self._move_on()):
                return []

    def _decode(self, limit: int) -> list[Record]:
        skipped = self._wanted - self._next
        if skipped:  # on the way to the first record wanted
            passed, self._at = decode(self._chunk, self._at, self._next, skipped)
            self._next += len(passed)
            if self._next < self._wanted:
                return []
        records, self._at = decode(self._chunk, self._at, self._next, limit)
        self._next = self._wanted = self._next + len(records)
        return records

    def _refill(self) -> bool:
        """Read on from the next record; return whether there is a whole one now."""
        if self._start is None:
            return False
        segment, offset = self.position
        self._chunk = self._read(segment, offset, CHUNK_BYTES)
        self._offset, self._at = offset, 0
        needed = size_at(self._chunk, 0)
        if needed > len(self._chunk) == CHUNK_BYTES:
            self._chunk = self._read(segment, offset, needed)
        return len(boundaries(self._chunk, 0, self._next, 1)) > 1

    def _read(self, segment: str, offset: int, size_bytes: int) -> bytes:
        try:
            return self._disk.read(segment, offset, size_bytes)
        except NoSuchFile:
            starts = segment_starts(self._disk, self._name)
            raise RecordsDropped(self._name, self._next, min(starts, default=self._next)) from None

    def _move_on(self) -> bool:
        """Go where the next record is; return whether there is something to decode there."""
        starts = segment_starts(self._disk, self._name)
        start = segment_holding(starts, self._next)
        if start is None:
            if starts:
                raise RecordsDropped(self._name, self._wanted, starts[0])
            return False
        if start == self._start:
            return self._look_again(is_last=start == starts[-1])
        if self._start is not None and start != self._next:
            raise CorruptLog(*self.position, f"record {self._next} is missing")
        self._start, self._next = start, start
        self._offset, self._at, self._chunk = 0, 0, b""
        return True

    def _look_again(self, *, is_last: bool) -> bool:
        """Tell a record that is still on its way from one that was damaged."""
        if is_last:
            if whole_record_behind(self._chunk, self._at, self._next) is not None:
                raise CorruptLog(
                    *self.position, f"record {self._next} is bad, one behind it is whole"
                )
            return False
        # A later segment was begun, so this one is finished; it may have grown since our last look.
        if not self._refill():
            raise CorruptLog(*self.position, f"record {self._next} is missing")
        return True
