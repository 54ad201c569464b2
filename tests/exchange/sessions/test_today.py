"""A day that is cut at any moment goes on where it was, by the journal alone."""

import os
import signal
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.sim import Chance, S, SimDisk, VirtualClock
from exchange.control import Phase, SetPhase, Why
from exchange.orders import BUY, New
from exchange.sequencer import Sequencer
from exchange.sessions.schedule import SHORT, day_of
from exchange.sessions.today import Today, phases, rest_of, so_far
from tests.exchange.test_serve import Server, somebody_listens_at
from tests.waiting import until

SYMBOL, MINUTES = "ACME", 2
PHASES = [slot.phase for slot in SHORT]


class Served:
    """An exchange whose day passes in virtual time, and that can be cut."""

    def __init__(self):
        self.clock, self.disk = VirtualClock(1000 * S), SimDisk(rng=Chance(1).stream("disk"))
        self.open()

    def open(self, minutes=MINUTES):
        today = so_far(phases(self.disk)) if self.disk.names() else None
        now_ns = self.clock.now_ns()
        clerks = rest_of(today, minutes, [SYMBOL], rng=Random(7), now_ns=now_ns)
        self.sequencer = Sequencer(
            clock=self.clock, disk=self.disk, symbols=[SYMBOL], clerks=clerks
        )

    def cut(self, minutes=MINUTES):
        self.disk.crash()
        self.open(minutes)

    def run(self, until_ns):
        while (due_ns := self.sequencer.due_in_ns()) is not None:
            if self.clock.now_ns() + due_ns > until_ns:
                break
            self.clock.advance(due_ns)
            self.sequencer.submit([])
        self.clock.advance(until_ns - self.clock.now_ns())

    @property
    def phase(self):
        return self.sequencer.replica.engine.markets[SYMBOL].phase

    def told(self):
        return [(at_ns, command.phase) for at_ns, command in phases(self.disk)]


def whole_day():
    served = Served()
    served.run(1200 * S)
    return served.told()


def test_a_day_that_nobody_cuts_has_all_phases():
    assert [phase for _, phase in whole_day()] == PHASES
    assert whole_day()[-1][0] <= (1000 + 60 * MINUTES) * S


@given(st.lists(st.integers(1000, 1119), max_size=4).map(sorted))
def test_wherever_a_day_is_cut_it_has_the_same_phases_at_the_same_times(cuts):
    served, whole = Served(), whole_day()
    begins_at_once = [(1000 * S, Phase.PRE_OPEN)]
    served.sequencer.submit([])
    for cut_s in cuts:
        served.run(cut_s * S)
        if served.phase is not Phase.CLOSED:
            served.cut()
    served.run(1200 * S)
    assert served.told() == whole and whole[:1] == begins_at_once


@given(st.integers(1001, 1100), st.integers(1, 300))
def test_a_day_that_is_cut_never_goes_back_whatever_pace_it_goes_on_at(cut_s, minutes):
    served = Served()
    served.run(cut_s * S)
    served.cut(minutes)
    served.run(60_000 * S)
    told = [phase for _, phase in served.told()]
    first = told[: told.index(Phase.CLOSED)]
    assert first == [phase for phase in PHASES if phase in first]


def test_a_halt_outlives_the_cut():
    served = Served()
    served.run(1050 * S)
    assert served.phase is Phase.CONTINUOUS
    served.sequencer.submit([SetPhase(SYMBOL, Phase.HALTED, Why.OPERATOR)])
    served.cut()
    served.run(1055 * S)
    assert served.phase is Phase.HALTED


def test_a_pause_for_volatility_is_not_ended_by_a_cut():
    served = Served()
    served.run(1050 * S)
    served.sequencer.submit([SetPhase(SYMBOL, Phase.VOLATILITY_AUCTION, Why.OPERATOR)])
    served.cut()
    served.run(1055 * S)
    assert served.phase is Phase.VOLATILITY_AUCTION


def test_a_day_that_would_be_over_is_closed_before_the_next_begins():
    served = Served()
    served.run(1050 * S)
    served.sequencer.submit([New(7, "a", SYMBOL, BUY, 10, 1000)])
    served.disk.crash()
    served.clock.advance(3_600 * S)
    served.open()
    now_ns = served.clock.now_ns()
    served.run(now_ns + S // 2)
    assert served.phase is Phase.CLOSED
    assert not served.sequencer.replica.engine.books[SYMBOL].orders, "a day's order lives on"
    served.run(now_ns + 2 * S)
    assert served.phase is Phase.PRE_OPEN


def test_after_the_close_a_new_day_begins():
    served = Served()
    served.run(1300 * S)
    assert so_far(phases(served.disk)) is None
    served.cut()
    served.run(1301 * S)
    assert served.phase is Phase.PRE_OPEN


def test_the_day_so_far_is_read_from_what_the_schedule_has_said_alone():
    told = [
        (10, SetPhase("A", Phase.PRE_OPEN)),
        (11, SetPhase("B", Phase.PRE_OPEN)),
        (20, SetPhase("A", Phase.OPENING_AUCTION)),
        (30, SetPhase("A", Phase.HALTED, Why.OPERATOR)),
    ]
    assert so_far(told) == Today(10, {"A": Phase.OPENING_AUCTION, "B": Phase.PRE_OPEN})
    assert so_far([]) is None and so_far(told[3:]) is None
    again = [*told, (90, SetPhase("A", Phase.PRE_OPEN))]
    assert so_far(again) == Today(90, {"A": Phase.PRE_OPEN})


def test_without_minutes_there_is_no_day():
    assert rest_of(Today(1), 0, [SYMBOL], rng=Random(1), now_ns=5) == []
    assert len(day_of(3, [SYMBOL], rng=Random(1), starts_ns=5)) == 1


def kill(server):
    """Kill -9 all processes of a server at once, and start it again."""
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait(30)
    server.process.stdout.close()
    until(lambda: not somebody_listens_at(server.port))  # its last process may still be going
    server.start()


@pytest.mark.slow
def test_a_served_day_that_is_killed_in_the_middle_goes_on(tmp_path):
    server = Server(tmp_path, "--day-minutes", "1")
    try:
        began = time.monotonic()
        phase = lambda: server.get("/api/status")["markets"][SYMBOL]["phase"]  # noqa: E731
        assert phase() == "pre-open"
        until(lambda: phase() == "opening-auction")
        kill(server)
        until(lambda: phase() == "continuous")
        kill(server)
        assert phase() in ("continuous", "closing-auction")
        until(lambda: phase() == "closed")
        assert time.monotonic() - began > 40, "a day was cut short"
    finally:
        server.stop()
        server.process.stdout.close()
