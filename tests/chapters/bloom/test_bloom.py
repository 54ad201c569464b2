"""The Bloom filter: nothing is forgotten, the errors are those of the formula, damage is refused."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.bloom import (
    BadRate,
    Bloom,
    DamagedFilter,
    bits_for,
    false_positive_rate,
    hashes_for,
)
from chapters.bloom.sizing import BITS_MAX, HASHES_MAX
from chapters.bloom.story import demo, false_alarms, random_keys

SIZES = st.tuples(st.integers(1, 3000), st.integers(1, HASHES_MAX))


@given(st.lists(st.binary(max_size=40)), SIZES)
def test_a_key_that_was_added_is_never_forgotten(keys: list[bytes], size: tuple[int, int]) -> None:
    bloom = Bloom(*size)
    for key in keys:
        bloom.add(key)
        assert key in bloom
    assert all(key in bloom for key in keys)


@given(st.lists(st.binary(max_size=40)), SIZES, st.randoms())
def test_the_order_of_adding_does_not_matter(
    keys: list[bytes], size: tuple[int, int], rng: Random
) -> None:
    one, two = Bloom(*size), Bloom(*size)
    for key in keys:
        one.add(key)
    rng.shuffle(keys)
    for key in [*keys, *keys[:3]]:
        two.add(key)
    assert one.to_bytes() == two.to_bytes()


def test_an_empty_filter_finds_nothing() -> None:
    assert b"" not in Bloom.for_keys(100)
    assert Bloom.for_keys(100).false_positives == 0


@pytest.mark.parametrize("rate", [0.2, 0.05, 0.01, 0.001])
def test_a_filter_filled_as_planned_errs_as_often_as_planned(rate: float) -> None:
    rng, count = Random(7), 20_000
    bloom = Bloom.for_keys(2000, rate)
    for key in random_keys(rng, 2000):
        bloom.add(key)
    wrong = false_alarms(bloom, random_keys(rng, count))
    spread = (count * rate) ** 0.5  # of a Poisson number, so five of them are beyond chance
    assert abs(wrong - count * rate) < 5 * spread + 0.1 * count * rate
    assert bloom.false_positives == pytest.approx(rate, rel=0.2)


@pytest.mark.parametrize("keys", [1, 5, 10, 30])
def test_small_filters_err_no_more_than_twice_as_often(keys: int) -> None:
    rng, wrong, asked = Random(keys), 0, 0
    for _ in range(200):
        bloom = Bloom.for_keys(keys, 0.01)
        for key in random_keys(rng, keys):
            bloom.add(key)
        wrong += false_alarms(bloom, random_keys(rng, 100))
        asked += 100
    assert wrong / asked < (0.03 if keys == 1 else 0.02)


def test_an_overfull_filter_says_probably_to_nearly_everything() -> None:
    rng = Random(7)
    bloom = Bloom.for_keys(100)
    for key in random_keys(rng, 2000):
        bloom.add(key)
    assert false_alarms(bloom, random_keys(rng, 500)) > 490
    assert bloom.fill > 0.99


def test_one_per_cent_costs_under_ten_bits_and_seven_hashes_a_key() -> None:
    bits = bits_for(1_000_000, 0.01)
    assert bits / 1_000_000 == pytest.approx(9.585, abs=0.001)
    assert hashes_for(bits, 1_000_000) == 7
    assert false_positive_rate(bits, 7, 1_000_000) == pytest.approx(0.01, rel=0.01)
    assert false_positive_rate(8 * 100, 5, 100) == pytest.approx(0.0217, abs=1e-4)  # Broder & M.


@given(st.integers(1, 10**6), st.floats(1e-6, 0.5))
def test_the_chosen_number_of_hashes_is_the_best(expected: int, rate: float) -> None:
    bits = bits_for(expected, rate)
    chosen = hashes_for(bits, expected)
    best = min(false_positive_rate(bits, hashes, expected) for hashes in range(1, HASHES_MAX + 1))
    assert false_positive_rate(bits, chosen, expected) <= 1.06 * best


@pytest.mark.parametrize("rate", [0, 1, -0.1, 2, float("nan")])
def test_an_impossible_rate_is_refused(rate: float) -> None:
    with pytest.raises(BadRate, match="more than 0, under 1"):
        Bloom.for_keys(10, rate)


def test_a_filter_beyond_its_limit_is_refused_before_any_memory_is_taken() -> None:
    with pytest.raises(BadRate, match=str(BITS_MAX)):
        Bloom.for_keys(BITS_MAX, 0.01)


def test_no_keys_expected_is_a_small_filter() -> None:
    bloom = Bloom.for_keys(0)
    bloom.add(b"one after all")
    assert b"one after all" in bloom


@given(st.lists(st.binary(max_size=20)), SIZES)
def test_a_filter_comes_back_from_its_bytes(keys: list[bytes], size: tuple[int, int]) -> None:
    bloom = Bloom(*size)
    for key in keys:
        bloom.add(key)
    data = bloom.to_bytes()
    again = Bloom.from_bytes(data)
    assert (again.bits, again.hashes, again.to_bytes()) == (bloom.bits, bloom.hashes, data)
    assert len(data) == bloom.size_bytes
    again.add(b"and it goes on")
    assert b"and it goes on" in again


def test_every_flipped_bit_is_noticed() -> None:
    bloom = Bloom.for_keys(20)
    for number in range(20):
        bloom.add(b"%d" % number)
    data = bloom.to_bytes()
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DamagedFilter):
            Bloom.from_bytes(bytes(damaged))


def test_every_length_but_the_right_one_is_refused() -> None:
    data = Bloom.for_keys(20).to_bytes()
    for end in range(len(data)):
        with pytest.raises(DamagedFilter):
            Bloom.from_bytes(data[:end])
    with pytest.raises(DamagedFilter):
        Bloom.from_bytes(data + b"\0")


def test_the_bytes_are_those_of_yesterday() -> None:
    bloom = Bloom(40, 3)
    bloom.add(b"apple")
    header, bits, checksum = "424c4d31030000002800000000000000", "0000404080", "ddb8c786"
    assert bloom.to_bytes().hex() == header + bits + checksum


def test_the_demonstration_forgets_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    demo(seed=3, keys=200, lookups=500)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[4:9]]
    assert [row[:2] for row in rows] == [[f"{200 * n // 2:,}", "0"] for n in (1, 2, 4, 8, 16)]
