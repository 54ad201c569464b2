"""Shards on one disk: put, get, delete, list; what was acknowledged is never lost.

    put ──► append to the tail extent ──► sync, shared by all who wait ──► index ──► acknowledged
    get ──► index: where? ──► one read ──► checksum, name and place hold? ──► the bytes, or an error

The extents are the truth. The index (an LSM tree) is only a cache of them, so nothing has to be
written twice: after a crash the records that it has not flushed yet are walked and applied again.
Invariant, the soft updates of ShardStore: bytes are durable before anything points at them, and
nothing points at bytes any more before they go. A deletion is a record too, a *tombstone*; it is
dropped once no older extent is left that could hold what it deletes.
Source: Bornholt et al., SOSP 2021. Page: docs/s3/storage.md
"""

import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from chapters.errors import Indefinite, KitError
from chapters.lsm.errors import CorruptTable
from chapters.lsm.tree import MEMTABLE_BYTES_MAX, Tree
from chapters.sim.disk import Disk
from chapters.sim.errors import DiskFull, NoSuchFile
from s3.storage.errors import DamagedShard, NoSuchShard
from s3.storage.extents import EXTENT_BYTES, OFFSET_BITS, Extents, position
from s3.storage.record import HEADER_BYTES, TOMBSTONE, Found, Place

T = TypeVar("T")

RESERVE_BYTES = 4 * 1024 * 1024  # kept free for tombstones and metadata: who is full must delete
LIVE_MAX = 0.5  # an extent is worth collecting when at most this much of it is live
LOOKS_MAX = 3  # a shard may be moved while it is looked up, though hardly twice
LIST_MAX = 1000
INDEX = "index"

_PLACE = struct.Struct("<IIIIB")
_POSITION = b"\xff"  # the key that holds how far the index goes; no name's UTF-8 has this byte


class Listed(NamedTuple):
    """A shard as a list shows it: no byte of the payload is read for it."""

    shard: str
    size_bytes: int
    checksum: int


