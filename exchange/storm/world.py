"""Two or three machines, a giver of the lease and a few clients, in virtual time and bad weather.

    t1 t2 t3 ──Enter──► a  b  c ◄──Append, Confirm──► each other     lines lose, repeat, overtake, delay;
       ▲                │  │                                         machines die, lose power or their
       └─────Done───────┘  └──Claim, Propose──► giver                disk, are paused; clocks jump

Invariant: seed and schedule give the same transcript, byte for byte. Page: docs/exchange/standby.md
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from chapters.errors import KitError
from chapters.sim.clock import MS, S, Timer
from chapters.sim.faults import Schedule
from chapters.sim.latency import LogNormal
from chapters.sim.network import Handler, Link
from chapters.sim.process import Process
from chapters.sim.simulation import Simulation
from exchange.orders import New
from exchange.sequencer import Sequenced
from exchange.standby.giver import Giver
from exchange.standby.member import Member
from exchange.standby.messages import Append, Claim, Done, Message, Propose, Recorded
from exchange.standby.primary import GIVER, Pace
from exchange.storm.invariants import Watch
from exchange.storm.trader import SYMBOL, Trader

MACHINES = ("a", "b", "c")
TRADERS = ("t1", "t2", "t3")
LINE = Link(latency=LogNormal(300_000, 20 * MS), loss=0.02, duplication=0.03)
PACE = Pace(audit_every=8, snapshot_every=25, chunk=3)
WEATHER_NS = 4 * S
CLEAR_NS = 6 * S  # after the weather: by then everything has to be in order
AWAY_NS = (20 * MS, 500 * MS)  # until a machine whose disk failed is started again


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: a seed, the weather, how many machines, how many must have an order."""

    seed: int
    schedule: Schedule = field(default_factory=Schedule)
    machines: int = 2
    copies_min: int = 1
    orders: int = 40  # of each client


