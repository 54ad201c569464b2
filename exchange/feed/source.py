"""What was done, read from another process's journal from its first command on, once it is durable.

A follower reads what has been written, which for the length of one sync is more than what a power failure
leaves. A page may show that; a feed may not, as its numbers would be given twice. So a source syncs what it
has read before it passes it on. Any process may ask for that, and after the writer's own it costs little.
Page: docs/exchange/feed.md
"""

from collections.abc import Iterator

from chapters.log import Reader
from chapters.sim.disk import Disk
from exchange.errors import BadRecord
from exchange.sequencer import JOURNAL, Replica, Sequenced

_TIME = slice(8)  # of a record, whatever it is: codec.py


class Source:
    """A replica of an exchange, from the first command of its journal."""

    def __init__(self, *, disk: Disk) -> None:
        self._disk = disk
        self.replica = Replica.first(disk)
        if self.replica.sequence:
            raise BadRecord(
                f"the oldest whole snapshot is of command {self.replica.sequence}, and the feed's numbers "
                "count from the first: restore the journal's folder from a copy"
            )
        self.began_ns = 0  # the time of the first command; 0: there was none yet
        self._reader = Reader(disk=disk, name=JOURNAL, first=self.replica.sequence + 1)

    def poll(self) -> Iterator[Sequenced]:
        """Yield what the commands did that were journalled since the last call, one after the other.

        While one is looked at, the replica's engine is where that command left it.
        """
        records = self._reader.poll()
        if records:
            segment, _ = self._reader.position
            self._disk.sync(segment)
            self.began_ns = self.began_ns or int.from_bytes(records[0].payload[_TIME], "little")
        return self.replica.replay(records)
