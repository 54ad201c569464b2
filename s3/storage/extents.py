"""Large files that only grow: each extent is its own log, and the truth about the shards in it.

    extent-00000001   │ header │ record │ record │ record │ …          sealed: never written again
    extent-00000002   │ header │ record │ to█                          the tail: one writer appends

Appending is all that a disk is good at, and one file of 256 MiB holds what would be 60,000 small
ones. Invariant: an extent is synced before it is sealed, so only the tail of the last one can be torn.
Append O(bytes), one sync for all since the last; reading a shard is one or two reads of the disk.
Sources: Haystack (OSDI 2010), ShardStore (SOSP 2021). Page: docs/s3/storage.md
"""

from chapters.sim.disk import Disk
from chapters.sim.errors import DiskFull
from s3.storage.errors import DamagedShard
from s3.storage.record import (
    HEADER_BYTES,
    Found,
    Place,
    crc32c,
    header,
    tail_end,
    walk,
)

EXTENT_BYTES = 256 * 1024 * 1024  # a roll-over costs three syncs; collecting one copies up to half
TITLE = b"s3 extent 1\n"  # every extent begins so; 1 is the format
PREFIX = "extent-"
OFFSET_BITS = 32
JOINED_BYTES_MAX = 64 * 1024  # below it one larger write is cheaper than two
WINDOW_BYTES = 4 * 1024 * 1024  # what a walk reads at once


class Window:
    """A file read from front to back in large pieces, by whoever asks for small ones."""

    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        self._name = name
        self._start = 0
        self._data = b""

    def __call__(self, offset: int, size: int) -> bytes:
        at = offset - self._start
        if at < 0 or at + size > len(self._data):
            self._data = self._disk.read(self._name, offset, max(size, WINDOW_BYTES))
            self._start, at = offset, 0
        return self._data[at : at + size]


class Extents:
    """The extents on one disk. Not thread-safe, but for `read` and for `sync` beside an append."""

    def __init__(
        self, *, disk: Disk, extent_bytes_max: int = EXTENT_BYTES, durable: int = 0
    ) -> None:
        """Open what is on `disk` and cut off a torn tail; it begins behind position `durable`."""
        self._disk = disk
        self._extent_bytes_max = extent_bytes_max
        numbers = (int(name.removeprefix(PREFIX)) for name in disk.names(PREFIX))
        self.sizes = {number: disk.size(_name(number)) for number in numbers}  # in bytes
        self.used_bytes = sum(self.sizes.values())
        self.cut_bytes = 0
        self._is_sealed = not self.sizes
        if self.sizes:
            self._recover_tail(durable)

    @property
    def last(self) -> int:
        """The number of the extent that is being written; 0 before the first."""
        return next(reversed(self.sizes), 0)

    @property
    def is_full(self) -> bool:
        """Whether the extent that is being written should be the last one no longer."""
        return not self._is_sealed and self.sizes[self.last] >= self._extent_bytes_max

    @property
    def end(self) -> int:
        """The position where the next record goes, if it fits there."""
        return position(self.last, self.sizes[self.last]) if self.sizes else 0

    def append(self, shard: str, payload: bytes, flags: int = 0) -> Place:
        """Write a record at the tail and return its place; it is durable after the next `sync`.

        Raises `BadShard`, and what the disk raises.
        """
        if self._is_sealed:
            self._roll()
        number = self.last
        place = Place(number, self.sizes[number], len(payload), crc32c(payload), flags)
        head = header(shard, place)
        name = _name(place.extent)
        if len(payload) <= JOINED_BYTES_MAX:
            self._disk.append(name, head + payload)
        else:
            self._append_in_two(place, head, payload)
        self._grow(number, len(head) + len(payload))
        return place

    def sync(self, number: int) -> None:
        """Return once all that was appended to an extent before would survive a crash."""
        self._disk.sync(_name(number))

    def seal(self) -> None:
        """Never write this extent again; the next record begins a new one."""
        self._is_sealed = True

    def read(self, shard: str, place: Place) -> bytes:
        """Return the payload at `place`. Raises `DamagedShard` and what the disk raises."""
        size = HEADER_BYTES + len(shard.encode())
        name = _name(place.extent)
        if place.size <= JOINED_BYTES_MAX:
            record = self._disk.read(name, place.offset, size + place.size)
            head, payload = record[:size], record[size:]
        else:
            head = self._disk.read(name, place.offset, size)
            payload = self._disk.read(name, place.offset + size, place.size)
        if head != header(shard, place) or crc32c(payload) != place.checksum:
            raise DamagedShard(
                f"shard {shard} is damaged ({name}, byte {place.offset}); repair makes it anew"
            )
        return payload

    def walk(self, number: int, start: int = 0) -> "list[Found]":
        """Return the records of an extent from byte `start` on, damaged ones marked so."""
        read = Window(self._disk, _name(number))
        return list(walk(read, number, max(start, len(TITLE)), self.sizes[number]))

    def remove(self, number: int) -> None:
        """Delete an extent, for good once this returns. The tail stays."""
        assert number != self.last, "the tail is being written"
        self._disk.remove(_name(number))
        self.used_bytes -= self.sizes.pop(number)
        self._disk.sync_names()

    def address(self, shard: str, place: Place, byte: int) -> tuple[str, int]:
        """Return the file, and the offset in it, of a byte of a payload."""
        start = place.offset + HEADER_BYTES + len(shard.encode())
        return _name(place.extent), start + byte % max(1, place.size)

    def _append_in_two(self, place: Place, head: bytes, payload: bytes) -> None:
        """Append without copying the payload; a failure in between leaves nothing behind."""
        name = _name(place.extent)
        self._disk.append(name, head)
        try:
            self._disk.append(name, payload)
        except DiskFull:
            self._disk.truncate(name, place.offset)
            raise

    def _grow(self, number: int, size_bytes: int) -> None:
        self.sizes[number] = self.sizes.get(number, 0) + size_bytes
        self.used_bytes += size_bytes

    def _roll(self) -> None:
        """Begin a new extent, whose name is durable before anything is in it."""
        number = self.last + 1
        self._disk.append(_name(number), TITLE)
        self._grow(number, len(TITLE))
        self._disk.sync(_name(number))
        self._disk.sync_names()
        self._is_sealed = False

    def _recover_tail(self, durable: int) -> None:
        """Cut off what a crash left behind the last whole record, and make the rest durable."""
        number, size = self.last, self.sizes[self.last]
        start = min(size, max(len(TITLE), durable - position(number, 0)))
        end = tail_end(self.walk(number, start), start)
        self.cut_bytes = size - end
        if self.cut_bytes:
            self._disk.truncate(_name(number), end)
            self._grow(number, -self.cut_bytes)
        self._is_sealed = end < len(TITLE)
        self._disk.sync(_name(number))
        self._disk.sync_names()


def position(extent: int, offset: int) -> int:
    """Return a place in all extents as one number that grows with every append."""
    return extent << OFFSET_BITS | offset


def _name(number: int) -> str:
    return f"{PREFIX}{number:08d}"
