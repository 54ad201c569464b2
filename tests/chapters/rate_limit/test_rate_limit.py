"""Buckets: never more than burst and rate allow, no drift, and GCRA decides alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.rate_limit.bucket import TokenBucket
from chapters.rate_limit.gcra import Gcra
from chapters.rate_limit.limiter import FixedWindow, Limiter
from chapters.rate_limit.story import demo, let_through, most_in_a_second
from chapters.sim.clock import MS, S, VirtualClock

WAITS = st.lists(st.integers(0, 400), max_size=60)


@given(WAITS, st.integers(1, 50), st.integers(1, 8))
def test_in_any_stretch_no_more_is_taken_than_burst_and_rate_allow(waits_ms, rate, burst):
    clock, times = VirtualClock(), []
    bucket = TokenBucket(rate, burst, clock=clock)
    for wait_ms in waits_ms:
        clock.advance(wait_ms * MS)
        if bucket.try_take():
            times.append(clock.now_ns())
    for first, begin in enumerate(times):
        for last in range(first, len(times)):
            assert last - first + 1 <= burst + rate * (times[last] - begin) / S + 1e-6


@given(WAITS, st.sampled_from([1, 2, 4, 5, 10, 20]), st.integers(1, 8))
def test_gcra_decides_as_the_bucket_does(waits_ms, rate, burst):
    clock = VirtualClock()
    bucket = TokenBucket(rate, burst, clock=clock)
    limiter = Limiter(Gcra.of(rate, burst), clock=clock)
    for wait_ms in waits_ms:
        clock.advance(wait_ms * MS)
        assert bucket.try_take() == limiter.allow("client")


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 5)), max_size=40))
def test_reservations_that_are_waited_for_keep_to_the_rate(asked):
    clock, used = VirtualClock(), []
    bucket = TokenBucket(10, 5, clock=clock)
    for wait_ms, count in asked:
        clock.advance(wait_ms * MS)
        used.append((clock.now_ns() + bucket.reserve(count), count))
    for first, (begin, _) in enumerate(used):
        for last in range(first, len(used)):
            total = sum(count for _, count in used[first : last + 1])
            assert total <= 5 + 10 * (used[last][0] - begin) / S + 5 + 1e-6


def test_a_million_takes_do_not_drift():
    clock = VirtualClock()
    bucket = TokenBucket(1000, 1, clock=clock)
    taken = 0
    for _ in range(1_000_000):
        clock.spend(MS)
        taken += bucket.try_take()
    assert taken == 1_000_000


def test_a_debt_beyond_a_minute_is_refused_and_leaves_the_bucket_as_it_was():
    bucket = TokenBucket(1, 1, clock=VirtualClock())
    with pytest.raises(UsageError, match="ask for fewer"):
        bucket.reserve(100)
    assert bucket.tokens == 1


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0), (float("nan"), 1)])
def test_a_limit_that_makes_no_sense_is_refused(rate, burst):
    with pytest.raises(UsageError):
        TokenBucket(rate, burst, clock=VirtualClock())
    with pytest.raises(UsageError):
        Gcra.of(rate, burst)


def test_a_limiter_forgets_who_was_silent_longest_and_no_more_than_that():
    clock = VirtualClock()
    limiter = Limiter(Gcra.of(1, 1), clock=clock, clients_max=2)
    assert limiter.allow("a") and limiter.allow("b") and not limiter.allow("a")
    assert limiter.allow("c")  # b is forgotten
    assert not limiter.allow("a") and limiter.allow("b")
    assert limiter.retry_after_ns("b") == S


def test_a_fixed_window_lets_twice_its_rate_through_at_a_boundary():
    passed = let_through(10, 1, list(range(900, 1100, 5)))
    assert most_in_a_second(passed["fixed window"]) == 20
    assert most_in_a_second(passed["token bucket"]) <= 3
    window = FixedWindow(2, S, clock=VirtualClock())
    assert [window.allow() for _ in range(3)] == [True, True, False]


def test_the_demonstration_counts_all_three(capsys):
    demo()
    assert "fixed window" in capsys.readouterr().out
