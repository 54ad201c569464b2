"""What the exercises on single rules check: ETags of parts, ranges, conditions, where to split.

Page: docs/s3/index.md
"""

from collections.abc import Iterator
from hashlib import md5
from random import Random

from chapters.checking import JSON, Case, Stage
from s3.api.completion import etag_of_parts
from s3.conditions import check_write
from s3.errors import Refused
from s3.metadata.partitions import Range, split_point
from s3.reading import asked_range
from s3.records import Version


def etag(parts: list[str]) -> JSON:
    """Drive `etag_of_parts` on parts with these contents."""
    return etag_of_parts([md5(each.encode()).hexdigest() for each in parts])


def one_part(rng: Random) -> Iterator[Case]:
    yield (["hello"],)
    yield ([f"{rng.random()}"],)


def many_parts(rng: Random) -> Iterator[Case]:
    for count in (2, 3, rng.randint(4, 12)):
        yield ([f"{rng.random()}" for _ in range(count)],)
    yield (["b", "a"],)
    yield (["", ""],)


def ranged(text: str, size_bytes: int) -> JSON:
    """Drive `asked_range`."""
    try:
        span = asked_range(text, size_bytes)
    except Refused as error:
        return f"{error.code} {error.status}"
    return "the whole object" if span is None else list(span)


def inside(rng: Random) -> Iterator[Case]:
    size = rng.randint(50, 1000)
    first = rng.randint(0, 20)
    yield f"bytes={first}-{first + rng.randint(0, 20)}", size
    yield "bytes=0-0", size
    yield f"bytes={size - 1}-{size - 1}", size


def open_ends(rng: Random) -> Iterator[Case]:
    size = rng.randint(50, 1000)
    yield f"bytes={rng.randint(1, 40)}-", size
    yield f"bytes=-{rng.randint(1, 40)}", size
    yield f"bytes=-{size + rng.randint(1, 9)}", size
    yield f"bytes=5-{size + rng.randint(1, 9)}", size


def impossible(rng: Random) -> Iterator[Case]:
    size = rng.randint(50, 1000)
    yield f"bytes={size}-", size
    yield f"bytes={size + 5}-{size + 9}", size
    yield "bytes=-0", size
    yield "bytes=0-", 0
    yield "bytes=-5", 0


def ignored(rng: Random) -> Iterator[Case]:
    yield "bytes=9-3", 100
    yield "bytes=-", 100
    yield "bytes=1-2,5-6", 100
    yield "chunks=1-2", 100


def writes(there: str, headers: dict[str, str]) -> JSON:
    """Drive `check_write` on an object with that ETag; "" is none, "marker" a delete marker."""
    current = None
    if there:
        is_marker = there == "marker"
        current = Version(
            "k", "null", "0", 0, "o", is_marker=is_marker, etag="" if is_marker else there
        )
    try:
        check_write(current, headers)
    except Refused as error:
        return f"{error.code} {error.status}"
    return "written"


def unconditional(rng: Random) -> Iterator[Case]:
    for there in ("", "marker", "aa"):
        yield there, {}


def only_if_absent(rng: Random) -> Iterator[Case]:
    for there in ("", "marker", f"{rng.getrandbits(32):x}"):
        yield there, {"if-none-match": "*"}


def only_if_the_same(rng: Random) -> Iterator[Case]:
    etag = f"{rng.getrandbits(64):x}"
    for there in ("", "marker", etag, "other"):
        yield there, {"if-match": f'"{etag}"'}
    yield etag, {"if-match": f'"x", "{etag}"'}
    yield etag, {"if-match": "*"}
    yield "", {"if-match": "*"}
    yield "marker", {"if-match": "*"}


def split(start: str, keys: list[str]) -> JSON:
    """Drive `split_point` on a range whose requests were for these keys."""
    found = Range(start.encode(), samples=[key.encode() for key in keys])
    place = split_point(found)
    return None if place is None else place.decode()


def even_load(rng: Random) -> Iterator[Case]:
    keys = [f"k{rng.randint(0, 9999):04}" for _ in range(21)]
    yield "", keys
    yield "", sorted(keys)
    yield "a", ["c", "b", "d"]


def uneven_load(rng: Random) -> Iterator[Case]:
    yield "", ["a"] * 9 + ["z"]
    yield "", ["a"] + ["z"] * 9
    yield "", ["a"] * 5 + ["m"] * 3 + ["y", "z"]
    yield "", ["a", "b", "c"] + ["y"] * 9 + ["z"]
    yield "k", ["k"] * 3 + ["m"] * rng.randint(1, 2)


def one_hot_key(rng: Random) -> Iterator[Case]:
    yield "", ["hot"] * rng.randint(2, 9)
    yield "hot", ["hot"] * 4
    yield "", []


STAGES = {
    "multipart-etag": [
        Stage("one part is an upload in parts too", one_part, etag),
        Stage("the digests, in the order of the parts", many_parts, etag),
    ],
    "range-header": [
        Stage("both ends are part of it", inside, ranged),
        Stage("open ends, and ends beyond the object", open_ends, ranged),
        Stage("no byte of the object is in it: 416", impossible, ranged),
        Stage("what cannot be read is ignored", ignored, ranged, needs=(1,)),
    ],
    "conditional-put": [
        Stage("without a condition everything goes", unconditional, writes),
        Stage("If-None-Match: * makes it the first", only_if_absent, writes),
        Stage("If-Match: only over the version that was read", only_if_the_same, writes),
    ],
    "split-point": [
        Stage("half of the requests on each side", even_load, split),
        Stage("of requests, not of keys", uneven_load, split),
        Stage("one hot key cannot be split", one_hot_key, split),
    ],
}
