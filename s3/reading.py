"""Bytes on their way out: which part of the object is asked for, and from which blobs it comes.

    Range: bytes=0-99       the first 100          bytes=-100    the last 100
           bytes=100-       from 100 on            two ranges, or words: the whole object, as S3 does
    ?partNumber=3           the third part of a multipart object

Page: docs/s3/objects.md
"""

import re
from collections.abc import Iterator
from itertools import accumulate

from s3 import encryption, small
from s3.errors import Refused
from s3.records import Facts, Version
from s3.service import Call
from s3.storage.blobs import Blob

WHOLE_BYTES_MAX = (
    256 * 1024
)  # below it one write is cheaper than what a server does for an iterator

_RANGE = re.compile(r"bytes=([0-9]{0,99})-([0-9]{0,99})")

Span = tuple[int, int]  # first byte, and the byte after the last


def asked_range(text: str | None, size_bytes: int) -> Span | None:
    """Return the span that a Range header asks for; None for the whole. Raises `InvalidRange`."""
    match = _RANGE.fullmatch(text.strip()) if text else None
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        wanted = int(match[2])
        start, stop = max(0, size_bytes - wanted), size_bytes
        unsatisfiable = wanted == 0 or size_bytes == 0
    else:
        start = int(match[1])
        stop = min(size_bytes, int(match[2]) + 1) if match[2] else size_bytes
        if match[2] and int(match[2]) < start:
            return None
        unsatisfiable = start >= size_bytes
    if unsatisfiable:
        raise Refused(
            "InvalidRange",
            headers={"Content-Range": f"bytes */{size_bytes}"},
            RangeRequested=text or "",
            ActualObjectSize=size_bytes,
        )
    return start, stop


def part_span(version: Version, number: int) -> Span:
    """Return where part `number` of an object lies. Raises `InvalidPartNumber`."""
    ends = list(accumulate(part["size"] for part in version.parts))
    numbers = [part.get("number", index) for index, part in enumerate(version.parts, 1)]
    if not version.multipart and number == 1:
        return 0, version.size_bytes
    if not version.multipart or number not in numbers:
        raise Refused(
            "InvalidPartNumber", ActualPartCount=version.multipart or 1, PartNumberRequested=number
        )
    index = numbers.index(number)
    return ends[index] - version.parts[index]["size"], ends[index]


def body_of(call: Call, version: Version, start: int, stop: int) -> bytes | Iterator[bytes]:
    """Return bytes [start, stop) of a version: whole if they are few. Raises `Busy`."""
    pieces = bytes_of(call, version, start, stop)
    return b"".join(pieces) if stop - start <= WHOLE_BYTES_MAX else pieces


def bytes_of(call: Call, version: Version, start: int, stop: int) -> Iterator[bytes]:
    """Return bytes [start, stop) of a version as an iterator. Raises `Busy` before the first."""
    pieces = _pieces(call, version, start, stop)
    first = next(pieces, b"")
    return _again(first, pieces)


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _pieces(call: Call, version: Version, start: int, stop: int) -> Iterator[bytes]:
    at = 0
    for part in version.parts:
        end = at + part["size"]
        if start < end and at < stop:
            yield from _part(call, version, part, max(start, at) - at, min(stop, end) - at)
        at = end


def _part(call: Call, version: Version, part: Facts, start: int, stop: int) -> Iterator[bytes]:
    blob = Blob.from_json(part["blob"])
    cipher = encryption.for_read(call, part.get("encryption") or version.encryption)

    def read(first: int, last: int) -> Iterator[bytes]:
        return small.read(call.service, blob, first, last)

    return encryption.opened(read, start, stop, part["size"], cipher)
