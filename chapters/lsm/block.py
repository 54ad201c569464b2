"""A block is a few kilobytes of neighbouring entries under one checksum, searched by halving.

    byte 0        4        8                    8 + 8n        8 + 9n
         ├────────┼────────┼────────────────────┼─────────────┼───────────────────────────┐
         │ CRC32C │ n      │ where each key and │ n × deleted?│ key value key value …     │
         │        │        │ each value ends    │             │                           │
         └────────┴────────┴────────────────────┴─────────────┴───────────────────────────┘
                   └── covered by the checksum ───────────────────────────────────────────┘

Invariant: keys ascend strictly. A deletion is an entry too, a *tombstone*: a key whose value is
None. The ends stand together at the front, so one unpack finds every entry, and a search cuts out
only the keys that it compares. Numbers are little-endian, 32 bits; ends count from the block's
first byte. Finding costs a few microseconds, decoding all about a quarter of one for each entry.
Page: docs/chapters/lsm.md
"""

import struct
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate, chain
from typing import TypeAlias

import google_crc32c

from chapters.lsm.errors import CorruptTable

Entry: TypeAlias = tuple[bytes, bytes | None]  # None: the key is deleted

_CHECKSUM_BYTES = 4
_HEADER_BYTES = 8
_ENTRY_BYTES = 9  # two ends, and whether it is a tombstone

_crc32c: Callable[[bytes], int] = google_crc32c.value


def entry_bytes(key: bytes, value: bytes | None) -> int:
    """Return what the entry takes up in a block."""
    return _ENTRY_BYTES + len(key) + len(value or b"")


def encode(entries: Sequence[Entry]) -> bytes:
    """Return the block that holds `entries`, which ascend strictly by key."""
    count = len(entries)
    pieces = list(chain.from_iterable((key, value or b"") for key, value in entries))
    first = _HEADER_BYTES + _ENTRY_BYTES * count
    ends = list(accumulate(map(len, pieces), initial=first))[1:]
    deleted = bytes(value is None for _, value in entries)
    checked = struct.pack(f"<{1 + 2 * count}I", count, *ends) + deleted + b"".join(pieces)
    return _crc32c(checked).to_bytes(_CHECKSUM_BYTES, "little") + checked


def verify(data: bytes, size: int, file: str, offset: int) -> bytes:
    """Return `data`, read at `offset` of `file`; raise `CorruptTable` unless it is a whole block."""
    if len(data) != size or size < _HEADER_BYTES:
        raise CorruptTable(file, offset, f"a block of {size} bytes was wanted, {len(data)} read")
    if _crc32c(data[_CHECKSUM_BYTES:]) != int.from_bytes(data[:_CHECKSUM_BYTES], "little"):
        raise CorruptTable(file, offset, "the block does not match its checksum")
    return data


def decode(block: bytes) -> list[Entry]:
    """Return all entries of a verified block."""
    bounds, deleted = _directory(block)
    return [
        (block[start:middle], None if dead else block[middle:end])
        for start, middle, end, dead in zip(
            bounds[0::2], bounds[1::2], bounds[2::2], deleted, strict=False
        )
    ]


def find(block: bytes, key: bytes) -> Entry | None:
    """Return the entry of `key` in a verified block, be it a tombstone; None if it has none."""
    bounds, deleted = _directory(block)

    def key_at(index: int) -> bytes:
        return block[bounds[2 * index] : bounds[2 * index + 1]]

    index = bisect_left(range(len(deleted)), key, key=key_at)
    if index == len(deleted) or key_at(index) != key:
        return None
    return key, None if deleted[index] else block[bounds[2 * index + 1] : bounds[2 * index + 2]]


def _directory(block: bytes) -> tuple[tuple[int, ...], bytes]:
    """Return where the pieces start and the last one ends, and which entries are tombstones."""
    count = int.from_bytes(block[_CHECKSUM_BYTES:_HEADER_BYTES], "little")
    ends = struct.unpack_from(f"<{2 * count}I", block, _HEADER_BYTES)
    first = _HEADER_BYTES + _ENTRY_BYTES * count
    return (first, *ends), block[first - count : first]


def between(entries: list[Entry], start: bytes, stop: bytes | None) -> list[Entry]:
    """Return those of the sorted `entries` whose key is in [start, stop)."""
    low = bisect_left(entries, start, key=_key)
    high = len(entries) if stop is None else bisect_left(entries, stop, key=_key)
    return entries[low:high]


def _key(entry: Entry) -> bytes:
    return entry[0]
