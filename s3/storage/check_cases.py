"""The cases of the exercises on storage: damaged extents, wounded stripes, slow nodes, crowded zones.

Page: docs/s3/storage.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case
from s3.storage.record import HEADER_BYTES, Place, crc32c, header

EXTENT = 5
LOOKALIKE = "looks like a record: the payload of number"
SOUND, SLOW, DAMAGED = "2 ms", "900 ms", "damaged"


def extent_bytes(sizes: list[int], nested: int = -1) -> bytes:
    """Return records s0, s1, … with payloads of these sizes; that of `nested` looks like a record."""
    data = b""
    for number, size in enumerate(sizes):
        payload = bytes([number + 1]) * size
        if number == nested:
            inside = Place(EXTENT, len(data) + HEADER_BYTES + len(f"s{number}"), 0, 0)
            payload = header("inside a payload", inside) + payload
        size = len(payload)
        place = Place(EXTENT, len(data), size, crc32c(payload))
        data += header(f"s{number}", place) + payload
    return data


def record_start(sizes: list[int], number: int) -> int:
    return len(extent_bytes(sizes[:number]))


def whole_extents(rng: Random) -> Iterator[Case]:
    yield [], "", 0
    yield _sizes(rng), "", 0
    yield [0, 20, 0], "", 0
    yield _sizes(rng), LOOKALIKE, 2


def torn_extents(rng: Random) -> Iterator[Case]:
    for number in (0, 2, 4):
        sizes = _sizes(rng)
        start, end = record_start(sizes, number), record_start(sizes, number + 1)
        yield sizes, "ends at byte", rng.randint(start + 1, end - 1)
    sizes = _sizes(rng)
    yield sizes, "zeros from byte", record_start(sizes, 4) + HEADER_BYTES + 2  # its payload


def damaged_payloads(rng: Random) -> Iterator[Case]:
    for number in (0, 2, 3):
        sizes = _sizes(rng)
        yield sizes, "flipped bit in byte", record_start(sizes, number + 1) - 1
    sizes = _sizes(rng)
    yield sizes, "flipped bit in byte", record_start(sizes, 5) - 1


def damaged_headers(rng: Random) -> Iterator[Case]:
    for number in (0, 2, 3):
        sizes = _sizes(rng)
        yield sizes, "flipped bit in byte", record_start(sizes, number) + rng.randint(4, 20)


def _sizes(rng: Random, count: int = 5) -> list[int]:
    return [rng.randint(1, 60) for _ in range(count)]


def crashes(rng: Random) -> Iterator[Case]:
    for write in sorted(rng.sample(range(4, 45), 8)):
        yield f"crash/{rng.randrange(1000)}", write


def one_step_scrubs(rng: Random) -> Iterator[Case]:
    yield [], [], 1000
    yield _sizes(rng), [], 1000
    yield _sizes(rng), sorted(rng.sample(range(5), 2)), 1000


def stepwise_scrubs(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        yield _sizes(rng, 9), sorted(rng.sample(range(9), 3)), rng.randint(40, 90)
    yield [10, 10, 10, 10], [3], 20


def wounded_stripes(rng: Random) -> Iterator[Case]:
    yield ([["whole.", 4, 6, list(range(6))]],)
    yield ([["a.", 4, 6, [0, 1, 2, 3, 4]], ["b.", 4, 6, [1, 2, 3, 5]], ["c.", 4, 6, [0, 1]]],)
    for _ in range(4):
        yield ([_stripe(rng, number) for number in range(8)],)


def _stripe(rng: Random, number: int) -> list[JSON]:
    data, total = rng.choice([(4, 6), (6, 9), (1, 1)])
    have = sorted(rng.sample(range(total), rng.randint(0, total)))
    return [f"stripe {number}", data, total, have]


def first_questions(rng: Random) -> Iterator[Case]:
    yield [rng.randrange(6)], [], [], []
    yield [0, 1, 2, 3], [], [], []
    yield [1, 2], [], [], []
    yield [rng.randrange(4)], [], [4, 5], []


def second_questions(rng: Random) -> Iterator[Case]:
    shard = rng.randrange(4)
    yield [shard], [shard], [], []
    yield [shard], [shard], [shard], []
    yield [shard], [shard], [], [shard]
    yield [0, 1, 2, 3], [0, 1, 2, 3], [shard], []
    yield [0, 1, 2, 3], [0, 1, 2, 3], [], sorted(rng.sample(range(4), 2))
    yield [0, 1, 2, 3], [0, 1, 2, 3, 4], [shard], [(shard + 1) % 4]
    yield [0, 1, 2, 3], [0, 1, 2, 3, 4, 5], [0], [1, 2]
    yield [shard], [], [shard], []


def sound_reads(rng: Random) -> Iterator[Case]:
    yield [rng.randrange(4)], [SOUND] * 6
    yield [0, 1, 2, 3], [SOUND] * 6
    yield [0, 1, 2, 3], [SOUND] * 4 + [DAMAGED] * 2


def hurt_reads(rng: Random) -> Iterator[Case]:
    for fate in (DAMAGED, SLOW):
        for count in (1, 2, 3):
            fates = [fate] * count + [SOUND] * (6 - count)
            rng.shuffle(fates)
            yield [0, 1, 2, 3], fates
            yield [fates.index(fate)], fates


def fresh_places(rng: Random) -> Iterator[Case]:
    yield "abcabc", 6, 2, []
    yield "aaabbbccc", 6, 2, []
    yield "aabc", 4, 2, []
    yield "".join(rng.choice("abc") for _ in range(7)), 6, 2, []


def crowded_places(rng: Random) -> Iterator[Case]:
    yield "abca", 6, 2, []
    yield "ab", 6, 2, []
    yield "abc", 4, 1, []
    yield "abcab", 6, 2, [[shard, f"n{shard}"] for shard in range(5)]
    yield "abcab", 6, 2, [[2, "n0"], [5, "n0"]]
    shards = rng.sample(range(6), 3)
    yield "aabbc", 6, 2, [[shard, f"n{number}"] for number, shard in enumerate(shards)]


def handoffs(rng: Random) -> Iterator[Case]:
    for count in (0, 1, 1, 2, 2, 3):
        yield f"stripe {rng.randrange(1000)}", sorted(rng.sample(range(6), count)), []
    yield f"stripe {rng.randrange(1000)}", [rng.randrange(1, 6)], [[3, "n0"]]


def deaths(rng: Random) -> Iterator[Case]:
    for count in (1, 2, 2, 3):
        *down, dies = rng.sample(range(6), count + 1)
        yield f"deaths/{rng.randrange(1000)}", down, dies
