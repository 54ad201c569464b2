"""Breakers: open, nothing passes; half open, a few; and a storm that ends only with a budget."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.circuit_breaker.breaker import CALLS_MIN, OPEN_NS, OPEN_NS_MAX, PROBES, Breaker
from chapters.circuit_breaker.errors import Open
from chapters.circuit_breaker.retry import Budget, backoff_s
from chapters.circuit_breaker.story import SLOW_FROM_S, demo, storm
from chapters.errors import UsageError
from chapters.sim.clock import MS, S, VirtualClock

STEPS = st.lists(
    st.tuples(st.sampled_from(["ask", "ok", "fail", "wait"]), st.integers(0, 3000)), max_size=80
)


def breaker(clock):
    return Breaker(clock=clock, rng=Random(1))


@given(STEPS)
def test_open_nothing_passes_and_half_open_no_more_than_a_few(steps):
    clock = VirtualClock()
    own, under_way, passed = breaker(clock), 0, 0
    for what, ms in steps:
        before = own.state
        if what == "wait":
            clock.advance(ms * MS)
        elif what == "ask":
            allowed = own.allow()
            assert allowed == (before == "closed") or before == "half-open"
            if before == "half-open":
                under_way += allowed
                assert under_way + passed <= PROBES
        elif what == "ok" and before == "half-open" and under_way:
            under_way, passed = under_way - 1, passed + 1
            own.succeeded()
            assert own.state == ("closed" if passed == PROBES else "half-open")
        elif what == "fail":
            own.failed()
        if own.state != "half-open":
            under_way = passed = 0


def tripped(clock):
    own = breaker(clock)
    for _ in range(CALLS_MIN):
        own.failed()
    assert own.state == "open"
    return own


def test_the_wait_is_jittered_and_doubles_up_to_a_bound():
    clock = VirtualClock()
    own, waits = tripped(clock), []
    for _ in range(8):
        begun = clock.now_ns()
        while own.state == "open":
            clock.advance(50 * MS)
        waits.append(clock.now_ns() - begun)
        assert own.allow()
        own.failed()
    assert (
        OPEN_NS <= waits[0] <= 1.6 * OPEN_NS
        and waits[1] > waits[0]
        and max(waits) <= 1.6 * OPEN_NS_MAX
    )


def test_what_is_heard_late_changes_nothing():
    own = tripped(VirtualClock())
    own.succeeded()
    own.failed()
    assert own.state == "open"


def test_a_call_is_guarded():
    clock = VirtualClock()
    own = breaker(clock)
    assert own.call(lambda: 7) == 7
    for _ in range(CALLS_MIN + 1):
        if own.state == "closed":
            with pytest.raises(ZeroDivisionError):
                own.call(lambda: 1 // 0)
    called = []
    with pytest.raises(Open, match="asked again in a moment"):
        own.call(lambda: called.append(1))
    assert not called
    clock.advance(2 * OPEN_NS)
    for _ in range(PROBES):
        own.call(lambda: clock.advance(10 * MS))
    assert own.state == "closed"


def test_a_call_that_takes_too_long_counts_as_failed():
    clock = VirtualClock()
    own = breaker(clock)
    for _ in range(CALLS_MIN):
        own.call(lambda: clock.advance(3 * S))
    assert own.state == "open"


@given(st.lists(st.booleans(), max_size=200), st.floats(0, 1), st.integers(0, 10))
def test_retries_never_exceed_their_share(steps, share, reserve):
    budget, requests, retries = Budget(share, reserve), 0, 0
    for is_request in steps:
        if is_request:
            budget.request()
            requests += 1
        else:
            retries += budget.try_retry()
        assert 0 <= budget.tokens <= reserve
    assert retries <= reserve + share * requests + 1e-6


def test_a_budget_that_makes_no_sense_is_refused():
    for share, reserve in ((-0.1, 1), (1.1, 1), (0.1, -1), (float("nan"), 1)):
        with pytest.raises(UsageError):
            Budget(share, reserve)


@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_a_wait_is_anything_up_to_a_limit_that_doubles(attempt, rng):
    assert 0 <= backoff_s(attempt, rng=rng) <= min(10.0, 0.1 * 2 ** (attempt - 1))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_storm_ends_only_with_a_budget(seed):
    ends = {}
    for kind in ((False, False), (True, False), (True, True)):
        found = storm(
            seed, rate=80, capacity=100, slow=0.3, with_budget=kind[0], with_breaker=kind[1]
        )
        served = found.run()
        assert sum(served[5:SLOW_FROM_S]) > 70 * (SLOW_FROM_S - 5)
        ends[kind] = sum(served[-10:]) / 10
    assert ends[False, False] < 5 and ends[True, False] > 70 and ends[True, True] > 70


def test_the_demonstration_shows_all_three(capsys):
    demo()
    assert "and a breaker" in capsys.readouterr().out
