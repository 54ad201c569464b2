"""The virtual clock: order, lateness, cancelling, and clocks that disagree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.sim import MS, S, SkewedClock, VirtualClock, clock, spell
from chapters.sim.errors import Runaway


@given(st.lists(st.integers(0, 50)))
def test_callbacks_run_in_order_of_time_then_of_scheduling(delays: list[int]) -> None:
    virtual, ran = VirtualClock(), []
    for number, delay in enumerate(delays):
        virtual.call_later(delay, lambda number=number, delay=delay: ran.append((delay, number)))
    virtual.run()
    assert ran == sorted(ran)
    assert len(ran) == len(delays)
    assert virtual.now_ns() == max(delays, default=0)


def test_a_cancelled_timer_never_runs_and_does_not_move_the_clock() -> None:
    virtual = VirtualClock()
    virtual.call_later(5 * S, lambda: pytest.fail("cancelled")).cancel()
    virtual.run()
    assert virtual.now_ns() == 0
    assert not virtual.step()


def test_run_until_stops_before_what_is_due_later() -> None:
    virtual, ran = VirtualClock(), []
    virtual.call_later(10, lambda: ran.append("early"))
    virtual.call_later(11, lambda: ran.append("late"))
    virtual.run(10)
    assert (ran, virtual.now_ns()) == (["early"], 10)
    virtual.advance(1)
    assert ran == ["early", "late"]


def test_what_falls_due_while_the_caller_is_busy_runs_late_and_time_never_goes_back() -> None:
    virtual, seen = VirtualClock(), []
    virtual.call_later(1 * MS, lambda: virtual.spend(10 * MS))
    virtual.call_later(2 * MS, lambda: seen.append(virtual.now_ns()))
    virtual.run()
    assert seen == [11 * MS]


def test_a_simulation_that_never_falls_silent_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "STEPS_MAX", 100)
    virtual = VirtualClock()

    def again() -> None:
        virtual.call_later(1, again)

    again()
    with pytest.raises(Runaway, match="100 events"):
        virtual.run()


def test_fifty_ppm_is_four_seconds_a_day() -> None:
    virtual = VirtualClock()
    fast = SkewedClock(virtual, drift_ppm=50)
    virtual.advance(86_400 * S)
    assert fast.now_ns() - virtual.now_ns() == 4_320_000_000


def test_a_fast_clock_rings_early_and_a_step_moves_only_that_clock() -> None:
    virtual, rang = VirtualClock(), []
    fast = SkewedClock(virtual, offset_ns=7, drift_ppm=1_000_000)
    fast.call_later(10, lambda: rang.append(virtual.now_ns()))
    virtual.run()
    assert rang == [5]
    fast.step_by(-3)
    assert (fast.now_ns(), virtual.now_ns()) == (14, 5)


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [(0, "0 ms"), (412 * MS, "412 ms"), (1_250 * MS, "1.25 s"), (-1500, "-1.5 µs"), (7, "7 ns")],
)
def test_durations_are_spelt_for_people(duration_ns: int, text: str) -> None:
    assert spell(duration_ns) == text
