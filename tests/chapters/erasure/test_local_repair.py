"""Local repair: a single loss reads its group, and all that can be rebuilt is."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.erasure import BadCode, LocalRepair, NotEnoughShards, UnequalShards, split
from chapters.errors import UsageError

AZURE = LocalRepair(12, 2, 2)
SHAPES = [
    (12, 2, 2),
    (6, 2, 2),
    (9, 3, 1),
    (8, 4, 2),
    (4, 1, 2),
    (6, 2, 0),
    (34, 17, 2),
    (30, 2, 2),
]


def stripe(code: LocalRepair, seed: int = 7) -> list[bytes]:
    blocks = split(Random(seed).randbytes(code.data * 5), code.data)
    return blocks + code.encode(blocks)


def can_be_rebuilt(code: LocalRepair, lost: set[int]) -> bool:
    """What any code of this shape can do: a group mends one, global parities mend the rest."""
    size = code.data // code.groups
    beyond = sum(number >= code.data + code.groups for number in lost)
    for group in range(code.groups):
        members = {*range(group * size, (group + 1) * size), code.data + group}
        beyond += max(0, len(members & lost) - 1)
    return beyond <= code.global_parity


@pytest.mark.parametrize("shape", SHAPES)
def test_a_single_loss_reads_its_group_and_nothing_else(shape: tuple[int, int, int]) -> None:
    code = LocalRepair(*shape)
    shards, size = stripe(code), code.data // code.groups
    for number in range(code.data + code.groups):
        reads = code.plan([number])
        assert len(reads) == size
        group = number // size if number < code.data else number - code.data
        assert set(reads) <= {*range(group * size, (group + 1) * size), code.data + group}
        assert code.decode({n: shards[n] for n in reads}, [number]) == [shards[number]]


def test_azure_reads_six_in_place_of_twelve() -> None:
    # Huang et al. 2012: 12 + 2 + 2 is 1.33 times the data, and a repair reads half a stripe.
    assert AZURE.plan([3]) == (0, 1, 2, 4, 5, 12)
    assert AZURE.plan([13]) == (6, 7, 8, 9, 10, 11)
    assert len(AZURE.plan([14])) == 12
    assert round(AZURE.total / AZURE.data, 2) == 1.33


def test_any_three_losses_of_azure_s_code_are_rebuilt() -> None:
    shards = stripe(AZURE)
    for lost in combinations(range(16), 3):
        reads = AZURE.plan(lost)
        assert len(reads) <= 12 and not set(reads) & set(lost)
        found = AZURE.decode({n: shards[n] for n in reads}, lost)
        assert found == [shards[n] for n in lost]


@pytest.mark.parametrize(("shape", "good", "of"), [((12, 2, 2), 1568, 1820), ((6, 2, 2), 180, 210)])
def test_86_percent_of_four_losses_are_rebuilt(
    shape: tuple[int, int, int], good: int, of: int
) -> None:
    code = LocalRepair(*shape)
    sets = list(combinations(range(code.total), 4))
    assert (sum(map(code.is_recoverable, sets)), len(sets)) == (good, of)
    assert round(good / of, 2) == 0.86


@pytest.mark.parametrize("shape", SHAPES[:6])
def test_everything_is_rebuilt_that_any_such_code_could_rebuild(
    shape: tuple[int, int, int],
) -> None:
    code = LocalRepair(*shape)
    for count in range(1, min(5, code.global_parity + code.groups + 2)):
        for lost in combinations(range(code.total), count):
            assert code.is_recoverable(lost) == can_be_rebuilt(code, set(lost)), lost


@pytest.mark.parametrize("shape", SHAPES)
@given(st.randoms(), st.integers(1, 6))
def test_random_losses_are_rebuilt_or_refused_rightly(
    shape: tuple[int, int, int], rng: Random, count: int
) -> None:
    code = LocalRepair(*shape)
    shards = stripe(code)
    lost = rng.sample(range(code.total), min(count, code.total))
    if not can_be_rebuilt(code, set(lost)):
        with pytest.raises(NotEnoughShards):
            code.plan(lost)
        return
    left = {n: shards[n] for n in code.plan(lost)}
    assert not set(left) & set(lost)
    assert code.decode(left, lost) == [shards[n] for n in lost]


def test_all_that_is_left_may_be_given_instead_of_the_plan() -> None:
    shards = stripe(AZURE)
    lost = [0, 1, 6, 14]
    left = {n: shard for n, shard in enumerate(shards) if n not in lost}
    assert AZURE.decode(left, range(16)) == shards
    assert AZURE.decode(left, [14, 0, 14, 2]) == [shards[n] for n in (14, 0, 14, 2)]


def test_what_nobody_can_rebuild_is_refused_and_named() -> None:
    shards = stripe(AZURE)
    with pytest.raises(NotEnoughShards) as refused:
        AZURE.plan([3, 0, 1, 2])
    assert str(refused.value) == (
        "12+2+2: the 12 shards at hand determine 11 of 12; "
        "bring back one of those lost to rebuild [0, 1, 2, 3]"
    )
    assert not AZURE.is_recoverable([0, 1, 2, 3])
    with pytest.raises(NotEnoughShards):
        AZURE.decode({n: shards[n] for n in range(5)}, [5])


def test_a_local_parity_is_the_xor_of_its_group() -> None:
    shards = stripe(AZURE)
    xor = 0
    for shard in shards[:6]:
        xor ^= int.from_bytes(shard)
    assert shards[12] == xor.to_bytes(5)


def test_shapes_that_this_construction_cannot_make() -> None:
    for shape in (
        (12, 0, 2),
        (36, 18, 2),
        (12, 5, 2),
        (32, 2, 2),
        (0, 1, 1),
        (12, 2, 3),
        (6, 2, -1),
    ):
        with pytest.raises(UsageError, match="takes"):
            LocalRepair(*shape)


def test_words_of_a_call_that_are_wrong() -> None:
    with pytest.raises(BadCode, match=r"12\+2\+2 has no shard 16"):
        AZURE.plan([16])
    with pytest.raises(BadCode, match=r"encodes 12 shards, not 1"):
        AZURE.encode([b"a"])
    with pytest.raises(BadCode, match="no shard 99"):
        AZURE.decode({99: b"a"}, [0])
    with pytest.raises(UnequalShards):
        AZURE.encode([b"a"] * 11 + [b""])


def test_nothing_lost_reads_nothing() -> None:
    assert AZURE.plan([]) == ()
    assert AZURE.decode({}, []) == []
