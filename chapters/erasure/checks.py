"""What the erasure exercises check: the field, the matrices, and stripes that lose their shards.

Page: docs/chapters/erasure.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.erasure.backends import Readable, Shard, weighted_sum
from chapters.erasure.errors import NotEnoughShards, Singular
from chapters.erasure.galois import inverse, multiply, multiply_slowly
from chapters.erasure.local_repair import LocalRepair
from chapters.erasure.matrix import generator, inverted
from chapters.erasure.reed_solomon import ReedSolomon, join, recovery_rows, split

CODES = ((1, 2), (2, 1), (4, 2), (6, 3), (10, 4))
SHARD_BYTES = 8


def slow_product(a: int, b: int) -> JSON:
    """Drive `multiply_slowly`."""
    return multiply_slowly(a, b)


def product(a: int, b: int) -> JSON:
    """Drive `multiply`."""
    return multiply(a, b)


def quotient(a: int) -> JSON:
    """Drive `inverse`."""
    try:
        return inverse(a)
    except ZeroDivisionError:
        return "refused with ZeroDivisionError"


def short_products(rng: Random) -> Iterator[Case]:
    yield 3, 7
    for _ in range(4):
        yield rng.randint(1, 15), rng.randint(1, 15)


def long_products(rng: Random) -> Iterator[Case]:
    yield 2, 128
    yield 131, 87
    for _ in range(6):
        yield rng.randint(128, 255), rng.randint(16, 255)


def products(rng: Random) -> Iterator[Case]:
    yield 1, rng.randint(2, 255)
    yield 142, 2  # inverses: their exponents add up to 255
    for _ in range(8):
        yield rng.randint(100, 255), rng.randint(2, 255)


def with_zero(rng: Random) -> Iterator[Case]:
    yield 0, rng.randint(2, 255)
    yield rng.randint(2, 255), 0
    yield 0, 0


def divisors(rng: Random) -> Iterator[Case]:
    yield (2,)
    for _ in range(5):
        yield (rng.randint(3, 255),)


def odd_divisors(rng: Random) -> Iterator[Case]:
    yield (1,)
    yield (0,)


def rows_of(data: int, parity: int) -> JSON:
    """Drive `generator`."""
    return [list(row) for row in generator(data, parity)]


def some_codes(rng: Random) -> Iterator[Case]:
    yield from ((data, parity) for data, parity in CODES)
    yield rng.randint(3, 12), rng.randint(2, 6)


def sums(row: list[int], shards: list[list[int]], kind: str) -> JSON:
    """Drive `weighted_sum` on shards of one kind of buffer."""
    return list(weighted_sum(bytes(row), [_as(kind, bytes(shard)) for shard in shards]))


def _as(kind: str, shard: bytes) -> Shard:
    if kind == "bytearray":
        return bytearray(shard)
    return memoryview(shard) if kind == "memoryview" else shard


def _bytes(rng: Random, count: int = SHARD_BYTES) -> list[JSON]:
    return [rng.randint(1, 255) for _ in range(count)]


def _stripe(rng: Random, count: int) -> list[JSON]:
    return [_bytes(rng) for _ in range(count)]


def single_sums(rng: Random) -> Iterator[Case]:
    for factor in (1, 2, rng.randint(3, 255)):
        yield [factor], _stripe(rng, 1), "bytes"


def longer_sums(rng: Random) -> Iterator[Case]:
    yield [1, 1], _stripe(rng, 2), "bytes"
    yield [rng.randint(2, 255), 0, 1], _stripe(rng, 3), "bytes"
    for count in (2, 4, 6):
        yield _bytes(rng, count), _stripe(rng, count), "bytes"


def other_buffers(rng: Random) -> Iterator[Case]:
    for kind in ("bytearray", "memoryview"):
        yield _bytes(rng, 3), _stripe(rng, 3), kind


def stripe(data: int, parity: int, payload: str) -> list[bytes]:
    """Return all shards of a text."""
    blocks = split(payload.encode(), data)
    return blocks + ReedSolomon(data, parity, backend=Readable()).encode(blocks)


def encodes(data: int, parity: int, payload: str) -> JSON:
    """Encode a text; return its shards in hexadecimal digits."""
    return [shard.hex() for shard in stripe(data, parity, payload)]


def texts(rng: Random) -> Iterator[Case]:
    for data, parity in CODES:
        yield data, parity, _text(rng)


def _text(rng: Random) -> str:
    return " ".join(rng.choice(("any", "four", "of", "six", "are", "enough")) for _ in range(9))


def inverts(matrix: list[list[int]]) -> JSON:
    """Drive `inverted`."""
    try:
        return [list(row) for row in inverted([bytes(row) for row in matrix])]
    except Singular:
        return "refused with Singular"


def diagonals(rng: Random) -> Iterator[Case]:
    yield ([[1, 0], [0, 1]],)
    yield ([[2, 0], [0, rng.randint(3, 255)]],)


def full_matrices(rng: Random) -> Iterator[Case]:
    for data in (2, 3, 4, 5):
        first = rng.randint(data, 20)
        rows = generator(data, 32)[first : first + data]  # parity rows: not one zero among them
        yield ([list(row) for row in rows],)


def zeros_ahead(rng: Random) -> Iterator[Case]:
    yield ([[0, 1], [1, 0]],)
    yield ([[0, 0, rng.randint(1, 255)], [rng.randint(1, 255), 0, 0], [0, rng.randint(1, 255), 7]],)
    for _ in range(3):
        rows = [*generator(4, 3)[1:4], generator(4, 3)[rng.randint(4, 6)]]
        yield ([list(row) for row in rows],)


def singular(rng: Random) -> Iterator[Case]:
    yield ([[0, 0], [0, 1]],)
    one, factor = [rng.randint(1, 255) for _ in range(3)], rng.randint(2, 255)
    yield ([one, [multiply(factor, each) for each in one], [1, 2, 4]],)


def recovers(data: int, parity: int, have: list[int], lost: list[int]) -> JSON:
    """Drive `recovery_rows`."""
    return [list(row) for row in recovery_rows(data, parity, tuple(have), tuple(lost))]


def _sets(rng: Random, lost_data: int, lost_parity: int) -> Iterator[Case]:
    for data, parity in CODES[2:]:
        lost = sorted(
            rng.sample(range(data), lost_data) + rng.sample(range(data, data + parity), lost_parity)
        )
        have = [number for number in range(data + parity) if number not in lost][:data]
        yield data, parity, list(have), list(lost)


def lost_blocks(rng: Random) -> Iterator[Case]:
    yield from _sets(rng, 2, 0)


def lost_parities(rng: Random) -> Iterator[Case]:
    yield from _sets(rng, 1, 1)
    yield from _sets(rng, 0, 2)


def decodes(data: int, parity: int, payload: str, lost: list[int]) -> JSON:
    """Encode a text, lose shards, decode; return the text, and whether the shards are the old ones."""
    code, shards = ReedSolomon(data, parity, backend=Readable()), stripe(data, parity, payload)
    left = {number: shard for number, shard in enumerate(shards) if number not in lost}
    blocks = code.decode(left, range(data))
    text = join(blocks, len(payload.encode())).decode(errors="replace")
    return [text, code.decode(left, lost) == [shards[number] for number in lost]]


def losses(rng: Random) -> Iterator[Case]:
    for data, parity in CODES:
        for _ in range(2):
            yield data, parity, _text(rng), list(rng.sample(range(data + parity), parity))


def group_of(data: int, groups: int, global_parity: int, number: int) -> JSON:
    """Drive `LocalRepair.neighbours`."""
    return sorted(LocalRepair(data, groups, global_parity).neighbours(number))


AZURE, SMALL, THREE = (12, 2, 2), (6, 2, 2), (9, 3, 1)


def data_shards(rng: Random) -> Iterator[Case]:
    for shape in (AZURE, SMALL, THREE):
        yield *shape, 0
        yield *shape, rng.randint(2, shape[0] - 1)


def parity_shards(rng: Random) -> Iterator[Case]:
    for data, groups, global_parity in (AZURE, SMALL, THREE):
        yield data, groups, global_parity, data + rng.randrange(groups)
        yield data, groups, global_parity, data + groups


def plans(data: int, groups: int, global_parity: int, lost: list[int]) -> JSON:
    """Drive `LocalRepair.plan`."""
    try:
        return sorted(LocalRepair(data, groups, global_parity).plan(lost))
    except NotEnoughShards:
        return "refused with NotEnoughShards"


def is_as_good(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether a plan reads no more shards than ours, and those rebuild what is lost."""
    if not isinstance(got, list) or not isinstance(expected, list):
        return got == expected
    data, groups, global_parity, lost = args
    assert isinstance(data, int) and isinstance(groups, int) and isinstance(global_parity, int)
    assert isinstance(lost, list)
    code, wanted = LocalRepair(data, groups, global_parity), [int(str(each)) for each in lost]
    left = [number for number in range(code.total) if number not in wanted]
    return len(got) <= len(expected) and set(got) <= set(left) and _rebuilds(code, got, wanted)


