"""Two workers, one counter, a giver of leases, and bad weather: what the fence is worth.

    worker ──ask──► giver              who may work?
       │
       ├──read(epoch)──────────────► store     the value, and at once the decision to add one
       └──write(epoch, value + 1)──►           sent a little later: a pause in between does harm

Each accepted write should add one. If a write of somebody whose time was over is accepted, it puts an old
value in the place of a new one, and additions that were acknowledged are gone. So the oracle is
simple: the value must be the number of accepted writes. Page: docs/chapters/lease.md
"""

from dataclasses import dataclass, field

from chapters.lease.errors import Fenced
from chapters.lease.fence import Fence
from chapters.lease.holder import Holder
from chapters.lease.lease import Leases
from chapters.lease.messages import Answer, Ask, Kind, answer
from chapters.sim.clock import MS, S
from chapters.sim.latency import Uniform
from chapters.sim.network import Handler, Link
from chapters.sim.process import Process
from chapters.sim.simulation import Simulation

NAME, GIVER, STORE = "counter", "giver", "store"
TICK_NS = Uniform(50 * MS, 150 * MS)  # how often a worker looks whether it may work
THOUGHT_NS = 20 * MS  # between its look at the clock and its write
PATIENCE_NS = 300 * MS  # for an answer of the store, before it looks anew


@dataclass(frozen=True, slots=True)
class Request:
    """A read, or with a value a write, under an epoch."""

    number: int
    epoch: int
    value: int | None


@dataclass(frozen=True, slots=True)
class Reply:
    """The value now; or a refusal."""

    number: int
    value: int
    is_refused: bool


@dataclass(slots=True)
class Store:
    """The counter, with a fence or without, and what an all-seeing oracle notes about its writes."""

    fence: Fence | None
    value: int = 0
    accepted: int = 0
    refused: int = 0
    stale: int = 0  # accepted, though a later epoch had been here
    seen: int = 0
    marks: list[str] = field(default_factory=list)

    def handle(self, request: Request) -> Reply:
        """Do what is asked, unless a fence is in the way."""
        try:
            if self.fence:
                self.fence.check(request.epoch)
        except Fenced:
            self.refused += 1
            self.marks.append("-")
            return Reply(request.number, self.value, is_refused=True)
        if request.value is not None:
            self._write(request.epoch, request.value)
        self.seen = max(self.seen, request.epoch)
        return Reply(request.number, self.value, is_refused=False)

    def _write(self, epoch: int, value: int) -> None:
        self.value = value
        self.accepted += 1
        self.stale += epoch < self.seen
        self.marks.append("✘" if epoch < self.seen else "✔")

    @property
    def lost(self) -> int:
        """Return how many additions were accepted and are not in the value."""
        return self.accepted - self.value


class Worker:
    """Reads the counter, thinks, and writes one more; again and again, while its lease says it may."""

    def __init__(self, process: Process, world: "World", ttl_s: float) -> None:
        self._process, self._world = process, world
        self.holder = Holder(
            NAME,
            process.name,
            ttl_s,
            clock=process,
            send=lambda ask: process.send(GIVER, ask),
            on_start=lambda lease: self._forget(),
            on_stop=self._forget,
        )
        self.acknowledged = 0
        self._number = 0
        self._at_work: Request | None = None
        self.holder.start()
        self._tick()

    def handle(self, source: str, message: object) -> None:
        """Take in an answer of the giver or of the store."""
        match message:
            case Answer():
                self.holder.heard(message)
            case Reply() if self._at_work and message.number == self._at_work.number:
                self._answered(self._at_work, message)

    def _answered(self, request: Request, reply: Reply) -> None:
        if request.value is None and not reply.is_refused and self.holder.may_act:
            self._think(request.epoch, reply.value + 1)
            return
        self._at_work = None
        if reply.is_refused:
            self.holder.lost(request.epoch)
        else:
            self.acknowledged += request.value is not None

    def _forget(self) -> None:
        """Wait for no answer: whether the write happened or not, the next read will tell."""
        self._at_work = None

    def _tick(self) -> None:
        luck = self._world.simulation.chance.stream(self._process.name)
        self._process.call_later(TICK_NS(luck), self._tick)
        if self.holder.may_act and self._at_work is None:
            self._request(self.holder.epoch, None)

    def _think(self, epoch: int, value: int) -> None:
        """Decide now, write a little later: whoever is stopped in between does not notice."""
        self._process.call_later(THOUGHT_NS, lambda: self._request(epoch, value))
        self._world.thinks(self._process.name)

    def _request(self, epoch: int, value: int | None) -> None:
        self._number += 1
        request = self._at_work = Request(self._number, epoch, value)
        self._process.send(STORE, request)
        self._process.call_later(PATIENCE_NS, lambda: self._lose_patience(request))

    def _lose_patience(self, request: Request) -> None:
        if self._at_work == request:
            self._forget()


class World:
    """All of it under one seed. `granted` are the epochs that the giver gave out, in order."""

    def __init__(self, seed: int, *, is_fenced: bool, ttl_s: float = 1.0) -> None:
        self.simulation = Simulation(seed, link=Link(in_order=True))
        self.store = Store(Fence() if is_fenced else None)
        self.granted: list[int] = []
        self.workers: dict[str, Worker] = {}
        self._ttl_s = ttl_s
        self._pause_ns: dict[str, int] = {}
        self.simulation.start(GIVER, self._boot_giver)
        self.simulation.start(STORE, self._boot_store)
        for name in ("ada", "ben"):
            self.simulation.start(name, self._boot_worker)
        self.simulation.on("takeover", self.take_over)

    def holder(self) -> str | None:
        """Return who may act now, by their own clock; the first if there are two."""
        return next((name for name, each in self.workers.items() if each.holder.may_act), None)

    def pause_in_a_write(self, name: str, pause_ns: int) -> None:
        """Stop the worker, for so long, the next time that it has decided on a write."""
        self._pause_ns[name] = pause_ns

    def take_over(self, name: str) -> None:
        """Let a worker take the lease from whoever has it, because somebody wants it so."""
        process = self.simulation.processes.process(name)
        if process.alive and not process.paused:
            self.workers[name].holder.take_over()

    def thinks(self, name: str) -> None:
        """Pause the worker if that was ordered for its next write."""
        pause_ns = self._pause_ns.pop(name, None)
        if pause_ns is not None:
            processes = self.simulation.processes
            self.simulation.record(f"⚡ {name} is stopped, between its decision and its write")
            processes.pause(name)
            self.simulation.clock.call_later(pause_ns, lambda: processes.resume(name))

    def run(self, seconds: float) -> None:
        """Let the world live until then."""
        self.simulation.run(round(seconds * S))

    def _boot_giver(self, process: Process) -> Handler:
        leases = Leases(clock=process, disk=process.disk)

        def handle(source: str, message: object) -> None:
            if isinstance(message, Ask):
                found = answer(leases, message)
                if found.lease and message.kind is not Kind.RENEW:
                    self.granted.append(found.lease.epoch)
                process.send(source, found)

        return handle

    def _boot_store(self, process: Process) -> Handler:
        def handle(source: str, message: object) -> None:
            if isinstance(message, Request):
                process.send(source, self.store.handle(message))

        return handle

    def _boot_worker(self, process: Process) -> Handler:
        worker = Worker(process, self, self._ttl_s)
        self.workers[process.name] = worker
        return worker.handle
