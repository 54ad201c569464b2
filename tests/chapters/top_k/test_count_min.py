"""The count-min sketch: never too low, seldom too high, and merged as if it had seen both streams."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.top_k import BadError, CountMin, Exact, Leaders, Unmergeable
from chapters.top_k.count_min import CELLS_MAX, DEPTH_MAX
from chapters.top_k.story import zipf

KEYS = st.binary(max_size=2)
STREAM = st.lists(st.tuples(KEYS, st.integers(1, 50)), max_size=80)
SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 5))


def filled(
    shape: tuple[int, int], stream: list[tuple[bytes, int]], *, is_conservative: bool = False
) -> CountMin:
    sketch = CountMin(*shape, is_conservative=is_conservative)
    for key, count in stream:
        sketch.add(key, count)
    return sketch


def true_counts(stream: list[tuple[bytes, int]]) -> Counter[bytes]:
    truth: Counter[bytes] = Counter()
    for key, count in stream:
        truth[key] += count
    return truth


@given(SHAPES, STREAM, st.booleans())
def test_an_estimate_is_never_too_low(
    shape: tuple[int, int], stream: list[tuple[bytes, int]], is_conservative: bool
) -> None:
    sketch = filled(shape, stream, is_conservative=is_conservative)
    truth = true_counts(stream)
    assert all(sketch.estimate(key) >= count for key, count in truth.items())
    assert sketch.total == truth.total()
    assert all(sketch.estimate(key) <= sketch.total for key in truth)


@given(SHAPES, STREAM)
def test_a_conservative_sketch_is_never_the_worse_one(
    shape: tuple[int, int], stream: list[tuple[bytes, int]]
) -> None:
    plain, careful = filled(shape, stream), filled(shape, stream, is_conservative=True)
    assert all(careful.estimate(key) <= plain.estimate(key) for key, _ in stream)


@given(SHAPES, STREAM, STREAM)
def test_merged_is_as_if_one_had_seen_both(
    shape: tuple[int, int], one: list[tuple[bytes, int]], two: list[tuple[bytes, int]]
) -> None:
    merged, both = filled(shape, one), filled(shape, one + two)
    merged.merge(filled(shape, two))
    assert merged.total == both.total
    assert all(merged.estimate(key) == both.estimate(key) for key, _ in one + two)


@given(SHAPES, STREAM, STREAM)
def test_merged_conservative_sketches_are_never_too_low(
    shape: tuple[int, int], one: list[tuple[bytes, int]], two: list[tuple[bytes, int]]
) -> None:
    merged = filled(shape, one, is_conservative=True)
    merged.merge(filled(shape, two, is_conservative=True))
    assert all(merged.estimate(key) >= count for key, count in true_counts(one + two).items())


def test_sketches_of_other_shapes_are_not_merged() -> None:
    with pytest.raises(Unmergeable, match="make both alike"):
        CountMin(10, 3).merge(CountMin(11, 3))


def test_an_error_of_one_per_cent_of_the_total_takes_272_cells_in_five_rows() -> None:
    sketch = CountMin.for_error(0.01, 0.01)
    assert (sketch.width, sketch.depth) == (272, 5)
    assert sketch.size_bytes == 8 * 272 * 5


@pytest.mark.parametrize("delta", [0.3, 0.05, 0.01])
def test_estimates_err_no_more_often_than_promised(delta: float) -> None:
    """All keys alike, the worst for a sketch: there is no heavy key to sit in few cells."""
    sketch, wrong, keys = CountMin.for_error(0.02, delta), 0, 4000
    for number in range(keys):
        sketch.add(b"%d" % number)
    wrong = sum(sketch.estimate(b"%d" % number) - 1 > sketch.likely_error for number in range(keys))
    assert sketch.likely_error <= 0.02 * keys
    assert wrong / keys <= delta


def test_keys_that_meet_in_two_rows_do_not_meet_in_all() -> None:
    """By two hashes mixed, some 78 of these keys would share all eight cells of the heavy one."""
    sketch = CountMin(16, 8)
    sketch.add(b"heavy", 1000)
    assert sum(sketch.estimate(b"%d" % number) > 0 for number in range(20_000)) <= 1


@pytest.mark.parametrize(("epsilon", "delta"), [(0, 0.1), (1, 0.1), (0.1, 0), (0.1, 1), (-1, 2)])
def test_an_impossible_error_is_refused(epsilon: float, delta: float) -> None:
    with pytest.raises(BadError, match="more than 0, under 1"):
        CountMin.for_error(epsilon, delta)


def test_a_sketch_beyond_its_bounds_is_refused_before_any_memory_is_taken() -> None:
    with pytest.raises(BadError, match=str(CELLS_MAX)):
        CountMin.for_error(1e-12, 0.5)
    with pytest.raises(BadError, match=f"limit is {DEPTH_MAX} rows"):
        CountMin.for_error(0.1, 1e-100)


@settings(max_examples=40)
@given(STREAM, st.integers(1, 8))
def test_leaders_of_an_exact_sketch_are_the_most_frequent(
    stream: list[tuple[bytes, int]], capacity: int
) -> None:
    """With 100,000 cells for 80 keys a sketch hardly errs; the counts are then those of a dict."""
    exact, leaders = Exact(), Leaders(CountMin(20_000, 5), capacity)
    for key, count in stream:
        exact.add(key, count)
        leaders.add(key, count)
    counts = [each.count for each in leaders.top(capacity)]
    assert counts == [each.count for each in exact.top(capacity)]


def test_leaders_are_bounded_and_never_counted_too_low() -> None:
    exact, leaders = Exact(), Leaders(CountMin(50, 3), 10)
    for key in zipf(Random(7), 500, 5000, 1.0):
        exact.add(key)
        leaders.add(key)
    found = leaders.top(100)
    assert len(found) == 10
    assert all(
        exact.estimate(each.key) <= each.count <= leaders.estimate(each.key) for each in found
    )
    assert not any(each.is_guaranteed for each in found)