class Batch:
    """Records that share one sync: done, or failed with `error` for all of them."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, Place | None]] = []
        self.extent = self.end = 0  # the extent that they are in, and the position behind them
        self.is_done = False
        self.error: KitError | None = None


class ShardStore:
    """The shards on one disk.

    Not thread-safe. Who has threads holds a lock, except around `sync` and `read`, which are slow.
    """

    def __init__(
        self,
        *,
        disk: Disk,
        index: Tree,
        extent_bytes_max: int = EXTENT_BYTES,
        capacity_bytes: int | None = None,
        free_bytes: Callable[[], int] = lambda: sys.maxsize,
    ) -> None:
        self._index = index
        known = _known(index)
        self.extents = Extents(disk=disk, extent_bytes_max=extent_bytes_max, durable=known)
        self.capacity_bytes = capacity_bytes
        self._free_bytes = free_bytes  # of the device, which others may fill too
        self.dead_bytes = 0  # deleted since the last collection
        self._batch = Batch()
        self._counted = (-1, 0)  # (as of which change, shards)
        self._replay(known)

    def put(self, shard: str, payload: bytes) -> None:
        """Store a shard, durably. Raises `DiskFull`, `BadShard` (nothing happened), `SyncFailed`."""
        self.stage(shard, payload)
        self.commit()

    def get(self, shard: str) -> bytes:
        """Return a shard's bytes, all of them proved. Raises `NoSuchShard`, `DamagedShard`."""
        for _ in range(LOOKS_MAX):
            try:
                return self.read(shard, self.find(shard))
            except NoSuchFile:
                continue  # collected between the look-up and the read
        raise gone(shard)

    def delete(self, *prefixes: str) -> int:
        """Delete all shards whose names begin with one of these, durably; return how many."""
        _, count = self.stage_delete(prefixes)
        self.commit()
        return count

    def shards(self, prefix: str = "", after: str = "", limit: int = LIST_MAX) -> list[Listed]:
        """Return up to `limit` shards whose names begin with `prefix` and sort behind `after`."""
        return [
            Listed(shard, place.size, place.checksum)
            for shard, place in self._places(prefix, after, limit)
        ]

    def stage(self, shard: str, payload: bytes) -> Batch:
        """Append a shard; it is stored once the batch is committed. Raises `DiskFull`, `BadShard`."""
        self._must_fit(len(payload))
        return self._append(shard, payload)

    def stage_delete(self, prefixes: Sequence[str]) -> tuple[Batch, int]:
        """Append tombstones for the shards whose names begin so; return their batch and number."""
        found = [each for prefix in prefixes for each in self._places(prefix)]
        for shard, place in found:
            self._append(shard, b"", TOMBSTONE)
            self.dead_bytes += place.size
        return self._batch, len(found)

    def commit(self) -> None:
        """Make durable what is staged. Raises what the sync raised, and then nothing is stored."""
        batch = self.take()
        if batch.entries:
            self.sync(batch)
            self.settle(batch)
        if batch.error is not None:
            raise batch.error

    def take(self) -> Batch:
        """Return the batch as it stands; who stages from now on joins another."""
        batch, self._batch = self._batch, Batch()
        batch.extent, batch.end = self.extents.last, self.extents.end
        return batch

    def sync(self, batch: Batch) -> None:
        """Sync what `batch` holds, and keep the error if that fails."""
        try:
            self.extents.sync(batch.extent)
        except KitError as error:
            batch.error = error

    def settle(self, batch: Batch) -> None:
        """Let the index point at what is durable now; close the extent if it is full."""
        if batch.error is None:
            self._point_at(batch)
        else:
            self._abandon(batch.error)
        if self.extents.is_full:
            self._seal()
        batch.is_done = True

    def _point_at(self, batch: Batch) -> None:
        try:
            self._apply(batch.entries, batch.end)
        except KitError as error:
            batch.error = error

    def _seal(self) -> None:
        """Close the extent, together with what was staged while the last batch was synced."""
        try:
            self.extents.sync(self.extents.last)
        except KitError as error:
            self._abandon(error)
        self.extents.seal()

    def _abandon(self, error: KitError) -> None:
        """Give up an extent whose sync failed: the next sync would succeed without saving it."""
        self.take().error = error
        self.extents.seal()

    def count(self) -> int:
        """Return the number of shards: O(shards), if anything has changed since it was last asked."""
        if self._counted[0] != self._index.applied:
            self._counted = self._index.applied, sum(1 for _ in self._places(""))
        return self._counted[1]

    def find(self, shard: str) -> Place:
        """Return where a shard is. Raises `NoSuchShard`."""
        value = self._look_up(shard)
        if value is None or (place := Place(*_PLACE.unpack(value))).is_tombstone:
            raise NoSuchShard(f"there is no shard {shard} here")
        return place

    def read(self, shard: str, place: Place) -> bytes:
        """Return the bytes of a shard that was found. Raises `DamagedShard`, `NoSuchFile`."""
        return self.extents.read(shard, place)

    def collect(self) -> int:
        """Free the sealed extents that are mostly dead; return the bytes won."""
        return sum(map(self.collect_extent, self.worth_collecting()))

    def worth_collecting(self) -> list[int]:
        """Return the sealed extents of which at most `LIVE_MAX` is live, the oldest first.

        What is live must fit beside them before they go: a copy broken off would eat the reserve.
        """
        self.dead_bytes = 0
        room = max(0, self._room_bytes() - RESERVE_BYTES // 2)
        live = dict.fromkeys(self.extents.sizes, 0)
        for shard, place in self._scan(b""):
            # Tombstones count too, or an extent of nothing else would be copied again and again.
            size = HEADER_BYTES + len(shard.encode()) + place.size
            live[place.extent] = live.get(place.extent, 0) + size
        return [
            number
            for number, size in self.extents.sizes.items()
            if number != self.extents.last and live[number] <= min(LIVE_MAX * size, room)
        ]

    def collect_extent(self, number: int) -> int:
        """Move what is live out of an extent, and only when that is safe remove it."""
        before = self.extents.used_bytes
        is_oldest = number == min(self.extents.sizes)
        for found in filter(self._is_live, self.extents.walk(number)):
            if not found.is_whole or (found.place.is_tombstone and is_oldest):
                self._batch.entries.append((found.shard, None))
            else:
                payload = self.extents.read(found.shard, found.place)
                self._append(found.shard, payload, found.place.flags)
        self.commit()
        # Nothing may lead to the extent any more, not even after a crash.
        self._index.flush()
        self.extents.remove(number)
        return before - self.extents.used_bytes

    def _is_live(self, found: Found) -> bool:
        value = self._look_up(found.shard)
        return value is not None and Place(*_PLACE.unpack(value)) == found.place

    def _append(self, shard: str, payload: bytes, flags: int = 0) -> Batch:
        try:
            place = self.extents.append(shard, payload, flags)
        except Indefinite as error:
            self._abandon(error)
            raise
        self._batch.entries.append((shard, place))
        return self._batch

    def _must_fit(self, size_bytes: int) -> None:
        room = max(0, self._room_bytes() - RESERVE_BYTES)
        if size_bytes > room:
            raise DiskFull(
                f"disk full: a shard of {size_bytes} B, and {room} B are free beside a reserve of "
                f"{RESERVE_BYTES} B; delete something, or add a node"
            )

    def _room_bytes(self) -> int:
        """Return how much more can be written, the reserve included."""
        if self.capacity_bytes is None:
            return self._free_bytes()
        return min(self._free_bytes(), self.capacity_bytes - self.extents.used_bytes)

    def _replay(self, known: int) -> None:
        """Tell the index what it has forgotten: the records behind its last flush."""
        for number in self.extents.sizes:
            start = known - position(number, 0)
            if start < 1 << OFFSET_BITS:
                for found in self.extents.walk(number, max(0, start)):
                    self._apply([(found.shard, found.place)], position(number, found.end))

    def _look_up(self, shard: str) -> bytes | None:
        return self._mending(lambda: self._index.get(shard.encode()))

    def _mending(self, call: Callable[[], T]) -> T:
        """Return what `call` returns; if the index is damaged, from one that was made anew."""
        try:
            return call()
        except CorruptTable:
            self.rebuild_index()
            return call()

    def rebuild_index(self) -> None:
        """Make the index anew from the extents. O(bytes stored)."""
        places = {
            found.shard.encode(): _PLACE.pack(*found.place)
            for number in self.extents.sizes
            for found in self.extents.walk(number)
        }
        places[_POSITION] = self.extents.end.to_bytes(8)
        self._index.replace(self._index.applied + 1, sorted(places.items()))

    def _apply(self, changes: Sequence[tuple[str, Place | None]], end: int) -> None:
        """Apply changes to the index, and with them up to where in the extents it is complete."""
        entries = [(shard.encode(), place and _PLACE.pack(*place)) for shard, place in changes]
        batch = [*entries, (_POSITION, end.to_bytes(8))]
        self._mending(lambda: self._index.apply(self._index.applied + 1, batch))

    def _places(
        self, prefix: str, after: str = "", limit: int = sys.maxsize
    ) -> Iterator[tuple[str, Place]]:
        """Yield up to `limit` shards whose names begin with `prefix` and sort behind `after`."""
        start = max(prefix.encode(), after.encode() + b"\0" if after else b"")
        for shard, place in self._scan(start, prefix.encode() + _POSITION):
            if limit == 0:
                return
            if not place.is_tombstone:
                yield shard, place
                limit -= 1

    def _scan(self, start: bytes, stop: bytes = _POSITION) -> Iterator[tuple[str, Place]]:
        """Yield what the index holds of [start, stop), tombstones too, a page at a time."""
        while page := self._mending(partial(self._index.scan, start, stop, limit=LIST_MAX)):
            for key, value in page:
                yield key.decode(), Place(*_PLACE.unpack(value))
            start = page[-1][0] + b"\0"


def open_index(disk: Disk, memtable_bytes_max: int = MEMTABLE_BYTES_MAX) -> Tree:
    """Return the index on `disk`; one that cannot be opened is thrown away, as it is only a cache."""
    try:
        return Tree(disk=disk, name=INDEX, memtable_bytes_max=memtable_bytes_max)
    except CorruptTable:
        for name in disk.names(f"{INDEX}/"):
            disk.remove(name)
        return Tree(disk=disk, name=INDEX, memtable_bytes_max=memtable_bytes_max)


def _known(index: Tree) -> int:
    """Return up to which position the index is complete; 0 if it is damaged, so that all is replayed."""
    try:
        return int.from_bytes(index.get(_POSITION) or b"")
    except CorruptTable:
        index.replace(index.applied + 1, ())
        return 0


def gone(shard: str) -> DamagedShard:
    """Return the error of a shard whose extent was lost."""
    return DamagedShard(f"shard {shard} is in an extent that is gone; repair makes it anew")
