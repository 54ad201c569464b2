"""Reed-Solomon: every pattern of losses that the code allows, and the words for one more."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.erasure import (
    BadCode,
    NotEnoughShards,
    Readable,
    ReedSolomon,
    UnequalShards,
    join,
    split,
)
from chapters.erasure.galois import inverse, multiply
from chapters.errors import Definite, UsageError


def stripe(code: ReedSolomon, seed: int = 7, size: int = 50) -> list[bytes]:
    blocks = split(Random(seed).randbytes(code.data * size), code.data)
    return blocks + code.encode(blocks)


@pytest.mark.parametrize(("data", "parity"), [(1, 2), (4, 2), (6, 3)])
def test_every_pattern_of_losses_is_rebuilt(data: int, parity: int) -> None:
    code = ReedSolomon(data, parity)
    shards = stripe(code)
    for have in combinations(range(code.total), data):
        left = {number: shards[number] for number in have}
        assert code.decode(left, range(code.total)) == shards


def test_random_patterns_of_a_wider_code_are_rebuilt() -> None:
    rng, code = Random(7), ReedSolomon(10, 4)
    shards = stripe(code)
    for _ in range(300):
        lost = rng.sample(range(14), rng.randint(1, 4))
        left = {number: shard for number, shard in enumerate(shards) if number not in lost}
        assert code.decode(left, lost) == [shards[number] for number in lost]


def test_the_widest_code_there_is() -> None:
    code = ReedSolomon(200, 56)
    shards = stripe(code, size=3)
    lost = Random(7).sample(range(256), 56)
    left = {number: shard for number, shard in enumerate(shards) if number not in lost}
    assert code.decode(left, lost) == [shards[number] for number in lost]


@given(st.binary(max_size=300), st.integers(1, 8), st.integers(0, 4), st.randoms())
def test_what_is_split_and_encoded_comes_back(
    payload: bytes, data: int, parity: int, rng: Random
) -> None:
    code = ReedSolomon(data, parity, backend=Readable())
    blocks = split(payload, data)
    shards = dict(enumerate(blocks + code.encode(blocks)))
    for number in rng.sample(range(code.total), parity):
        del shards[number]
    assert join(code.decode(shards, range(data)), len(payload)) == payload


def test_a_parity_byte_is_the_sum_that_the_matrix_says() -> None:
    parity = ReedSolomon(2, 1).encode([b"\x05", b"\x11"])
    assert parity == [bytes([multiply(inverse(2), 5) ^ multiply(inverse(3), 0x11)])]


def test_one_shard_too_few_is_refused_and_named() -> None:
    code = ReedSolomon(4, 2)
    shards = stripe(code)
    with pytest.raises(NotEnoughShards) as refused:
        code.decode({5: shards[5], 0: shards[0], 2: shards[2]}, [1, 4])
    assert str(refused.value) == (
        "4+2 needs any 4 shards and has 3 [0, 2, 5]: bring back 1 more to rebuild [1, 4]"
    )
    assert isinstance(refused.value, Definite)


def test_shards_that_are_there_need_no_others() -> None:
    code = ReedSolomon(4, 2)
    shards = stripe(code)
    assert code.decode({5: shards[5]}, [5]) == [shards[5]]
    assert code.decode({}, []) == []


def test_wanted_shards_come_in_the_order_that_was_asked_even_twice() -> None:
    code = ReedSolomon(4, 2)
    shards = stripe(code)
    left = {number: shards[number] for number in (1, 2, 4, 5)}
    assert code.decode(left, [5, 0, 3, 0]) == [shards[each] for each in (5, 0, 3, 0)]


def test_a_wrong_byte_is_not_noticed_here() -> None:
    # An erasure code knows which shards are missing; checksums must say which are wrong.
    code = ReedSolomon(4, 2)
    shards = stripe(code)
    left = {number: shards[number] for number in (1, 2, 3, 4)}
    left[1] = bytes([left[1][0] ^ 1]) + left[1][1:]
    assert code.decode(left, [0]) != [shards[0]]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_will_do(kind: type) -> None:
    code = ReedSolomon(3, 2)
    shards = stripe(code)
    assert code.encode([kind(shard) for shard in shards[:3]]) == shards[3:]
    found = code.decode({n: kind(shards[n]) for n in (1, 3, 4)}, [0, 1, 2])
    assert found == shards[:3]
    assert all(type(each) is bytes for each in found)


@pytest.mark.parametrize(("data", "parity"), [(0, 1), (1, -1), (200, 57)])
def test_codes_that_cannot_be(data: int, parity: int) -> None:
    with pytest.raises(UsageError, match=r"is no code: it takes at least 1 data shard"):
        ReedSolomon(data, parity)


def test_words_of_a_call_that_are_wrong() -> None:
    code = ReedSolomon(4, 2)
    with pytest.raises(BadCode, match=r"4\+2 encodes 4 shards, not 3"):
        code.encode([b"a"] * 3)
    with pytest.raises(BadCode, match=r"4\+2 has no shard 6: they are numbered 0 to 5"):
        code.decode({6: b"a"}, [0])
    with pytest.raises(BadCode, match="no shard -1"):
        code.decode({0: b"a"}, [-1])
    with pytest.raises(UnequalShards, match="of 1 and of 2 bytes"):
        code.encode([b"a", b"aa", b"a", b"a"])
    with pytest.raises(UnequalShards):
        code.decode({0: b"a", 1: b"a", 2: b"a", 3: b""}, [4])
    with pytest.raises(BadCode, match="into 0 shards"):
        split(b"abc", 0)
    with pytest.raises(BadCode, match="hold no 3 bytes"):
        join([b"a", b"b"], 3)


def test_split_pads_the_end_and_join_takes_the_padding_off() -> None:
    assert split(b"abcde", 2) == [b"abc", b"de\0"]
    assert split(b"a", 3) == [b"a", b"\0", b"\0"]
    assert split(b"", 2) == [b"", b""]
    assert split(memoryview(b"abcd"), 2) == [b"ab", b"cd"]
    assert join([b"abc", b"de\0"], 5) == b"abcde"


def test_without_parity_nothing_is_added_and_nothing_forgiven() -> None:
    code = ReedSolomon(2, 0)
    assert code.encode([b"a", b"b"]) == []
    with pytest.raises(NotEnoughShards):
        code.decode({0: b"a"}, [1])


def test_codes_of_the_same_numbers_are_equal() -> None:
    assert ReedSolomon(4, 2) == ReedSolomon(4, 2, backend=Readable())
    assert len({ReedSolomon(4, 2), ReedSolomon(4, 2), ReedSolomon(6, 3)}) == 2
    assert (str(ReedSolomon(4, 2)), ReedSolomon(4, 2).total) == ("4+2", 6)
