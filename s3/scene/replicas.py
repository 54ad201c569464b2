"""The metadata in simulation: a group of one on a disk, or three replicas on a network that can be cut.

    front-1 ──┐                 ┌── a: Raft, Machine, LSM tree, disk
              ├── network ──────┼── b        "
    front-2 ──┘                 └── c        "

What the replicas run is what runs for real, and so is the front ends' way of finding the leader
(`Group`); only network, disks and clock are simulated. Page: docs/s3/breaking.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from chapters.errors import Definite, KitError
from chapters.lsm.tree import MEMTABLE_BYTES_MAX, Tree
from chapters.raft import Limits, Message, Raft, decode, encode
from chapters.raft.messages import AppendEntries
from chapters.sim.clock import MS, Clock
from chapters.sim.disk import Disk
from chapters.sim.network import Handler
from chapters.sim.process import Process
from chapters.sim.simulation import Simulation
from chapters.sim.trace import note, span
from s3.errors import Busy, Conflict, Unconfirmed
from s3.metadata.batches import Read
from s3.metadata.machine import CONFLICT, Machine
from s3.metadata.remote import Group
from s3.metadata.replica import Replica, Reply
from s3.metadata.transaction import Entry, Transaction
from s3.scene.app import Signal, TaskClock, Tasks
from s3.storage.errors import NoAnswer, Unreachable

REPLICAS = ("a", "b", "c")
ANSWER_NS = 900 * MS  # a replica that has not answered by then is not waited for
LIMITS = Limits(entries_kept=100, compact_entries=50)  # so that a run of seconds compacts its logs


class OneReplica:
    """A group of one, on `disk`: what `kit serve s3` runs, without its threads."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: Random,
        disk: Disk,
        limits: Limits | None = None,
        memtable_bytes_max: int = MEMTABLE_BYTES_MAX,
    ) -> None:
        tree = Tree(disk=disk, name="metadata", memtable_bytes_max=memtable_bytes_max)
        self.machine = Machine(tree)
        self.raft = Raft(
            "one",
            ["one"],
            clock=clock,
            rng=rng,
            disk=disk,
            send=lambda target, message: None,
            machine=self.machine,
            limits=limits,
        )
        self.get = self.machine.get
        self.scan = self.machine.scan

    def commit(self, transaction: Transaction) -> None:
        """Return when the transaction is durable. Raises `Conflict`, `Busy`, `Unconfirmed`."""
        told: list[Sequence[object] | KitError] = []
        self.raft.propose([transaction.encode()], told.append)
        answer = told[0]
        if isinstance(answer, KitError):
            raise (Busy if isinstance(answer, Definite) else Unconfirmed)(str(answer))
        if answer[0] == CONFLICT:
            raise Conflict("what the transaction had read was changed meanwhile; read again")


@dataclass(frozen=True, slots=True)
class Ask:
    """A front end's question to a replica."""

    number: int
    path: str
    body: bytes

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class Told:
    """Its answer."""

    number: int
    reply: Reply


class Replicas:
    """Three replicas of the metadata, each on a machine of its own."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.rafts: dict[str, Raft] = {}
        for name in REPLICAS:
            simulation.start(name, self._boot)

    @property
    def leader(self) -> str | None:
        """The leader of the newest term, if anybody leads."""
        alive = self.simulation.processes.process
        leading = [
            (raft.term, name)
            for name, raft in self.rafts.items()
            if raft.leader == name and alive(name).alive
        ]
        return max(leading)[1] if leading else None

    def _boot(self, process: Process) -> Handler:
        name = process.name
        machine = Machine(Tree(disk=process.disk, name="metadata"))

        def send(target: str, message: Message) -> None:
            process.send(target, encode(message))

        raft = Raft(
            name,
            REPLICAS,
            clock=process,
            rng=self.simulation.chance.stream(f"raft/{name}"),
            disk=process.disk,
            send=send,
            machine=machine,
            limits=LIMITS,
        )
        replica = Replica(raft, machine)
        self.rafts[name] = raft

        def handle(source: str, message: object) -> None:
            if isinstance(message, bytes):
                _receive(raft, source, decode(message))
                return
            assert isinstance(message, Ask)
            number = message.number
            with span(
                f"replica {name}: {message.path}", term=raft.term, role=raft.role.name.lower()
            ):
                replica.handle(
                    message.path,
                    source,
                    message.body,
                    lambda reply: process.send(source, Told(number, reply)),
                )

        return handle


def _receive(raft: Raft, source: str, message: Message) -> None:
    if isinstance(message, AppendEntries) and message.entries:
        with span(f"replica {raft.name}: log entry synced", index=message.entries[-1].index):
            raft.receive(source, message)
    else:
        raft.receive(source, message)


class _Line:
    """A front end's way to one replica, over the network."""

    def __init__(self, front: "FrontEnd", target: str) -> None:
        self._front = front
        self._target = target

    def call(self, method: str, url: str, body: bytes = b"") -> Reply:
        return self._front.call(self._target, url.strip("/"), body)


class FrontEnd:
    """The metadata as one front end sees it: blocking calls, answered over the network."""

    def __init__(self, name: str, simulation: Simulation, tasks: Tasks) -> None:
        self.name = name
        self._simulation = simulation
        self._tasks = tasks
        self._asked = 0
        self._waiting: dict[int, tuple[Signal, list[Reply]]] = {}
        simulation.network.attach(name, self._hear)
        lines: Mapping[str, _Line] = {target: _Line(self, target) for target in REPLICAS}
        self.group = Group(lines, clock=TaskClock(tasks))

    def call(self, target: str, path: str, body: bytes) -> Reply:
        """Return a replica's answer. Raises `NoAnswer`, and `Unreachable` when it is not running."""
        if not self._simulation.processes.process(target).alive:
            raise Unreachable(f"replica {target} is not running: the connection is refused")
        self._asked += 1
        number, signal, box = self._asked, self._tasks.signal(), list[Reply]()
        self._waiting[number] = signal, box
        self._simulation.network.send(self.name, target, Ask(number, path, body))
        signal.wait(self._tasks.clock.now_ns() + ANSWER_NS)
        self._waiting.pop(number, None)
        if not box:
            note("no answer", replica=target, after_ms=ANSWER_NS // MS)
            raise NoAnswer(f"replica {target} did not answer within {ANSWER_NS // MS} ms")
        return box[0]

    def _hear(self, source: str, message: object) -> None:
        assert isinstance(message, Told)
        if message.number in self._waiting:
            signal, box = self._waiting.pop(message.number)
            box.append(message.reply)
            signal.set()

    def get(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None."""
        found = self.group.read(Read.one(key))
        return found[0][1] if found else None

    def scan(self, start: bytes, stop: bytes, limit: int, *, reverse: bool = False) -> list[Entry]:
        """Return up to `limit` entries of [start, stop), in order."""
        return self.group.read(Read(start, stop, limit, reverse))

    def commit(self, transaction: Transaction) -> None:
        """Return when a majority has it. Raises `Conflict`, `Busy`, `Unconfirmed`."""
        (result,) = self.group.commit([transaction.encode()])
        if result == CONFLICT:
            raise Conflict("what the transaction had read was changed meanwhile; read again")
