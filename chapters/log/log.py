"""The log: append as much as you like, then make all of it durable with one write and one sync.

    append ─┐
    append ─┼─► batch ──► commit: one write, one sync ──► acknowledge all of them
    append ─┘

Invariant: a sequence that `commit` has returned is in the log after any crash, once, in its place.
A sync costs milliseconds on a disk and a tenth of one on flash, whether it carries one record or a
thousand. Sharing it (group commit) is why a journal is not the slow part of a system.

When a commit fails there are two cases, and they must not be mixed up. The disk was full: nothing
of the batch is in the log, and its numbers will be given out again. Anything else, a failed sync
above all: nobody knows, as the kernel may have dropped the pages that it could not write; so the
log takes no further commit until it is opened again. Source: Gray, "Notes on Data Base Operating
Systems", 1978; Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020.
Page: docs/chapters/log.md
"""

from collections.abc import Iterator

from chapters.errors import Definite
from chapters.log.errors import (
    BatchTooLarge,
    CommitUnknown,
    CorruptLog,
    RecordTooLarge,
    SecondWriter,
)
from chapters.log.reader import Reader
from chapters.log.record import PAYLOAD_BYTES_MAX, Record, encode
from chapters.log.recovery import open_log
from chapters.log.segment import SEGMENT_BYTES_MAX, segment_name
from chapters.sim.disk import Disk

BATCH_BYTES_MAX = 64 * 1024 * 1024  # what may wait for a commit; at least one record of any size
_READ_RECORDS = 4096  # decoded at a time by `read`


class Log:
    """An append-only log of byte strings, numbered from 1, for one writer and many readers.

    Opening it recovers it: see `chapters.log.recovery`. `cut_bytes` says how much of a torn tail
    was cut off then.
    """

    def __init__(
        self,
        *,
        disk: Disk,
        name: str = "journal",
        segment_bytes_max: int = SEGMENT_BYTES_MAX,
    ) -> None:
        opened = open_log(disk, name)
        self._disk = disk
        self._name = name
        self._segment_bytes_max = segment_bytes_max
        self._starts = opened.starts
        self._tail_bytes = opened.tail_bytes
        self._batch: list[bytes] = []
        self._batch_bytes = 0
        self._is_unsure = False
        self.cut_bytes = opened.cut_bytes
        self.durable = opened.last
        self.last = opened.last

    @property
    def first(self) -> int:
        """The first record that is kept; `last + 1` in an empty log."""
        return self._starts[0] if self._starts else 1

    def append(self, payload: bytes) -> int:
        """Return the sequence given to `payload`. It is a promise to nobody before `commit`."""
        if len(payload) > PAYLOAD_BYTES_MAX:
            raise RecordTooLarge(
                f"{self._name}: a record of {len(payload)} bytes is over the limit of "
                f"{PAYLOAD_BYTES_MAX}; split it"
            )
        encoded = encode(self.last + 1, payload)
        if self._batch_bytes + len(encoded) > BATCH_BYTES_MAX:
            raise BatchTooLarge(
                f"{self._name}: more than {BATCH_BYTES_MAX} bytes wait for a commit; commit first"
            )
        self._batch.append(encoded)
        self._batch_bytes += len(encoded)
        self.last += 1
        return self.last

    def commit(self) -> int:
        """Make all that was appended durable; return the last durable sequence.

        A *definite* error (`DiskFull`, `SecondWriter`): the batch is gone and its numbers are free
        again. An *indefinite* one (`SyncFailed`): nobody knows, and from then on every commit
        raises `CommitUnknown` until the log is opened again.
        """
        self._refuse_if_unsure()
        if not self._batch:
            return self.durable
        start, size = self._place()
        segment = segment_name(self._name, start)
        self._write(segment, size, b"".join(self._batch))
        self._disk.sync(segment)
        if size == 0:
            # A synced file whose name is not on disk is lost with all that is in it.
            self._disk.sync_names()
        self._settle(start, size)
        return self.durable

    def _refuse_if_unsure(self) -> None:
        if self._is_unsure:
            raise CommitUnknown(
                f"{self._name}: an earlier commit failed half-way, so records from "
                f"{self.durable + 1} on may or may not be there; open the log again to find out"
            )

    def _place(self) -> tuple[int, int]:
        """Return the start of the segment for this batch, and the segment's present size.

        A batch is never spread over two segments, so a segment is whole before the next begins.
        """
        fits = self._tail_bytes + self._batch_bytes <= self._segment_bytes_max
        if self._starts and (fits or not self._tail_bytes):
            return self._starts[-1], self._tail_bytes
        return self.durable + 1, 0

    def _write(self, segment: str, size: int, batch: bytes) -> None:
        """Append the batch; from here until it is settled, an error leaves the log unsure."""
        self._is_unsure = True
        try:
            if size:
                self._refuse_second_writer(segment, size)
            self._disk.append(segment, batch)
        except Definite:
            self._is_unsure = False
            self.discard()
            raise

    def _refuse_second_writer(self, segment: str, size: int) -> None:
        found = self._disk.size(segment)
        if found != size:
            raise SecondWriter(
                f"{segment} has {found} bytes where this writer left {size}: a log has one "
                f"writer; stop the other one and open the log again"
            )

    def _settle(self, start: int, size: int) -> None:
        """Take note that the batch is durable, at the end of the segment that begins at `start`."""
        if self._starts[-1:] != [start]:
            self._starts.append(start)
        self._tail_bytes = size + self._batch_bytes
        self.durable = self.last
        self._is_unsure = False
        self.discard()

    def discard(self) -> None:
        """Forget what was appended since the last commit; its numbers are given out again."""
        self._batch.clear()
        self._batch_bytes = 0
        self.last = self.durable

    def read(self, first: int | None = None) -> Iterator[Record]:
        """Yield the durable records from `first` on (by default from the first that is kept).

        Raises `RecordsDropped` if retention took `first`, `CorruptLog` on damage since opening.
        """
        following = self.first if first is None else first
        reader = Reader(disk=self._disk, name=self._name, first=following)
        while following <= self.durable:
            records = reader.poll(min(_READ_RECORDS, self.durable + 1 - following))
            if not records:
                raise CorruptLog(*reader.position, f"record {following} was durable and is gone")
            yield from records
            following = records[-1].sequence + 1

    def retain(self, first: int) -> int:
        """Drop the segments that hold only records before `first`; return the first record kept.

        The last segment stays, as its name says which sequence comes next. Each removal is made
        durable before the next: a crash in between must not leave a hole in the middle.
        """
        while len(self._starts) > 1 and self._starts[1] <= first:
            self._disk.remove(segment_name(self._name, self._starts[0]))
            self._disk.sync_names()
            del self._starts[0]
        return self.first
