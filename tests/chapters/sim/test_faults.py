"""Schedules as text, shrinking, and the hunt for a failing seed."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.sim import (
    BadSchedule,
    Fault,
    S,
    Schedule,
    Simulation,
    ddmin,
    replay_command,
    shrink,
    storm,
)
from chapters.sim.story import find, weather
from chapters.sim.teller import Rules, open_for_a_day

WORDS = st.text("abcXYZ019_./+-", min_size=1, max_size=8)
FAULTS = st.builds(
    Fault,
    st.integers(0, 10**15),
    st.sampled_from(["kill", "cut", "step"]),
    st.lists(WORDS, max_size=3).map(tuple),
)


@given(st.lists(FAULTS, max_size=20).map(Schedule.of))
def test_a_schedule_reads_back_from_its_own_text(schedule: Schedule) -> None:
    text = str(schedule)
    assert Schedule.parse(text) == schedule
    assert not set(text) & set(" ;&|<>()$'\"\\*?~`!#")


@pytest.mark.parametrize("text", ["kill:a", "120:kill:a", "12ms", "12ms:", "1.5.ms:kill", "x"])
def test_a_schedule_that_cannot_be_read_says_how_to_write_it(text: str) -> None:
    with pytest.raises(BadSchedule, match="120ms"):
        Schedule.parse(text)


def test_faults_are_bounded() -> None:
    with pytest.raises(BadSchedule, match="1001 faults"):
        Schedule.parse(",".join(["1ms:kill:a"] * 1001))


@given(st.sets(st.integers(0, 40)), st.integers(1, 41))
def test_ddmin_finds_exactly_the_culprits(culprits: set[int], size: int) -> None:
    wanted = {each for each in culprits if each < size}
    calls = 0

    def still_fails(items: Sequence[int]) -> bool:
        nonlocal calls
        calls += 1
        return wanted <= set(items)

    assert ddmin(range(size), still_fails) == sorted(wanted)
    assert calls <= size * size + 3 * size + 2


@given(st.integers(0, 999), st.integers(2, 12))
def test_ddmin_is_minimal_even_when_faults_cancel_each_other(seed: int, size: int) -> None:
    rng = random.Random(seed)
    failing = {frozenset(range(size))}
    for _ in range(40):
        failing.add(frozenset(item for item in range(size) if rng.random() < 0.6))

    def still_fails(items: Sequence[int]) -> bool:
        return frozenset(items) in failing

    found = ddmin(range(size), still_fails)
    assert still_fails(found)
    assert not found or not any(still_fails([x for x in found if x != each]) for each in found)


def test_shrinking_finds_the_two_faults_among_twelve() -> None:
    failure = find(7, 40, Rules(remember=False))
    assert failure is not None
    assert len(failure.schedule) == 12
    assert [fault.kind for fault in failure.smallest] == ["cut", "restart"]
    assert failure.why == "booked twice: deposit 12"
    for fault in failure.smallest:
        rest = Schedule(tuple(each for each in failure.smallest if each != fault))
        assert open_for_a_day(failure.seed, rest, Rules(remember=False)).broken is None


def test_the_careful_teller_keeps_both_promises_in_every_weather() -> None:
    for seed in range(150):
        day = open_for_a_day(seed, weather(seed), Rules())
        assert day.broken is None, weather(seed)
        assert len(day.confirmed) == 20


def test_without_sync_confirmed_deposits_are_lost() -> None:
    failure = find(7, 40, Rules(sync=False))
    assert failure is not None
    assert [fault.kind for fault in failure.smallest] == ["crash"]


def test_shrink_keeps_the_order_of_time() -> None:
    schedule = storm(rng=random.Random(1), names=["a", "b"], until_ns=S, faults=20)
    smallest = shrink(schedule, lambda part: len(part) >= 3)
    assert len(smallest) == 3
    assert list(smallest) == sorted(smallest)


def test_a_storm_mends_what_it_breaks() -> None:
    schedule = storm(rng=random.Random(1), names=["a", "b"], until_ns=S, faults=50)
    balance = {"kill": 0, "pause": 0, "cut": 0}
    mending = {"restart": "kill", "crash": "kill", "resume": "pause", "heal": "cut"}
    for fault in schedule:
        sign = -1 if fault.kind in ("restart", "resume", "heal") else 1
        balance[mending.get(fault.kind, fault.kind)] += sign
    assert balance == {"kill": 0, "pause": 0, "cut": 0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1ms:kil:a", "no fault is called 'kil'"),
        ("1ms:kill:z", "no machine 'z'; there are: a"),
        ("1ms:cut:a", "write it cut:source:target"),
    ],
)
def test_a_fault_that_cannot_happen_is_refused_before_the_run(text: str, says: str) -> None:
    simulation = Simulation(1)
    simulation.start("a", lambda own: lambda source, message: None)
    with pytest.raises(BadSchedule, match=says):
        simulation.apply(Schedule.parse(text))


def test_clocks_step_and_bits_flip_by_schedule() -> None:
    simulation = Simulation(1)
    own = simulation.start("a", lambda own: lambda source, message: None)
    simulation.disk("a").append("f", b"abc")
    simulation.apply(Schedule.parse("1ms:step:a:-3s,2ms:flip:a:f:0,3ms:step:a:+1s"))
    simulation.run()
    assert own.now_ns() - simulation.clock.now_ns() == -2 * S
    assert simulation.disk("a").read("f") == b"`bc"
    simulation.apply(Schedule.parse("4ms:flip:a:f:9"))
    with pytest.raises(BadSchedule, match="no byte 9"):
        simulation.run()


def test_the_replay_command_fits_on_a_line_and_repeats_the_run() -> None:
    schedule = Schedule.parse("234ms:cut:teller:customer,723ms:restart:teller")
    command = replay_command("kit run sim", seed=8, schedule=schedule, remember=False)
    assert command == (
        "kit run sim --seed 8 "
        "--schedule 234ms:cut:teller:customer,723ms:restart:teller --no-remember"
    )
    days = {open_for_a_day(8, schedule, Rules(remember=False)).digest for _ in range(3)}
    assert len(days) == 1
