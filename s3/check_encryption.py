"""What the exercise on sealed segments checks: which of them a range touches, and what they open to.

Page: docs/s3/encryption.md
"""

from collections.abc import Iterator
from dataclasses import astuple
from hashlib import sha256
from random import Random

from chapters.checking import JSON, Case, Stage
from s3.encryption import segments
from s3.encryption.segments import SEGMENT_BYTES
from s3.errors import Refused

KEY = bytes(range(32))


def touches(start: int, stop: int, size_bytes: int) -> JSON:
    """Drive `touched`."""
    return list(astuple(segments.touched(start, stop, size_bytes)))


def opens(start: int, stop: int, size_bytes: int, harm: str) -> JSON:
    """Drive `open_span` on an object of that size; `harm` is done to its second segment before."""
    sealed = list(segments.seal([Random(size_bytes).randbytes(size_bytes)], KEY))
    if harm == "flip":
        sealed[1] = bytes([sealed[1][0] ^ 1]) + sealed[1][1:]
    elif harm == "move":
        sealed[0], sealed[1] = sealed[1], sealed[0]
    elif harm == "cut":
        del sealed[1:]
    stored = b"".join(sealed)

    def read(first: int, last: int) -> Iterator[bytes]:
        yield from (stored[at : min(at + 100_000, last)] for at in range(first, last, 100_000))

    try:
        got = b"".join(segments.open_span(read, start, stop, size_bytes, KEY))
    except Refused as error:
        return f"{error.code} {error.status}"
    return f"{len(got)} bytes {sha256(got).hexdigest()[:16]}"


def spans(rng: Random) -> Iterator[Case]:
    size = 3 * SEGMENT_BYTES + rng.randint(1, 999)
    yield 0, size, size
    yield SEGMENT_BYTES, 2 * SEGMENT_BYTES, size
    yield SEGMENT_BYTES - 1, SEGMENT_BYTES + 1, size
    yield size - 1, size, size
    yield 0, 1, 1
    yield 0, SEGMENT_BYTES, SEGMENT_BYTES
    start = rng.randrange(size)
    yield start, rng.randint(start + 1, size), size


def unharmed(rng: Random) -> Iterator[Case]:
    yield from ((*span, "") for span in spans(rng))


def harmed(rng: Random) -> Iterator[Case]:
    size = 3 * SEGMENT_BYTES + rng.randint(1, 999)
    for harm in ("flip", "move", "cut"):
        yield 0, size, size, harm
    yield SEGMENT_BYTES + 5, SEGMENT_BYTES + 6, size, "flip"
    yield 0, 2 * SEGMENT_BYTES, 2 * SEGMENT_BYTES, "cut"
    yield 0, 10, size, "cut"


STAGES = {
    "segment-range": [
        Stage("the segments that hold the span, and where they lie", spans, touches),
        Stage("they open to the bytes that were asked for", unharmed, opens),
        Stage("what is not as it was written is noticed", harmed, opens),
    ],
}