class World:
    """All of it; `run` lets it live and returns what was seen to be wrong."""

    def __init__(self, trial: Trial, *, pace: Pace = PACE, link: Link = LINE) -> None:
        self.trial = trial
        self.pace = pace._replace(copies_min=trial.copies_min)
        self.simulation = Simulation(trial.seed, link=link)
        self.clock, self._chance = self.simulation.clock, self.simulation.chance
        self.machines = MACHINES[: trial.machines]
        self.members: dict[str, Member] = {}
        self.watch = Watch()
        self.firsts: list[tuple[int, int, str]] = []  # of each epoch: (time, epoch, machine)
        self.acks: list[tuple[int, str, Done]] = []  # (time, machine, answer), as clients hear them
        self.news: list[str] = []  # what operators are told
        self.giver: Giver
        self.simulation.start(GIVER, self._boot_giver)
        for name in self.machines:
            self.simulation.start(name, self._boot)
        self.traders = [
            self.simulation.join(name, partial(self._trader, account))
            for account, name in enumerate(TRADERS, 1)
        ]
        for kind in ("burn", "fsync"):
            self.simulation.on(kind, getattr(self, f"_{kind}"))

    @property
    def primary(self) -> str:
        """The machine of the latest epoch that has begun."""
        return self.firsts[-1][2]

    @property
    def left(self) -> int:
        """How many orders nobody has acknowledged yet."""
        return sum(len(trader.left) for trader in self.traders)

    def run(self) -> list[str]:
        """Return what was broken: at a step, or when all was quiet again."""
        self.simulation.apply(self.trial.schedule)
        self.clock.run(WEATHER_NS)
        self._clear_up()
        for _ in range(CLEAR_NS // (100 * MS)):
            self.clock.advance(100 * MS)
            if self.watch.broken or (not self.left and self._is_quiet()):
                break
        if not self.watch.broken:
            wanted = len(self.traders) * self.trial.orders
            self.watch.at_the_end(self.members.values(), wanted, self.left)
        return self.watch.broken

    def _is_quiet(self) -> bool:
        members = self.members.values()
        ends = {(each.journal.last, each.replica.sequence) for each in members}
        return len(ends) == 1 and all(
            each.journal.last == each.replica.sequence for each in members
        )

    def _clear_up(self) -> None:
        """Let the sun shine: everybody runs, hears and speaks."""
        self.simulation.network.heal()
        for name in (GIVER, *self.machines):
            self.simulation.processes.resume(name)
            self._restart(name)

    def _restart(self, name: str) -> None:
        if not self.simulation.processes.process(name).alive:
            self.simulation.processes.restart(name)

    def _trader(self, account: int, process: Process) -> Trader:
        luck = self._chance.stream(f"trader/{account}")
        count, machines = self.trial.orders, self.machines
        return Trader(process, luck, account, count, machines, self._done)

    def _done(self, order: New, answer: Done, source: str) -> None:
        self.watch.done(order, answer)
        self.acks.append((self.clock.now_ns(), source, answer))
        self.simulation.record(
            f"{source} acknowledges {order.account}/{order.client_id} as {answer.order_id}"
        )

    def _boot_giver(self, process: Process) -> Handler:
        def handle(source: str, message: object) -> None:
            with self._alive(process):
                assert isinstance(message, Claim | Propose)
                answer = self.giver.hear(message)
                process.send(source, answer)
                if isinstance(answer, Recorded):
                    self.simulation.record(f"on record: {', '.join(answer.disks)}")

        with self._alive(process):
            self.giver = Giver(clock=process, disk=process.disk)
        return handle

    def _boot(self, process: Process) -> Handler:
        """Start a machine on what its earlier life left on its disk."""
        name = process.name
        self.watch.forget(name)

        def handle(source: str, message: object) -> None:
            with self._alive(process):
                self.members[name].handle(source, message)

        def applied(done: Sequenced) -> None:
            self.watch.applied(self.members[name], done)

        with self._alive(process):
            self.members[name] = Member(
                name, [each for each in self.machines if each != name],
                clock=Guarded(process, self), rng=self._chance.stream(f"identity/{name}"),
                disk=process.disk, send=partial(self._send, process), symbols=[SYMBOL],
                pace=self.pace, on_applied=applied, on_news=self.news.append,
            )  # fmt: skip
        return handle

    def _send(self, process: Process, target: str, message: Message) -> None:
        if isinstance(message, Done):
            self.watch.said(self.members[process.name], message)
        if isinstance(message, Append) and message.epoch not in {e for _, e, _ in self.firsts}:
            self.firsts.append((self.clock.now_ns(), message.epoch, process.name))
            self.simulation.record(f"{process.name} begins epoch {message.epoch}")
        process.send(target, message)

    @contextmanager
    def _alive(self, process: Process) -> Iterator[None]:
        """Let a machine do one thing; if its disk fails it loses power, and starts again later."""
        try:
            yield
        except KitError as failure:
            self.simulation.record(f"{process.name} dies: {failure}")
            self.simulation.processes.crash(process.name)
            self.clock.call_later(
                self._chance.stream("away").randrange(*AWAY_NS), lambda: self._restart(process.name)
            )
        except AssertionError as bug:
            self.watch.broken.append(f"6: {process.name} raised {bug!r}")

    def _fsync(self, name: str) -> None:
        self.simulation.disk(name).fail_syncs()

    def _burn(self, name: str) -> None:
        """Lose a machine with its disk; unless no other counts, or soon none may (two losses, not one)."""
        disk, primary = self.simulation.disk(name), self.members[name].primary
        counting = set(self.giver.counting) & (
            primary.copies.wanted if primary else set(self.giver.counting)
        )
        if not [each for each in counting if not each.startswith(f"{name}.")]:
            self.simulation.record(f"{name} is spared: it has the only copy")
            return
        self.simulation.processes.crash(name)
        for file in disk.names():
            disk.remove(file)
        disk.sync_names()
        self.clock.call_later(300 * MS, lambda: self._restart(name))


class Guarded:
    """A machine's view of time: an error in what rings is its disk's, and its end."""

    def __init__(self, process: Process, world: World) -> None:
        self._process, self._world = process, world

    def now_ns(self) -> int:
        """Return the machine's own time."""
        return self._process.now_ns()

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        """Run `callback` later."""

        def ring() -> None:
            with self._world._alive(self._process):
                callback()

        return self._process.call_later(delay_ns, ring)
