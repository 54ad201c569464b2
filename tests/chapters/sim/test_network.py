"""The network and the processes on it."""

import random

import pytest

from chapters.sim import MS, Constant, Link, Network, Simulation, Uniform, VirtualClock, process
from chapters.sim.errors import Runaway
from chapters.sim.network import Handler
from chapters.sim.process import Process

SPREAD = Uniform(1 * MS, 50 * MS)


def _send_all(link: Link, count: int = 200, seed: int = 1) -> tuple[list[object], Network]:
    clock = VirtualClock()
    network = Network(clock=clock, rng=random.Random(seed), link=link)
    arrived: list[object] = []
    network.attach("b", lambda source, message: arrived.append(message))
    for number in range(count):
        network.send("a", "b", number)
    clock.run()
    return arrived, network


def test_messages_overtake_each_other_unless_the_link_is_in_order() -> None:
    loose, _ = _send_all(Link(SPREAD))
    assert loose != sorted(loose)  # type: ignore[type-var]
    assert sorted(loose) == list(range(200))  # type: ignore[type-var]
    assert _send_all(Link(SPREAD, in_order=True))[0] == list(range(200))


def test_loss_and_duplication_are_counted_and_about_as_frequent_as_asked() -> None:
    _, network = _send_all(Link(SPREAD, loss=0.25, duplication=0.5), count=2000)
    counts = network.counts
    assert counts["delivered"] + counts["lost"] == counts["sent"] + counts["repeated"]
    assert 900 < counts["repeated"] < 1100
    assert 0.2 < counts["lost"] / (counts["sent"] + counts["repeated"]) < 0.3


def test_a_cut_is_one_way_takes_what_is_in_flight_and_heals() -> None:
    clock = VirtualClock()
    network = Network(clock=clock, rng=random.Random(1), link=Link(Constant(5)))
    heard: list[str] = []
    network.attach("a", lambda source, message: heard.append(f"a:{message}"))
    network.attach("b", lambda source, message: heard.append(f"b:{message}"))
    network.send("a", "b", "in flight")
    network.cut("a", "b")
    network.send("a", "b", "cut off")
    network.send("b", "a", "the other way")
    clock.run()
    network.heal("a", "b")
    network.send("a", "b", "healed")
    clock.run()
    assert heard == ["a:the other way", "b:healed"]
    assert network.counts["cut"] == 2


def test_traffic_on_one_link_does_not_change_the_luck_of_another() -> None:
    def arrivals(busy: bool) -> list[int]:
        clock = VirtualClock()
        network = Network(clock=clock, rng=random.Random(1), link=Link(SPREAD, loss=0.3))
        seen: list[int] = []
        network.attach("b", lambda source, message: seen.append(clock.now_ns()))
        for number in range(30):
            if busy:
                network.send("x", "y", number)
            network.send("a", "b", number)
        clock.run()
        return seen

    assert arrivals(busy=True) == arrivals(busy=False)


class Counting:
    """A process that counts ticks and messages, and remembers nothing when it dies."""

    def __init__(self, own: Process) -> None:
        self.own, self.ticks, self.heard = own, 0, 0
        own.call_later(10 * MS, self.tick)

    def tick(self) -> None:
        self.ticks += 1
        self.own.call_later(10 * MS, self.tick)

    def hear(self, source: str, message: object) -> None:
        self.heard += 1


def _counting() -> tuple[Simulation, list[Counting]]:
    simulation, lives = Simulation(1), []

    def boot(own: Process) -> Handler:
        lives.append(Counting(own))
        return lives[-1].hear

    simulation.start("a", boot)
    return simulation, lives


def test_a_killed_process_is_silent_and_its_timers_do_not_haunt_the_next() -> None:
    simulation, lives = _counting()
    simulation.run(35 * MS)
    simulation.processes.kill("a")
    simulation.network.send("x", "a", "hello?")
    simulation.run(100 * MS)
    assert (lives[0].ticks, lives[0].heard) == (3, 0)
    simulation.processes.restart("a")
    simulation.run(125 * MS)
    assert (lives[0].ticks, lives[1].ticks) == (3, 2)
    assert simulation.network.counts["unheard"] == 1


def test_a_paused_process_gets_everything_late_and_in_order() -> None:
    simulation, lives = _counting()
    simulation.processes.pause("a")
    simulation.network.send("x", "a", "wait for it")
    simulation.run(35 * MS)
    assert (lives[0].ticks, lives[0].heard) == (0, 0)
    simulation.processes.resume("a")
    assert (lives[0].ticks, lives[0].heard) == (1, 1)


def test_what_waits_for_a_paused_process_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WAITING_MAX", 10)
    simulation, _ = _counting()
    simulation.processes.pause("a")
    for _ in range(10):
        simulation.network.send("x", "a", "more")
    with pytest.raises(Runaway, match="a is paused"):
        simulation.run(20 * MS)


def test_a_crash_loses_what_the_disk_had_not_synced_and_a_kill_does_not() -> None:
    simulation, _ = _counting()
    simulation.disk("a").append("f", b"x")
    simulation.processes.kill("a")
    assert simulation.disk("a").names() == ["f"]
    lost = 0
    for seed in range(20):
        other = Simulation(seed)
        other.start("a", lambda own: lambda source, message: None)
        other.disk("a").append("f", b"x")
        other.processes.crash("a")
        lost += other.disk("a").names() == []
    assert 0 < lost < 20
