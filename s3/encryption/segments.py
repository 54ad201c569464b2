"""Bytes of any length under AES-256-GCM, so that any part of them can be read alone.

    plain    │ 65,536        │ 65,536        │ 20,000  │
    sealed   │ 65,536 + tag  │ 65,536 + tag  │ 20,000 + tag │
    nonce      0‖more          1‖more          2‖last

GCM proves a message as a whole, so one message of 5 GiB could not be trusted before its last byte. Cut
into segments, each proves itself. The nonce is the segment's number and whether it is the last: a segment
that was changed, moved, repeated or left out does not open, nor does a file that was cut short at a
border. Invariant: a data key seals one sequence of bytes and nothing else, ever, so no nonce comes twice
under a key; that would undo GCM (two plaintexts' difference, and then the means to forge).

Cost: 16 bytes of 65,536, and memory for one segment. Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015 (STREAM); NIST SP 800-38D.
Page: docs/s3/encryption.md
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from s3.errors import Refused
from s3.storage.blobs import stripes_of

SEGMENT_BYTES = 64 * 1024
TAG_BYTES = 16
SEALED_BYTES = SEGMENT_BYTES + TAG_BYTES
PIECE_BYTES = 1024 * 1024  # what is handed on at a time: a server spends some time on every piece

Read = Callable[[int, int], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Touched:
    """The segments `first` to `last` that hold a span, and where they lie, sealed."""

    first: int
    last: int
    start: int
    stop: int


def sealed_size(size_bytes: int) -> int:
    """Return how long `size_bytes` are once sealed; nothing stays nothing."""
    return size_bytes + TAG_BYTES * segments_of(size_bytes)


def segments_of(size_bytes: int) -> int:
    """Return how many segments hold `size_bytes`."""
    return -(-size_bytes // SEGMENT_BYTES)


def touched(start: int, stop: int, size_bytes: int) -> Touched:
    """Return which segments hold the plain bytes `start` to before `stop` of `size_bytes`."""
    first, last = start // SEGMENT_BYTES, (stop - 1) // SEGMENT_BYTES
    end = min((last + 1) * SEALED_BYTES, sealed_size(size_bytes))
    return Touched(first, last, first * SEALED_BYTES, end)


def nonce(number: int, is_last: bool) -> bytes:
    """Return the 12 bytes that no other segment of the same data key has."""
    return number.to_bytes(11, "big") + bytes([is_last])


def seal(blocks: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """Yield the blocks' bytes as sealed segments; one is held back, for it may be the last."""
    cipher = AESGCM(key)
    held: bytes | None = None
    number = 0
    for segment in stripes_of(blocks, SEGMENT_BYTES):
        if held is not None:
            yield cipher.encrypt(nonce(number, False), held, None)
            number += 1
        held = segment
    if held is not None:
        yield cipher.encrypt(nonce(number, True), held, None)


def open_span(read: Read, start: int, stop: int, size_bytes: int, key: bytes) -> Iterator[bytes]:
    """Yield the plain bytes `start` to before `stop`; `read(a, b)` gives sealed bytes a to before b.

    Raises `InternalError` at the first segment that is not what was written, and yields none of it.
    """
    if start >= stop:
        return iter(())
    return stripes_of(_segments(read, start, stop, size_bytes, AESGCM(key)), PIECE_BYTES)


def _segments(
    read: Read, start: int, stop: int, size_bytes: int, cipher: AESGCM
) -> Iterator[bytes]:
    at = touched(start, stop, size_bytes)
    number = at.first
    final = segments_of(size_bytes) - 1
    for data in stripes_of(read(at.start, at.stop), SEALED_BYTES):
        plain = _opened(cipher, data, number, number == final)
        begin = number * SEGMENT_BYTES
        yield plain[max(start - begin, 0) : stop - begin]
        number += 1
    if number <= at.last:
        raise Refused("InternalError", f"Segment {number} of the encrypted object is missing")


def _opened(cipher: AESGCM, data: bytes, number: int, is_last: bool) -> bytes:
    try:
        return cipher.decrypt(nonce(number, is_last), data, None)
    except InvalidTag:
        message = f"Segment {number} of the encrypted object is not what was written"
        raise Refused("InternalError", message) from None
