"""What goes between a front end and a metadata replica: batches of commands, reads and their answers.

    POST /commit   many transactions      ──►  a result each, in order
    POST /read     get or scan            ──►  entries
    POST /raft     a message of a member  ──►  nothing

Bytes, as keys and values are: a count, then for each item its length and itself, 32 bits little-endian.
Page: docs/s3/metadata.md
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from s3.metadata.transaction import Entry

_LENGTH = struct.Struct("<I")
_READ = struct.Struct("<I?I")  # entries at most, backwards?, length of the start


def pack(items: Iterable[bytes]) -> bytes:
    """Return the items as one."""
    return b"".join(piece for item in items for piece in (_LENGTH.pack(len(item)), item))


def unpack(data: bytes) -> list[bytes]:
    """Return the items that `pack` put together. Raises `ValueError` for bytes that are cut short."""
    items: list[bytes] = []
    at = 0
    while at < len(data):
        if at + _LENGTH.size > len(data):
            raise ValueError("a batch ends within a length")
        (size,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size + size
        if at > len(data):
            raise ValueError("a batch ends within an item")
        items.append(data[at - size : at])
    return items


@dataclass(frozen=True, slots=True)
class Read:
    """A range to read; a single key is the range that ends right behind it."""

    start: bytes
    stop: bytes
    limit: int
    reverse: bool = False

    @classmethod
    def one(cls, key: bytes) -> "Read":
        """The read of one key."""
        return cls(key, key + b"\0", 1)

    def encode(self) -> bytes:
        """Return the read as bytes."""
        return _READ.pack(self.limit, self.reverse, len(self.start)) + self.start + self.stop

    @classmethod
    def decode(cls, data: bytes) -> "Read":
        """Return the read that `encode` wrote. Raises `ValueError`."""
        if len(data) < _READ.size:
            raise ValueError("a read is too short")
        limit, reverse, size = _READ.unpack_from(data)
        at = _READ.size + size
        return cls(data[_READ.size : at], data[at:], limit, reverse)


def pack_entries(entries: Iterable[Entry]) -> bytes:
    """Return entries as bytes."""
    return pack(piece for entry in entries for piece in entry)


def unpack_entries(data: bytes) -> list[Entry]:
    """Return the entries that `pack_entries` put together."""
    items = unpack(data)
    return list(zip(items[::2], items[1::2], strict=True))
