"""Open and closed loops; the mistake that the open one does not make."""

import random

import pytest

from chapters.errors import Definite
from chapters.measure import EventLoad, NothingMeasured, closed_loop, open_loop, poisson, steady
from chapters.measure.story import measure_both, stalling_server
from chapters.sim import MS, S, VirtualClock
from chapters.sim.real import WallClock


def test_the_closed_loop_hides_the_stall_that_the_open_loop_sees() -> None:
    closed_clock, open_clock = VirtualClock(), VirtualClock()
    closed = closed_loop(stalling_server(closed_clock), 4000, clock=closed_clock)
    opened = open_loop(stalling_server(open_clock), steady(400, 4000), clock=open_clock)
    assert closed.latency.percentile(99.9) <= 1.01 * MS
    assert opened.latency.percentile(90) > 300 * MS
    assert opened.latency.percentile(99) > 900 * MS
    assert closed.latency.max == opened.latency.max == 1001 * MS


def test_latency_counts_from_when_the_request_was_due() -> None:
    clock = VirtualClock()
    service_ms = [5, 1, 1]
    load = open_loop(
        lambda index: clock.spend(service_ms[index] * MS), [0, 1 * MS, 20 * MS], clock=clock
    )
    # Due at 0: 5 ms. Due at 1, sent at 5, done at 6: 5 ms. Due at 20, idle server: 1 ms.
    assert sorted(highest // MS for highest, _ in load.latency.buckets()) == [1, 5]
    assert load.latency.sum == 11 * MS
    assert load.took_ns == 21 * MS


def test_failures_are_counted_and_have_no_latency() -> None:
    clock = VirtualClock()

    def refuse_odd(index: int) -> None:
        clock.spend(MS)
        if index % 2:
            raise Definite("refused")

    load = open_loop(refuse_odd, steady(10, 10), clock=clock)
    assert (load.sent, load.failed, load.latency.count) == (10, 5, 5)


def test_a_bug_in_the_call_is_not_a_failed_request() -> None:
    with pytest.raises(ZeroDivisionError):
        open_loop(lambda index: 1 // index, [0], clock=VirtualClock())


def test_many_requests_are_under_way_at_once_when_the_server_is_event_driven() -> None:
    clock = VirtualClock()
    load = EventLoad(lambda index, done: clock.call_later(100 * MS, done), steady(1000, 50), clock)
    clock.advance(120 * MS)
    assert load.load().latency.count == 21
    clock.run()
    assert load.load().failed == 0
    assert load.load().latency.min == load.load().latency.max == 100 * MS


def test_arrivals_have_the_rate_that_was_asked_for() -> None:
    assert steady(4, 4) == [0, S // 4, S // 2, 3 * S // 4]
    due = poisson(random.Random(7), 100, 5000)
    assert due == sorted(due)
    assert 45 * S < due[-1] < 55 * S


def test_it_works_on_real_threads_and_a_real_clock() -> None:
    clock = WallClock()
    load = open_loop(lambda index: None, steady(2000, 40), clock=clock, workers=4)
    assert (load.sent, load.failed) == (40, 0)
    assert load.took_ns >= 39 * S // 2000


def test_no_requests_are_no_test() -> None:
    with pytest.raises(NothingMeasured):
        open_loop(lambda index: None, [], clock=VirtualClock())


def test_the_story_is_the_same_each_time() -> None:
    assert measure_both(7, 400, 4, 500)[2] == measure_both(7, 400, 4, 500)[2]
