"""Breakers: open, nothing passes; half open, a few; and a storm that ends only with a budget."""

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chapters.circuit_breaker import story
from chapters.circuit_breaker.breaker import (
    CALLS_MIN,
    JITTER,
    OPEN_NS,
    OPEN_NS_MAX,
    PROBE_NS_MAX,
    PROBES,
    WINDOW,
    WINDOW_NS,
    Breaker,
)
from chapters.circuit_breaker.errors import Open
from chapters.circuit_breaker.retry import Budget, backoff_s
from chapters.circuit_breaker.story import RATE_MAX, SLOW_FROM_S, demo, storm
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


def waits(own, clock, count):
    """How long it stays open, with each probe failing."""
    found = []
    for _ in range(count):
        begun = clock.now_ns()
        while own.state == "open":
            clock.advance(10 * MS)
        found.append(clock.now_ns() - begun)
        assert own.allow()
        own.failed()
    return found


def test_the_wait_doubles_up_to_a_bound():
    clock = VirtualClock()
    for number, wait in enumerate(waits(tripped(clock), clock, 8)):
        least = min(OPEN_NS << number, OPEN_NS_MAX)
        assert least <= wait <= (1 + JITTER) * least + 10 * MS


def test_no_two_breakers_wait_for_the_same_time():
    found = set()
    for seed in range(20):
        clock = VirtualClock()
        own = Breaker(clock=clock, rng=Random(seed), calls_min=1)
        own.failed()
        found.update(waits(own, clock, 1))
    assert len(found) > 15


def test_once_closed_it_has_forgotten_the_outage():
    clock = VirtualClock()
    own = tripped(clock)
    waits(own, clock, 2)
    clock.advance(6 * OPEN_NS)
    assert clock.now_ns() < WINDOW_NS
    for _ in range(PROBES):
        assert own.allow()
        own.succeeded()
    for _ in range(CALLS_MIN):
        assert own.state == "closed"
        own.failed()
    assert own.state == "open" and waits(own, clock, 1)[0] <= (1 + JITTER) * OPEN_NS + 10 * MS


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 30), st.integers(1, 30))
@example([True] * 10 + [False] * 9, 20, 10)
@example([True] * 40 + [False] * 2, 4, 4)
@example([False] * 3, 3, 10)
@example([False] * 3 + [True] * 7 + [False] * 3, 20, 10)
def test_it_opens_when_half_of_the_last_calls_failed_and_not_before(calls, window, calls_min):
    own = Breaker(clock=VirtualClock(), rng=Random(1), window=window, calls_min=calls_min)
    for number, is_good in enumerate(calls, 1):
        own.succeeded() if is_good else own.failed()
        last = calls[max(0, number - window) : number]
        is_bad = len(last) >= min(calls_min, window) and 2 * last.count(False) >= len(last)
        assert own.state == ("open" if is_bad and not is_good else "closed")
        if own.state == "open":
            break


def test_failures_of_yesterday_do_not_count():
    clock = VirtualClock()
    own = breaker(clock)
    for _ in range(CALLS_MIN - 1):
        own.failed()
    clock.advance(WINDOW_NS + 1)
    own.failed()
    assert own.state == "closed"


def test_a_call_from_before_is_no_probe_however_it_ends():
    clock = VirtualClock()
    own = tripped(clock)
    clock.advance(2 * OPEN_NS)
    assert [own.allow() for _ in range(PROBES + 1)] == [True] * PROBES + [False]
    for _ in range(PROBES):
        own.succeeded(2 * OPEN_NS)
        own.failed(2 * OPEN_NS)
    assert own.state == "half-open" and not own.allow()
    for _ in range(PROBES):
        own.succeeded()
    assert own.state == "closed"
    clock.advance(1 * S)
    for _ in range(WINDOW):
        own.failed(2 * S)
    assert own.state == "closed"


def test_probes_that_nobody_speaks_of_again_do_not_block_it_for_ever():
    clock = VirtualClock()
    own = tripped(clock)
    clock.advance(3600 * S)
    for _ in range(PROBES):
        assert own.allow()
        clock.advance(PROBE_NS_MAX)
    assert own.state == "half-open" and not own.allow()
    clock.advance(1)
    assert not own.allow() and own.state == "open"
    clock.advance(3 * OPEN_NS)
    assert own.allow()


@pytest.mark.parametrize(
    "knob",
    [
        *({"window": 0}, {"calls_min": 0}, {"open_ns": 0}),
        *({"failure_ratio": 0}, {"failure_ratio": 1.1}, {"failure_ratio": float("nan")}),
    ],
)
def test_a_breaker_that_makes_no_sense_is_refused(knob):
    with pytest.raises(UsageError):
        Breaker(clock=VirtualClock(), rng=Random(1), **knob)


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
    assert retries <= reserve + share * requests + 1e-6 * (1 + requests)


@pytest.mark.parametrize("requests", [1, 2, 4, 5, 10, 20, 50, 100])
def test_so_many_requests_pay_for_one_retry_and_one_fewer_do_not(requests):
    budget = Budget(1 / requests, 1)
    assert budget.try_retry()
    for _ in range(requests):
        assert not budget.try_retry()
        budget.request()
    assert budget.try_retry()


def test_a_budget_that_makes_no_sense_is_refused():
    for share, reserve in ((-0.1, 1), (1.1, 1), (0.1, -1), (float("nan"), 1)):
        with pytest.raises(UsageError):
            Budget(share, reserve)


@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_a_wait_is_anything_up_to_a_limit_that_doubles(attempt, rng):
    assert 0 <= backoff_s(attempt, rng=rng) <= min(10.0, 0.1 * 2 ** (attempt - 1))


def test_waits_are_spread_evenly_over_a_limit_that_doubles():
    for attempt, limit in ((1, 0.1), (2, 0.2), (5, 1.6), (9, 10.0)):
        rng = Random(3)
        found = [backoff_s(attempt, rng=rng) / limit for _ in range(2000)]
        assert min(found) < 0.01 and max(found) > 0.99
        assert sum(found) / len(found) == pytest.approx(0.5, abs=0.03)


def test_the_queue_has_a_bound_and_whom_it_refuses_tries_again(monkeypatch):
    monkeypatch.setattr(story, "QUEUE_MAX", 500)
    found = storm(1, rate=RATE_MAX, capacity=1, slow=1, with_budget=False, with_breaker=False)
    found.clock.call_later(0, found._arrive)
    found.clock.run(2500 * MS)
    assert len(found.queue) == 500 and found.sent > 1.5 * 2.5 * RATE_MAX


@pytest.mark.parametrize(("places", "least", "most"), [(95, 70, 90), (150, 0, 5)])
def test_a_queue_as_long_as_clients_wait_comes_back_by_itself(monkeypatch, places, least, most):
    monkeypatch.setattr(story, "QUEUE_MAX", places)
    found = storm(1, rate=80, capacity=100, slow=0.3, with_budget=False, with_breaker=False)
    assert least <= sum(found.run()[-10:]) / 10 <= most


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


@pytest.mark.parametrize(
    "knob",
    [
        *({"slow": 0}, {"slow": -1}, {"slow": 2}, {"slow": float("nan")}),
        *({"rate": 0}, {"rate": RATE_MAX + 1}, {"capacity": 0}),
    ],
)
def test_a_storm_that_makes_no_sense_is_refused(knob):
    with pytest.raises(UsageError):
        demo(**knob)


def test_the_demonstration_shows_all_three(capsys):
    demo()
    assert "and a breaker" in capsys.readouterr().out
