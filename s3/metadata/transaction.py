"""A transaction of the metadata: what must still be so, and what to write then; all of it or nothing.

    guards   key -> the exact value it must have (None: it must be absent)
    empty    ranges that must hold no key
    writes   key -> new value (None: delete)

Optimistic: the caller reads, decides, and says what it has read. If that has changed meanwhile the
transaction is refused with `Conflict` and the caller reads again. One round through the log decides,
so a conditional PUT is as strong as the log is. Bytes on the wire: counts and lengths as 32 bits,
little-endian; an absent value has the length 2³² − 1. Page: docs/s3/metadata.md
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

Range = tuple[bytes, bytes]
Entry = tuple[bytes, bytes]

ATTEMPTS_MAX = 64  # a caller that loses so many races gives up
_ABSENT = 0xFFFF_FFFF
_LENGTH = struct.Struct("<I")


class Metadata(Protocol):
    """The key space, as the operations see it. Reads see every write that was acknowledged."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None. Raises `Busy`."""

    def scan(self, start: bytes, stop: bytes, limit: int, *, reverse: bool = False) -> list[Entry]:
        """Return up to `limit` entries with start <= key < stop, in order. Raises `Busy`."""

    def commit(self, transaction: "Transaction") -> None:
        """Do it, durably. Raises `Conflict`, `Busy` (it did not happen) or `Unconfirmed`."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What must hold, and what is written if it does."""

    writes: Mapping[bytes, bytes | None]
    guards: Mapping[bytes, bytes | None] = field(default_factory=dict)
    empty: tuple[Range, ...] = ()

    def joined(self, other: "Transaction") -> "Transaction":
        """Return both as one."""
        return Transaction(
            {**self.writes, **other.writes},
            {**self.guards, **other.guards},
            self.empty + other.empty,
        )

    def encode(self) -> bytes:
        """Return the transaction as bytes, for the log."""
        pieces: list[bytes] = []
        for table in (self.guards, self.writes):
            pieces.append(_LENGTH.pack(len(table)))
            for key, value in table.items():
                _put(pieces, key)
                _put(pieces, value)
        pieces.append(_LENGTH.pack(len(self.empty)))
        for each in self.empty:
            for key in each:
                _put(pieces, key)
        return b"".join(pieces)

    @classmethod
    def decode(cls, data: bytes) -> "Transaction":
        """Return the transaction that `encode` wrote."""
        source = _Source(data)
        guards = {source.key(): source.value() for _ in range(source.number())}
        writes = {source.key(): source.value() for _ in range(source.number())}
        empty = tuple((source.key(), source.key()) for _ in range(source.number()))
        return cls(writes, guards, empty)


def _put(pieces: list[bytes], value: bytes | None) -> None:
    if value is None:
        pieces.append(_LENGTH.pack(_ABSENT))
    else:
        pieces += (_LENGTH.pack(len(value)), value)


class _Source:
    """Bytes, read from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        found: int = _LENGTH.unpack_from(self._data, self._at)[0]
        self._at += _LENGTH.size
        return found

    def value(self) -> bytes | None:
        size = self.number()
        if size == _ABSENT:
            return None
        self._at += size
        return self._data[self._at - size : self._at]

    def key(self) -> bytes:
        found = self.value()
        assert found is not None, "a key is never absent"
        return found
