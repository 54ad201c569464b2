"""What the exercises on delivery check: ranges of HTTP, and blocks.

Page: docs/spotify/delivery.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from spotify.delivery.edge import BLOCK_BYTES, blocks, joined
from spotify.delivery.ranges import OutOfRange, span


def spanned(header: str, size: int) -> JSON:
    """Return what a Range header means."""
    try:
        found = span(header, size)
    except OutOfRange as past:
        return f"416 of {past.size}"
    return None if found is None else list(found)


def usual(rng: Random) -> Iterator[Case]:
    yield "bytes=0-99", 1000
    yield "bytes=500-", 1000
    yield "bytes=900-5000", 1000
    first = rng.randrange(500)
    yield f"bytes={first}-{first + rng.randrange(400)}", 1000


def from_the_end(rng: Random) -> Iterator[Case]:
    yield "bytes=-100", 1000
    yield "bytes=-5000", 1000
    yield "bytes=-0", 1000


def past_the_end(rng: Random) -> Iterator[Case]:
    yield "bytes=1000-", 1000
    yield "bytes=1000-1100", 1000
    yield "bytes=999-", 1000
    yield "bytes=0-", 0


def none(rng: Random) -> Iterator[Case]:
    for header in ("", "bytes=-", "bytes=5-2", "bytes=1-2,4-5", "items=0-5", "bytes=a-b"):
        yield header, 1000


def cut_out(first: int, size: int) -> JSON:
    """Return which blocks a range lies in, and whether what is joined from them is that range."""
    data = b"".join(number.to_bytes(4, "big") for number in range(BLOCK_BYTES))  # four blocks
    own = blocks(first, first + size)
    parts = [data[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES] for number in own]
    return [list(own), joined(parts, first, first + size) == data[first : first + size]]


def within(rng: Random) -> Iterator[Case]:
    yield 0, 100
    yield BLOCK_BYTES + 5, 100
    yield rng.randrange(BLOCK_BYTES), 1


def across(rng: Random) -> Iterator[Case]:
    yield BLOCK_BYTES - 1, 2
    yield 0, BLOCK_BYTES
    yield 0, BLOCK_BYTES + 1
    yield BLOCK_BYTES, BLOCK_BYTES
    yield rng.randrange(BLOCK_BYTES), 2 * BLOCK_BYTES


STAGES: dict[str, list[Stage]] = {
    "range-request": [
        Stage("from here to there", usual, spanned),
        Stage("the last so many", from_the_end, spanned),
        Stage("behind the end", past_the_end, spanned),
        Stage("what is no range is none", none, spanned),
    ],
    "blocks": [
        Stage("within a block", within, cut_out),
        Stage("across blocks", across, cut_out, needs=(1,)),
    ],
}
