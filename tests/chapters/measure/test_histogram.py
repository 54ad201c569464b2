"""The histogram against exact percentiles, with the bound that it states."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.measure import Histogram, NothingMeasured
from chapters.measure.histogram import ERROR_MAX, bucket, highest

VALUES = st.one_of(st.integers(0, 600), st.integers(0, 2**62))
PERCENTS = st.sampled_from([0, 1, 25, 50, 90, 99, 99.9, 99.99, 100])


def _exact(values: list[int], percent: float) -> int:
    rank = max(1, math.ceil(Fraction(str(percent)) * len(values) / 100))
    return sorted(values)[rank - 1]


@given(st.lists(VALUES, min_size=1, max_size=300), PERCENTS)
def test_a_percentile_is_never_too_rosy_and_at_most_a_128th_too_high(
    values: list[int], percent: float
) -> None:
    exact, told = _exact(values, percent), Histogram(values).percentile(percent)
    assert exact <= told <= exact * (1 + ERROR_MAX)


@given(VALUES)
def test_a_value_lies_in_its_bucket_and_buckets_have_no_gaps(value: int) -> None:
    index = bucket(value)
    top = highest(index)
    assert value <= top <= value * (1 + ERROR_MAX)
    assert bucket(top) == index
    assert bucket(top + 1) == index + 1


def test_small_values_are_exact() -> None:
    assert [bucket(value) for value in range(256)] == list(range(256))
    assert (bucket(256), bucket(257), bucket(258)) == (256, 256, 257)


@given(st.lists(VALUES), st.lists(VALUES))
def test_merging_is_the_same_as_counting_everything_in_one(
    left: list[int], right: list[int]
) -> None:
    merged, whole = Histogram(left), Histogram(left + right)
    merged.merge(Histogram(right))
    assert list(merged.buckets()) == list(whole.buckets())
    facts = [(each.count, each.sum, each.min, each.max) for each in (merged, whole)]
    assert facts[0] == facts[1]


def test_averaging_percentiles_is_wrong_where_merging_is_right() -> None:
    fast, slow = Histogram([1] * 99 + [100]), Histogram([100] * 10)
    average = (fast.percentile(90) + slow.percentile(90)) / 2
    fast.merge(slow)
    assert (average, fast.percentile(90)) == (50.5, 1)


def test_mean_and_extremes_are_exact() -> None:
    histogram = Histogram([10**9 + 1, 3, 5])
    assert (histogram.min, histogram.max, histogram.count) == (3, 10**9 + 1, 3)
    assert histogram.mean == (10**9 + 9) / 3
    assert histogram.percentile(100) == 10**9 + 1


def test_memory_is_bounded_by_the_magnitude_not_by_the_count() -> None:
    histogram = Histogram()
    histogram.add(2**62, count=10**9)
    assert len(histogram._counts) < 8_000


def test_no_values_have_no_percentiles() -> None:
    with pytest.raises(NothingMeasured):
        Histogram().percentile(50)
    with pytest.raises(NothingMeasured, match="101"):
        Histogram([1]).percentile(101)
    assert str(Histogram()) == "no values"
    assert Histogram().mean == 0.0
