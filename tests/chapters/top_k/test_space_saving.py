"""Space-saving: bounds that hold for any stream, and stay when counters are merged."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.top_k import Counted, Exact, SpaceSaving, Unmergeable
from chapters.top_k.story import demo, zipf

KEYS = st.sampled_from([b"%c" % letter for letter in b"abcdefghijkl"])
STREAM = st.lists(st.tuples(KEYS, st.integers(1, 9)), max_size=80)
CAPACITY = st.integers(1, 8)


def filled(capacity: int, stream: list[tuple[bytes, int]]) -> SpaceSaving:
    counter = SpaceSaving(capacity)
    for key, count in stream:
        counter.add(key, count)
        counter.check()
    return counter


def check_bounds(counter: SpaceSaving, truth: Counter[bytes]) -> None:
    """Assert what the paper promises of a counter that saw these."""
    counter.check()
    assert counter.total == truth.total()
    assert counter.floor <= counter.total / counter.capacity
    for each in counter.top(counter.capacity):
        assert each.least <= truth[each.key] <= each.count
        assert each.error <= counter.total / counter.capacity
    for key, count in truth.items():
        assert counter.estimate(key) >= count
        assert key in counter or count <= counter.floor
        assert key in counter or count <= counter.total / counter.capacity


def check_guarantees(counter: SpaceSaving, truth: Counter[bytes], count: int) -> None:
    """Assert that whoever is guaranteed among the first is one of them, ties aside."""
    for each in counter.top(count):
        if each.is_guaranteed:
            assert sum(other > truth[each.key] for other in truth.values()) < count


def true_counts(stream: list[tuple[bytes, int]]) -> Counter[bytes]:
    truth: Counter[bytes] = Counter()
    for key, count in stream:
        truth[key] += count
    return truth


def test_the_example_of_the_paper() -> None:
    counter = SpaceSaving(2)
    for key in (b"X", b"Y", b"Y", b"Z"):
        counter.add(key)
    assert counter.top(2) == [Counted(b"Y", 2, 0, True), Counted(b"Z", 2, 1, False)]
    assert b"X" not in counter and counter.estimate(b"X") == 2


@given(CAPACITY, STREAM)
def test_the_bounds_of_the_paper_hold(capacity: int, stream: list[tuple[bytes, int]]) -> None:
    counter = filled(capacity, stream)
    check_bounds(counter, true_counts(stream))
    assert sum(each.count for each in counter.top(capacity)) == counter.total


@given(CAPACITY, STREAM, st.integers(1, 8))
def test_what_is_guaranteed_is_true(
    capacity: int, stream: list[tuple[bytes, int]], count: int
) -> None:
    check_guarantees(filled(capacity, stream), true_counts(stream), count)


@given(STREAM)
def test_with_a_counter_for_everybody_it_is_exact(stream: list[tuple[bytes, int]]) -> None:
    counter, exact = filled(13, stream), Exact()
    for key, count in stream:
        exact.add(key, count)
    assert counter.top(13) == exact.top(13)
    assert counter.estimate(b"nobody") == exact.estimate(b"nobody") == 0


@given(CAPACITY, st.lists(STREAM, min_size=2, max_size=4), STREAM)
def test_the_bounds_hold_after_merging_and_counting_on(
    capacity: int, streams: list[list[tuple[bytes, int]]], later: list[tuple[bytes, int]]
) -> None:
    merged, *others = (filled(capacity, stream) for stream in streams)
    for other in others:
        merged.merge(other)
        merged.check()
    for key, count in later:
        merged.add(key, count)
    truth = true_counts([each for stream in [*streams, later] for each in stream])
    check_bounds(merged, truth)
    check_guarantees(merged, truth, 3)


def test_counters_of_other_sizes_are_not_merged() -> None:
    with pytest.raises(Unmergeable, match="3 counters into 4"):
        SpaceSaving(4).merge(SpaceSaving(3))


def test_exact_counts_merge() -> None:
    one, two = Exact(), Exact()
    one.add(b"a", 2)
    two.add(b"a")
    two.add(b"b", 4)
    one.merge(two)
    assert [(each.key, each.count) for each in one.top(5)] == [(b"b", 4), (b"a", 3)]
    one.merge(one)
    assert one.total == 14


def test_ties_stand_in_the_order_of_the_keys_and_nobody_came_more_often() -> None:
    counter = filled(3, [(b"c", 1), (b"a", 1), (b"b", 1)])
    assert counter.top(2) == [Counted(b"a", 1, 0, True), Counted(b"b", 1, 0, True)]


def test_a_hundred_counters_find_the_ten_most_played_of_twenty_thousand() -> None:
    exact, counter = Exact(), SpaceSaving(100)
    for key in zipf(Random(11), 20_000, 30_000, 1.0):
        exact.add(key)
        counter.add(key)
    found = counter.top(10)
    assert {each.key for each in found} == {each.key for each in exact.top(10)}
    assert found[0].is_guaranteed and found[0].error < found[0].count / 10
    assert counter.size_bytes < exact.size_bytes / 20


def test_the_demonstration_shows_ten_rows_and_who_is_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    demo(seed=3, songs=300, plays=3000, counters=60, width=50, depth=3)
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if "song-" in line]) == 10
    assert "10 right" in lines[14]
