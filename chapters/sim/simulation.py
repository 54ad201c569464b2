"""A whole distributed system in one process, in virtual time, from one seed.

Invariant: the same seed, schedule and code give the same transcript, byte for byte, on any machine
and under any `PYTHONHASHSEED`. So a failing run *is* its command: print that, and anyone can
watch the same failure happen again. `hunt` looks for a failing seed and shrinks its schedule.
Source: FoundationDB's and TigerBeetle's simulators. Page: docs/chapters/sim.md
"""

import hashlib
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from inspect import signature
from typing import Protocol, TypeVar

from chapters.sim.chance import Chance
from chapters.sim.clock import VirtualClock, spell
from chapters.sim.disk import SimDisk
from chapters.sim.errors import BadSchedule
from chapters.sim.faults import Fault, Schedule, instant, shrink
from chapters.sim.network import Handler, Link, Network
from chapters.sim.process import Boot, Process, Processes


class Hears(Protocol):
    """An object that takes messages."""

    def handle(self, source: str, message: object) -> None:
        """Take one."""


Hearing = TypeVar("Hearing", bound=Hears)


class Simulation:
    """The clock, the luck, the network, the disks and the processes of one run."""

    def __init__(self, seed: int, *, link: Link | None = None) -> None:
        self.seed = seed
        self.clock = VirtualClock()
        self.chance = Chance(seed)
        self.network = Network(clock=self.clock, rng=self.chance.stream("network"), link=link)
        self.processes = Processes(clock=self.clock, network=self.network)
        self.transcript: list[str] = []
        self._disks: dict[str, SimDisk] = {}
        self._kinds: dict[str, Callable[..., None]] = {}
        self._know_the_usual_faults()

    def disk(self, name: str) -> SimDisk:
        """Return the disk of machine `name`, with its own luck and a sync that takes time."""
        if name not in self._disks:
            rng = self.chance.stream(f"disk/{name}")
            self._disks[name] = SimDisk(rng=rng, clock=self.clock)
        return self._disks[name]

    def start(self, name: str, boot: Boot) -> Process:
        """Start a program on a machine of its own, called `name`."""
        return self.processes.start(name, boot, self.disk(name))

    def join(self, name: str, make: Callable[[Process], Hearing]) -> Hearing:
        """Start a program that is one object, and return the object; meant for what never dies."""
        found: list[Hearing] = []

        def boot(process: Process) -> Handler:
            found.append(make(process))
            return found[-1].handle

        self.start(name, boot)
        return found[-1]

    def on(self, kind: str, act: Callable[..., None]) -> None:
        """Teach a further kind of fault; `act` is given the fault's arguments, as text."""
        self._kinds[kind] = act

    def apply(self, schedule: Schedule) -> None:
        """Let the schedule's faults happen at their times; raises `BadSchedule` beforehand."""
        for fault in schedule:
            act = self._act_of(fault)
            self.clock.call_later(fault.at_ns - self.clock.now_ns(), act)

    def run(self, until_ns: int | None = None) -> None:
        """Let the system live until `until_ns`, or until nothing is left to happen."""
        self.clock.run(until_ns)

    def record(self, what: str) -> None:
        """Add a line to the transcript, with the time."""
        self.transcript.append(f"{spell(self.clock.now_ns()):>8}  {what}")

    def digest(self) -> str:
        """Return a fingerprint of the transcript: equal runs have equal ones."""
        text = "\n".join((*self.transcript, str(self.clock.now_ns())))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _know_the_usual_faults(self) -> None:
        for kind in ("kill", "crash", "restart", "pause", "resume"):
            self.on(kind, getattr(self.processes, kind))
        self.on("cut", self.network.cut)
        self.on("heal", self.network.heal)
        self.on("step", self._step)
        self.on("flip", self._flip)

    def _act_of(self, fault: Fault) -> Callable[[], None]:
        act = self._kinds.get(fault.kind)
        if act is None:
            kinds = ", ".join(sorted(self._kinds))
            raise BadSchedule(f"no fault is called {fault.kind!r}; there are: {kinds}")
        machines = self.processes.names()
        if machines and fault.args and fault.args[0] not in machines:
            known = ", ".join(machines)
            raise BadSchedule(f"{fault}: no machine {fault.args[0]!r}; there are: {known}")
        try:
            signature(act).bind(*fault.args)
        except TypeError as error:
            wanted = ":".join(signature(act).parameters)
            raise BadSchedule(f"{fault}: write it {fault.kind}:{wanted}") from error
        return lambda: self._strike(fault, act)

    def _strike(self, fault: Fault, act: Callable[..., None]) -> None:
        self.record(f"⚡ {fault.kind} {' '.join(fault.args)}")
        act(*fault.args)

    def _step(self, name: str, by: str) -> None:
        self.processes.step_clock(name, _jump(by))

    def _flip(self, name: str, file: str, offset: str) -> None:
        if not offset.isdecimal() or int(offset) >= self.disk(name).size(file):
            raise BadSchedule(f"flip:{name}:{file}:{offset}: no byte {offset} in that file")
        self.disk(name).flip_bit(file, int(offset))


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that broke a promise: its faults, the fewest that suffice (after `runs` runs), why."""

    seed: int
    schedule: Schedule
    smallest: Schedule
    why: str
    runs: int


Scenario = Callable[[int, Schedule], str | None]  # (seed, schedule) -> what went wrong, or None


def hunt(
    scenario: Scenario, *, seeds: Iterable[int], weather: Callable[[int], Schedule]
) -> Failure | None:
    """Return the first failing seed with its schedule shrunk, or None when every seed holds."""
    for seed in seeds:
        schedule = weather(seed)
        if scenario(seed, schedule) is not None:
            return _smallest(scenario, seed, schedule)
    return None


def _smallest(scenario: Scenario, seed: int, schedule: Schedule) -> Failure:
    tried: list[Schedule] = []

    def still_fails(part: Schedule) -> bool:
        tried.append(part)
        return scenario(seed, part) is not None

    smallest = shrink(schedule, still_fails)
    return Failure(seed, schedule, smallest, scenario(seed, smallest) or "", len(tried))


def replay_command(
    words: str, *, seed: int, schedule: Schedule | None = None, **knobs: object
) -> str:
    """Return the one command that repeats a run: `kit run sim --seed 7 --schedule 120ms:kill:a`."""
    options: list[object] = ["--seed", seed]
    if schedule is not None:
        options += ["--schedule", str(schedule)]
    for name, value in knobs.items():
        option = name.replace("_", "-")
        match value:
            case bool():
                options.append(f"--{option}" if value else f"--no-{option}")
            case _:
                options += [f"--{option}", value]
    return f"{words} {shlex.join(str(option) for option in options)}"


def _jump(text: str) -> int:
    """Read `+3s` or `-3s`."""
    return -instant(text[1:]) if text.startswith("-") else instant(text.removeprefix("+"))
