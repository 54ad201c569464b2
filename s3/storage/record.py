"""A record is a shard that knows its name, its place and two checksums.

    byte 0       4        8         12      16       20       24       25      26     28
         ├───────┼────────┼─────────┼───────┼────────┼────────┼────────┼───────┼──────┼──────┬─────────┐
         │ magic │ CRC32C │ CRC32C  │ bytes │ extent │ offset │ length │ flags │ zero │ name │ payload │
         │       │ header │ payload │       │        │        │ of name│       │      │      │         │
         └───────┴────────┴─────────┴───────┴────────┴────────┴────────┴───────┴──────┴──────┴─────────┘
                          └──────────── covered by the header's checksum ────────────┘

Two checksums rather than one: when a payload is damaged its header still says *whose* it was and
where the next record begins. The place is in the record, so a copy of it elsewhere (a user may well
store an extent as an object) is no record. Invariant: `record_at` returns what was stored there, with
`is_whole` false if the payload is not as it was, or None. Sources: the needle of Haystack (Beaver
et al., OSDI 2010) and the chunk of ShardStore (Bornholt et al., SOSP 2021). Page: docs/s3/storage.md
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import google_crc32c

from s3.storage.errors import BadShard

MAGIC = b"\xf5shd"
HEADER = struct.Struct("<4sIIIIIBBH")
HEADER_BYTES = HEADER.size
NAME_BYTES_MAX = 255
PAYLOAD_BYTES_MAX = 16 * 1024 * 1024  # the largest shard
TOMBSTONE = 1  # flag: the shard of this name is deleted

_CHECKED_FROM = 8  # the header's checksum covers what comes after itself
_unpack = HEADER.unpack_from
crc32c: Callable[[bytes], int] = google_crc32c.value

Read = Callable[[int, int], bytes]
"""(offset, size) to the bytes there; fewer at the end."""


class Place(NamedTuple):
    """Where a record stands and what its payload must be; 17 bytes in the index."""

    extent: int
    offset: int
    size: int  # of the payload, in bytes
    checksum: int  # of the payload
    flags: int = 0

    @property
    def is_tombstone(self) -> bool:
        return bool(self.flags & TOMBSTONE)


class Found(NamedTuple):
    """A record met on a walk: its header is sound, its payload only if `is_whole`."""

    shard: str
    place: Place
    end: int
    is_whole: bool


def header(shard: str, place: Place) -> bytes:
    """Return the bytes that go before the payload. Raises `BadShard`."""
    name = shard.encode()
    if not 0 < len(name) <= NAME_BYTES_MAX or place.size > PAYLOAD_BYTES_MAX:
        raise BadShard(
            f"shard {shard[:50]!r} of {place.size} B: a name has 1 to {NAME_BYTES_MAX} bytes, "
            f"a payload at most {PAYLOAD_BYTES_MAX}"
        )
    checked = _fields(0, place, len(name))[_CHECKED_FROM:] + name
    return _fields(crc32c(checked), place, len(name))[:_CHECKED_FROM] + checked


def _fields(checksum: int, place: Place, name_bytes: int) -> bytes:
    return HEADER.pack(
        MAGIC, checksum, place.checksum, place.size, place.extent, place.offset, name_bytes,
        place.flags, 0,
    )  # fmt: skip


def record_at(read: Read, extent: int, offset: int) -> Found | None:
    """Return the record of `extent` at `offset`, or None if none whose header is sound is there."""
    head = read(offset, HEADER_BYTES + NAME_BYTES_MAX)
    if len(head) < HEADER_BYTES:
        return None
    magic, checksum, payload_checksum, size, *here, name_bytes, flags, _ = _unpack(head)
    names_end = HEADER_BYTES + name_bytes
    if magic != MAGIC or here != [extent, offset]:
        return None
    if crc32c(head[_CHECKED_FROM:names_end]) != checksum:
        return None
    start = offset + names_end
    payload = read(start, size)
    is_whole = len(payload) == size and crc32c(payload) == payload_checksum
    place = Place(extent, offset, size, payload_checksum, flags)
    return Found(head[HEADER_BYTES:names_end].decode(), place, start + size, is_whole)


def walk(read: Read, extent: int, start: int, size: int) -> Iterator[Found]:
    """Yield the records of the first `size` bytes of an extent, from byte `start` on.

    Bytes that are no header are searched for the next one that is.
    """
    offset = start
    while offset + HEADER_BYTES <= size:
        found = record_at(read, extent, offset)
        if found is None:
            offset = next_magic(read, offset + 1, size)
        else:
            yield found
            offset = found.end


def tail_end(found: Iterable[Found], start: int) -> int:
    """Return where the last whole record ends: what is behind it was never acknowledged.

    A damaged record in *front* of a whole one was acknowledged once: it is not the tail. If there is no
    whole record, all from `start` on is the tail.
    """
    return max((each.end for each in found if each.is_whole), default=start)


def next_magic(read: Read, start: int, size: int, window_bytes: int = 1 << 20) -> int:
    """Return the next offset where a header may begin, or `size`."""
    while start < size:
        window = read(start, window_bytes)
        at = window.find(MAGIC)
        if at >= 0:
            return start + at
        if len(window) < len(MAGIC):
            break
        start += len(window) - len(MAGIC) + 1
    return size
