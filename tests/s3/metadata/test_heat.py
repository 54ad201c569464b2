"""Partitions by heat, and the cache that S3 had before it was consistent."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.sim import S, VirtualClock
from s3.metadata.eventual import TTL_NS, EventualMetadata
from s3.metadata.partitions import RANGES_MAX, Partitions, Range, demo, split_point
from s3.metadata.transaction import Transaction


def partitions(rate_max=100.0, seed=1):
    clock = VirtualClock()
    return clock, Partitions(clock=clock, rng=random.Random(seed), rate_max=rate_max)


def load(clock, found, keys, seconds, per_second):
    for _ in range(seconds):
        for _ in range(per_second):
            found.note(next(keys))
        clock.advance(1 * S)
        found.rebalance()


def under(prefix, seed=3):
    rng = random.Random(seed)
    while True:
        yield prefix + b"%06x" % rng.getrandbits(24)


def test_a_hot_prefix_is_split_until_no_range_is_too_hot():
    clock, found = partitions()
    load(clock, found, under(b"photos/"), 30, 400)
    assert len(found.ranges) >= 4
    assert all(each.heat <= 2 * 100 for each in found.ranges)


def test_what_cools_down_is_one_range_again():
    clock, found = partitions()
    load(clock, found, under(b"photos/"), 20, 400)
    clock.advance(300 * S)
    found.rebalance()
    assert [each.start for each in found.ranges] == [b""]


def test_one_hot_key_is_left_alone():
    clock, found = partitions()
    load(clock, found, iter(lambda: b"the key", None), 20, 400)
    assert len(found.ranges) <= 3
    assert split_point(Range(b"", samples=[b"k"] * 9)) is None


@given(st.lists(st.binary(min_size=1, max_size=3), min_size=1, max_size=40))
def test_ranges_cover_every_key_once_and_in_order(keys):
    _, found = partitions(rate_max=0.2)
    for key in keys:
        found.note(key)
    found.rebalance()
    starts = [each.start for each in found.ranges]
    assert starts[0] == b"" and starts == sorted(set(starts)) and len(starts) <= RANGES_MAX
    for key in keys:
        assert found.find(key).start == max(start for start in starts if start <= key)


@given(st.lists(st.binary(max_size=2), max_size=30))
def test_a_split_leaves_something_on_both_sides(samples):
    place = split_point(Range(b"", samples=samples))
    if place is None:
        assert len(set(samples)) <= 1
    else:
        assert any(key < place for key in samples) and any(key >= place for key in samples)


def test_the_demonstration_ends_with_one_range(capsys):
    demo(seconds=3)
    assert "ranges after two quiet minutes: 1\n" in capsys.readouterr().out


class Space:
    """A key space of its own, which several front ends share."""

    def __init__(self):
        self.held = {}

    def get(self, key):
        return self.held.get(key)

    def scan(self, start, stop, limit, *, reverse=False):
        return sorted(each for each in self.held.items() if start <= each[0] < stop)[:limit]

    def commit(self, transaction):
        self.held.update(transaction.writes)


@pytest.fixture
def fronts():
    clock, space = VirtualClock(), Space()
    return clock, *(EventualMetadata(space, clock=clock) for _ in range(2))


def test_a_key_that_was_looked_for_first_is_missed_by_one_front_end(fronts):
    clock, first, second = fronts
    assert first.get(b"k") is None and first.scan(b"a", b"z", 9) == []
    second.commit(Transaction({b"k": b"1"}))
    assert second.get(b"k") == b"1"
    assert first.get(b"k") is None and first.scan(b"a", b"z", 9) == []
    clock.advance(TTL_NS)
    assert first.get(b"k") == b"1" and first.scan(b"a", b"z", 9) == [(b"k", b"1")]


def test_a_front_end_knows_its_own_writes(fronts):
    _, first, _ = fronts
    assert first.get(b"k") is None
    first.commit(Transaction({b"k": b"1"}))
    assert first.get(b"k") == b"1"
