"""The checksums that S3 keeps with an object, streamed; and how those of parts make one of the whole.

    CRC32, CRC32C, CRC64NVME    combinable: the CRC of a‖b follows from both CRCs and b's length,
                                so a multipart object has a FULL_OBJECT checksum
    SHA1, SHA256                not so: the COMPOSITE is the hash of the parts' hashes, then "-N"

Combining: a CRC is linear over GF(2), so n zero bytes behind a are a matrix, applied in O(log n)
squarings (Adler, zlib's crc32_combine). Values travel as Base64. Source: Amazon S3 user guide,
"Checking object integrity". Page: docs/s3/checksums.md
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Sequence
from typing import Protocol

import anycrc
import google_crc32c

from s3.errors import Refused


class Hash(Protocol):
    """What `hashlib` and the classes below have in common."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class Crc32:
    """zlib's CRC."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


class Crc32c:
    """Castagnoli's CRC, by the processor's own instruction."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = google_crc32c.extend(self._value, data)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


class Crc64Nvme:
    """The 64-bit CRC of the NVMe specification."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = _crc64nvme(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(8, "big")


_crc64nvme: Callable[[bytes, int], int] = anycrc.Model("CRC64-NVME").calc

ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
FULL, COMPOSITE = "FULL_OBJECT", "COMPOSITE"
_POLYNOMIALS = {"CRC32": 0xEDB88320, "CRC32C": 0x82F63B78, "CRC64NVME": 0x9A6C9329AC4BC9B5}
_BYTES = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}


def new(algorithm: str) -> Hash:
    """Return an empty checksum."""
    match algorithm:
        case "CRC32":
            return Crc32()
        case "CRC32C":
            return Crc32c()
        case "CRC64NVME":
            return Crc64Nvme()
        case "SHA1":
            return hashlib.sha1(usedforsecurity=False)
        case "SHA256":
            return hashlib.sha256()
    raise Refused("InvalidRequest", f"Checksum algorithm {algorithm!r} is not one of {ALGORITHMS}")


def header_of(algorithm: str) -> str:
    """Return the header that carries it: `x-amz-checksum-crc32`."""
    return f"x-amz-checksum-{algorithm.lower()}"


HEADERS = {header_of(each): each for each in ALGORITHMS}


def encode(digest: bytes) -> str:
    """Return a digest as headers and XML have it."""
    return base64.b64encode(digest).decode()


def decode(text: str, algorithm: str) -> bytes:
    """Return the digest of a header. Raises `InvalidRequest` unless it has the right length."""
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != _BYTES[algorithm]:
        raise Refused(
            "InvalidRequest", f"Value for {header_of(algorithm)} header is invalid: {text!r}"
        )
    return digest


def composite(algorithm: str, digests: Sequence[bytes]) -> str:
    """Return the checksum of the parts' checksums."""
    whole = new(algorithm)
    whole.update(b"".join(digests))
    return f"{encode(whole.digest())}-{len(digests)}"


def combined(algorithm: str, parts: Sequence[tuple[bytes, int]]) -> str:
    """Return the CRC of the whole, from each part's (digest, size in bytes)."""
    whole = 0
    for digest, size_bytes in parts:
        whole = combine(algorithm, whole, int.from_bytes(digest, "big"), size_bytes)
    return encode(whole.to_bytes(_BYTES[algorithm], "big"))


def combine(algorithm: str, first: int, second: int, second_bytes: int) -> int:
    """Return the CRC of a‖b from that of a, that of b, and the length of b.

    O(width² · log length). Source: zlib's crc32_combine.
    """
    width = _BYTES[algorithm] * 8
    # One zero bit: the register moves right, and the polynomial comes in where a 1 falls out.
    shift = [_POLYNOMIALS[algorithm], *(1 << bit for bit in range(width - 1))]
    zero_bits = second_bytes * 8
    while zero_bits:
        if zero_bits & 1:
            first = _times(shift, first)
        shift = [_times(shift, column) for column in shift]
        zero_bits >>= 1
    return first ^ second


def _times(matrix: Sequence[int], vector: int) -> int:
    """Multiply over GF(2): the XOR of the columns that the bits of `vector` choose."""
    total = 0
    for column in matrix:
        if vector & 1:
            total ^= column
        vector >>= 1
    return total
