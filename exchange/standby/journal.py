"""A journal that a machine shares with others: it knows who wrote what, and can lose its tail.

What a single exchange has journalled has happened. Here it has happened only when the other disks have it
too; what was written and never confirmed may turn out to be another history, and is cut off. On disk it is
the same journal, so `Follower`, recovery and every other reader of it work as they do everywhere.
Cost: opening reads all of it once; so does a cut, which is rare. Page: docs/exchange/standby.md
"""

from collections import deque
from collections.abc import Sequence
from itertools import islice

from chapters.log import Log, Reader, Record
from chapters.log.record import boundaries
from chapters.log.segment import segment_name, segment_starts
from chapters.sim.disk import Disk
from exchange.codec import epoch_in, time_in
from exchange.sequencer import JOURNAL
from exchange.standby.errors import Diverged
from exchange.standby.history import History, Place


class Journal:
    """The records, the epochs that they were written in, and those that are not applied yet.

    Appending and syncing may raise what `Log.commit` raises; then nothing is known any more, and the
    machine has to start again from its disk.
    """

    def __init__(self, *, disk: Disk, applied: int = 0) -> None:
        self._disk = disk
        self._log = Log(disk=disk, name=JOURNAL)
        self.applied = applied
        self.history = History()
        self.time_ns = 0  # of the latest record ever seen here
        self.tail: deque[Record] = deque()  # what is not applied yet
        self._reads_at = 0  # the record that `_reader` comes to next
        for record in self._log.read():
            self._note(record)

    @property
    def last(self) -> int:
        """The number of the last record, synced or not."""
        return self._log.last

    @property
    def end(self) -> Place:
        """The last record's place."""
        return self.place(self.last)

    def place(self, sequence: int) -> Place:
        """Return the place of a record that is here."""
        return Place(sequence, self.history.at(sequence))

    def has(self, place: Place) -> bool:
        """Return whether that very record is here."""
        return place.sequence <= self.last and self.place(place.sequence) == place

    def append(self, payloads: Sequence[bytes]) -> None:
        """Add records at the end. They are not on disk before `sync`."""
        for payload in payloads:
            self._note(Record(self._log.append(payload), payload))

    def sync(self) -> int:
        """Make all of it durable with one sync; return the last record's number."""
        return self._log.commit()

    def take(self, previous: Place, payloads: Sequence[bytes]) -> int:
        """Let the primary's `payloads` stand behind `previous`; return the last one's number.

        What is here already stays, and so does what comes behind it: a late message must not undo a
        later one. Where another record stands in a payload's place, it and all behind it are cut off.
        """
        sequence, epoch = previous
        for index, payload in enumerate(payloads):
            epoch = epoch_in(payload) or epoch
            place = Place(sequence + 1 + index, epoch)
            if self.has(place):
                continue
            if place.sequence <= self.last:
                self.cut(place.sequence)
            self.append(payloads[index:])
            self.sync()
            break
        return sequence + len(payloads)

    def next(self, up_to: int) -> Record | None:
        """Return the next record to apply, if its number is at most `up_to`."""
        if self.tail and self.tail[0].sequence <= up_to:
            self.applied = self.tail[0].sequence
            return self.tail.popleft()
        return None

    def read(self, first: int, count: int) -> tuple[bytes, ...]:
        """Return up to `count` payloads from record `first` on."""
        if self.tail and self.tail[0].sequence <= first:
            skipped = first - self.tail[0].sequence
            records = list(islice(self.tail, skipped, skipped + count))
        else:
            records = self._from_disk(first, min(count, self._log.durable + 1 - first))
        return tuple(record.payload for record in records)

    def cut(self, first: int) -> None:
        """Drop the records from number `first` on, durably. None of them may be applied."""
        if first <= self.applied:
            raise Diverged(
                f"record {first} is not the primary's, and {self.applied} are applied: this disk holds "
                f"another history. Keep its folder for those who ask why, and start with an empty one"
            )
        for start in reversed(segment_starts(self._disk, JOURNAL)):
            name = segment_name(JOURNAL, start)
            if start < first:
                kept = boundaries(self._disk.read(name), 0, start, first - start)
                self._disk.truncate(name, kept[-1])
                self._disk.sync(name)
                break
            self._disk.remove(name)
            # The newest first, each for good: a crash in between must leave no hole.
            self._disk.sync_names()
        self._log = Log(disk=self._disk, name=JOURNAL)
        self.history.cut(first)
        while self.tail and self.tail[-1].sequence >= first:
            self.tail.pop()
        self._reads_at = 0

    def _note(self, record: Record) -> None:
        if epoch := epoch_in(record.payload):
            self.history.begin(epoch, record.sequence)
        self.time_ns = max(self.time_ns, time_in(record.payload))
        if record.sequence > self.applied:
            self.tail.append(record)

    def _from_disk(self, first: int, count: int) -> list[Record]:
        if count <= 0:
            return []
        if self._reads_at != first:
            self._reader = Reader(disk=self._disk, name=JOURNAL, first=first)
        records = self._reader.poll(count)
        self._reads_at = first + len(records)
        return records
