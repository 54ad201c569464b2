"""What the exercises on ingest check: packets in pages, a track cut out of a stream, a gain.

Page: docs/spotify/gapless.md
"""

from collections.abc import Iterator
from hashlib import sha256
from random import Random

from chapters.checking import JSON, Case, Stage
from spotify.ingest.errors import BadOgg
from spotify.ingest.loudness import Loudness
from spotify.ingest.ogg import CONTINUED, HEADER, UNFINISHED, crc, packets, page
from spotify.ingest.opus import FRAME, PREROLL, Stream, cut

DELAY = 312


def read(sizes: list[list[int]], damage: int) -> JSON:
    """Write packets of these sizes, a list a page, flip a byte if told; return what is read of them."""
    own = [[bytes([index % 256]) * size for index, size in enumerate(each)] for each in sizes]
    data = b"".join(page(number, 0, each) for number, each in enumerate(own))
    if damage >= 0:
        data = data[:damage] + bytes([data[damage] ^ 1]) + data[damage + 1 :]
    try:
        return [sha256(packet).hexdigest()[:8] + f"/{len(packet)}" for packet in packets(data)]
    except BadOgg as error:
        return f"damaged in the page at byte {error.offset}"


def spread(size: int, first: int) -> JSON:
    """Write one packet over two pages, `first` lacing values on the first; return what is read."""
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    lacing = [255] * (size // 255) + [size % 255]
    begun = _page(lacing[:first], data[: 255 * first], 0)
    ended = _page(lacing[first:], data[255 * first :], CONTINUED)
    return [len(each) for each in packets(begun + ended)]


def _page(lacing: list[int], body: bytes, flags: int) -> bytes:
    raw = HEADER.pack(b"OggS", 0, flags, UNFINISHED, 1, 0, 0, len(lacing)) + bytes(lacing) + body
    return raw[:22] + crc(raw).to_bytes(4, "little") + raw[26:]


def small(rng: Random) -> Iterator[Case]:
    yield [[10, 20], [30]], -1
    yield [[rng.randrange(1, 254) for _ in range(5)]], -1


def large(rng: Random) -> Iterator[Case]:
    yield [[255]], -1
    yield [[510, 0, 600]], -1
    yield [[rng.randrange(255, 3000), 254, 255, 256], [rng.randrange(1, 900)]], -1


def damaged(rng: Random) -> Iterator[Case]:
    yield [[100, 100], [300]], 28 + rng.randrange(100)
    yield [[100, 100], [300]], 260 + rng.randrange(200)


def continued(rng: Random) -> Iterator[Case]:
    yield 2000, 3
    yield 600, 1
    yield rng.randrange(1100, 5000), rng.randrange(1, 4)


def a_cut(packets_: int, first: int, end: int) -> JSON:
    """Cut a track out of a stream of so many packets; return which, what to skip, its length."""
    stream = Stream(DELAY, tuple(number.to_bytes(2, "big") for number in range(packets_)))
    own = cut(stream, first, end)
    numbers = [int.from_bytes(each, "big") for each in own.packets]
    return {
        "number": own.number,
        "skip": own.skip,
        "length": own.length,
        "packets": [numbers[0], numbers[-1]],
    }


def whole_stream(rng: Random) -> Iterator[Case]:
    yield 101, 0, 100 * FRAME - DELAY
    yield 51, 0, 50 * FRAME - 500


def first_tracks(rng: Random) -> Iterator[Case]:
    yield 401, 0, 192_313
    yield 401, 0, rng.randrange(20_000, 300_000)


def later_tracks(rng: Random) -> Iterator[Case]:
    yield 401, 192_313, 384_000
    yield 401, PREROLL - DELAY, 300_000
    yield 401, PREROLL - DELAY + FRAME, 300_000
    yield 401, PREROLL // 2, 200_000
    for _ in range(3):
        first = rng.randrange(PREROLL, 200_000)
        yield 401, first, first + rng.randrange(50_000, 150_000)


def turned(lufs: float, peak_db: float) -> JSON:
    """Return the gain of a loudness."""
    return Loudness(lufs, peak_db).gain_db


def quiet_and_loud(rng: Random) -> Iterator[Case]:
    yield -20.0, -12.0
    yield -8.5, -0.5
    yield -14.0, -3.0


def peaks(rng: Random) -> Iterator[Case]:
    yield -20.0, -3.0
    yield -24.0, -0.2
    yield -16.0, -2.0


def silence(rng: Random) -> Iterator[Case]:
    yield -70.0, -70.0
    yield -70.0, -1.0


STAGES: dict[str, list[Stage]] = {
    "ogg-packets": [
        Stage("small packets", small, read),
        Stage("packets of 255 bytes and more", large, read, needs=(1,)),
        Stage("a packet that goes on on the next page", continued, spread, needs=(2,)),
        Stage("a damaged page is noticed", damaged, read, needs=(1,)),
    ],
    "gapless-cut": [
        Stage("all of a stream", whole_stream, a_cut),
        Stage("the first track", first_tracks, a_cut, needs=(1,)),
        Stage("later tracks, with pre-roll", later_tracks, a_cut, needs=(1,)),
    ],
    "gain": [
        Stage("up and down to the same loudness", quiet_and_loud, turned),
        Stage("not above the peak", peaks, turned, needs=(1,)),
        Stage("silence stays as it is", silence, turned),
    ],
}