def _rebuilds(code: LocalRepair, reads: list[int], lost: list[int]) -> bool:
    blocks = [bytes([7 * number + 1, number]) for number in range(code.data)]
    shards = blocks + code.encode(blocks)
    try:
        found = code.decode({number: shards[number] for number in reads}, lost)
    except NotEnoughShards:
        return False
    return found == [shards[number] for number in lost]


def single_losses(rng: Random) -> Iterator[Case]:
    for data, groups, global_parity in (AZURE, SMALL, THREE):
        yield data, groups, global_parity, [rng.randrange(data)]
        yield data, groups, global_parity, [data + rng.randrange(groups)]


def one_in_each_group(rng: Random) -> Iterator[Case]:
    for data, groups, global_parity in (AZURE, SMALL, THREE):
        size = data // groups
        yield data, groups, global_parity, [rng.randrange(size), size + rng.randrange(size)]


def worse_losses(rng: Random) -> Iterator[Case]:
    for data, groups, global_parity in (AZURE, SMALL, THREE):
        yield data, groups, global_parity, rng.sample(range(data // groups), 2)
        yield data, groups, global_parity, [data + groups]
    yield *AZURE, [rng.randrange(6), 14]
    yield *AZURE, [*rng.sample(range(6), 2), *rng.sample(range(6, 12), 2)]


def hopeless_losses(rng: Random) -> Iterator[Case]:
    yield *AZURE, rng.sample(range(6), 4)
    yield *AZURE, [*rng.sample(range(6, 12), 2), 14, 15]
    yield *SMALL, [0, 1, 2, rng.choice((8, 9))]
    yield *THREE, rng.sample(range(3), 3)


def repairs(data: int, groups: int, global_parity: int, lost: list[int]) -> JSON:
    """Rebuild what is lost from the shards that the plan says, and only those."""
    code = LocalRepair(data, groups, global_parity, backend=Readable())
    blocks = split(bytes(range(7, 7 + 2 * data)), data)
    shards = blocks + code.encode(blocks)
    found = code.decode({number: shards[number] for number in code.plan(lost)}, lost)
    return ["rebuilt" if found[n] == shards[lost[n]] else "wrong bytes" for n in range(len(lost))]


def any_losses(rng: Random) -> Iterator[Case]:
    for count in (1, 2, 3, 3):
        yield *AZURE, rng.sample(range(16), count)


STAGES = {
    "galois-multiply": [
        Stage("short products, by doubling and adding", short_products, slow_product),
        Stage("long products come back to eight bits", long_products, slow_product),
        Stage("the same products by logarithms", products, product, needs=()),
        Stage("nothing times anything", with_zero, product),
        Stage("a byte times its inverse is 1", divisors, quotient, needs=()),
        Stage("1 and 0", odd_divisors, quotient),
    ],
    "encode": [
        Stage("the identity, and Cauchy's rows below it", some_codes, rows_of),
        Stage("one shard times one factor", single_sums, sums, needs=()),
        Stage("the sum of several", longer_sums, sums),
        Stage("shards that are no bytes objects", other_buffers, sums),
        Stage("a text becomes a stripe", texts, encodes, needs=(1, 3)),
    ],
    "decode": [
        Stage("a diagonal is inverted number by number", diagonals, inverts),
        Stage("a full matrix", full_matrices, inverts),
        Stage("zeros where a pivot should be", zeros_ahead, inverts),
        Stage("a matrix without an inverse is refused", singular, inverts),
        Stage("blocks are lost", lost_blocks, recovers, needs=(3,)),
        Stage("parities are lost too", lost_parities, recovers),
        Stage("a text comes back", losses, decodes),
    ],
    "local-repair": [
        Stage("the group of a data shard", data_shards, group_of),
        Stage("local parities have a group, global ones have none", parity_shards, group_of),
        Stage("one loss reads one group", single_losses, plans, is_as_good),
        Stage("one loss in each of two groups", one_in_each_group, plans, is_as_good),
        Stage("two in one group, or a global parity", worse_losses, plans, is_as_good),
        Stage("what nobody can rebuild is refused", hopeless_losses, plans, is_as_good),
        Stage("the plan's shards are enough", any_losses, repairs, needs=(5,)),
    ],
}
