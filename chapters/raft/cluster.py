"""A simulated group with clients, in weather that a seed decides, under the eyes of an oracle.

    client-1 ──┐                       ┌── a: Raft, ledger, disk
    client-2 ──┴── network, as bytes ──┼── b: Raft, ledger, disk     oracle: sees all, says nothing
                                       └── c: Raft, ledger, disk

Everything that the tests and the story of this chapter run is run here. Messages travel encoded, so
the codec is part of every run. Page: docs/chapters/raft.md
"""

from collections.abc import Callable
from string import ascii_lowercase

from chapters.errors import KitError
from chapters.raft.client import Answer, Ask, Client
from chapters.raft.codec import decode, encode
from chapters.raft.election import Role
from chapters.raft.errors import NotLeader
from chapters.raft.ledger import Ledger
from chapters.raft.limits import ELECTION_TIMEOUT_NS, HEARTBEAT_NS, Limits
from chapters.raft.messages import Message
from chapters.raft.oracle import Operation, Oracle
from chapters.raft.raft import Raft
from chapters.sim.clock import MS
from chapters.sim.network import Handler, Link
from chapters.sim.process import Process
from chapters.sim.simulation import Simulation

# Small, so that a run of seconds compacts its logs, drops segments and sends snapshots.
LIMITS = Limits(message_entries_max=8, entries_kept=10, compact_entries=10, segment_bytes_max=2_000)
WATCH_NS = 20 * MS


class Cluster:
    """`count` members and some clients; `broken` says which promise they broke, if any."""

    def __init__(
        self,
        seed: int,
        *,
        count: int = 3,
        clients: int = 2,
        link: Link | None = None,
        limits: Limits = LIMITS,
        election_timeout_ns: int = ELECTION_TIMEOUT_NS,
        heartbeat_ns: int = HEARTBEAT_NS,
    ) -> None:
        self.simulation = Simulation(seed, link=link)
        self.members = tuple(ascii_lowercase[:count])
        self.oracle = Oracle()
        self.rafts: dict[str, Raft] = {}
        self.ledgers: dict[str, Ledger] = {}
        self.clients: list[Client] = []
        self._limits = limits
        self._election_timeout_ns, self._heartbeat_ns = election_timeout_ns, heartbeat_ns
        for name in self.members:
            self.simulation.start(name, self._boot)
        for number in range(1, clients + 1):
            self.simulation.start(f"client-{number}", self._boot_client)
        self._watch()

    @property
    def operations(self) -> list[Operation]:
        """What all clients have asked for."""
        return [each for client in self.clients for each in client.operations]

    def acknowledged(self) -> list[Operation]:
        """Return the writes that were acknowledged, in the order in which they were."""
        told = [each for each in self.operations if each.is_write and each.end_ns is not None]
        return sorted(told, key=lambda each: each.end_ns or 0)

    @property
    def broken(self) -> list[str]:
        """Which promises were broken."""
        return self.oracle.broken

    @property
    def leader(self) -> str | None:
        """The leader of the newest term among the members that run, if there is one."""
        leading = [
            (raft.term, name) for name, raft in self.running().items() if raft.leader == name
        ]
        return max(leading)[1] if leading else None

    def running(self) -> dict[str, Raft]:
        """Return the members that are alive."""
        alive = self.simulation.processes.process
        return {name: raft for name, raft in self.rafts.items() if alive(name).alive}

    def run(self, until_ns: int) -> None:
        """Let the group live until then. An assertion that fails in a member is a broken promise."""
        try:
            self.simulation.run(until_ns)
        except AssertionError as error:
            self.oracle.broken.append(f"a member noticed it itself: {error}")

    def judge(self, calm_ns: int | None = None) -> list[str]:
        """Check what can be checked at the end, and that all is well since the calm; return it."""
        lists = {name: ledger.names for name, ledger in self.ledgers.items()}
        self.oracle.match({name: raft.journal for name, raft in self.running().items()})
        self.oracle.judge(self.operations, max(lists.values(), key=len, default=[]))
        if calm_ns is not None:
            self.oracle.expect_calm(self.operations, lists, calm_ns)
        return self.broken

    def _boot(self, process: Process) -> Handler:
        name = process.name
        ledger = Ledger(
            disk=process.disk,
            on_apply=lambda index, command: self._applied(name, index, command),
        )
        self.ledgers[name] = ledger
        self.rafts.pop(name, None)
        raft = Raft(
            name,
            self.members,
            clock=process,
            rng=self.simulation.chance.stream(f"raft/{name}"),
            disk=process.disk,
            send=lambda target, message: self._send(process, target, message),
            machine=ledger,
            limits=self._limits,
            election_timeout_ns=self._election_timeout_ns,
            heartbeat_ns=self._heartbeat_ns,
        )
        self.rafts[name] = raft

        def handle(source: str, message: object) -> None:
            if isinstance(message, Ask):
                serve(raft, ledger, message, lambda answer: process.send(source, answer))
            else:
                assert isinstance(message, bytes)
                raft.receive(source, decode(message))

        return handle

    def _boot_client(self, process: Process) -> Handler:
        rng = self.simulation.chance.stream(process.name)
        self.clients.append(Client(process, self.members, rng=rng))
        return self.clients[-1].handle

    def _send(self, process: Process, target: str, message: Message) -> None:
        if process.alive and process.name in self.rafts:
            self.oracle.sent(process.name, message, self.rafts[process.name].journal)
        process.send(target, encode(message))

    def _applied(self, name: str, index: int, command: bytes) -> None:
        # While it is being opened, a member alone in its group applies before we know it.
        if name in self.rafts:
            self.oracle.applied(name, index, command, self.rafts[name].journal)

    def _watch(self) -> None:
        """Compare the logs now and then; start members again whose disk has failed them."""
        self.oracle.match({name: raft.journal for name, raft in self.running().items()})
        for name, raft in self.running().items():
            if raft.role is Role.STOPPED:
                self.simulation.record(f"{name} loses power: {raft.failure}")
                self.simulation.processes.crash(name)
                self.simulation.processes.restart(name)
        self.simulation.clock.call_later(WATCH_NS, self._watch)


def serve(raft: Raft, ledger: Ledger, ask: Ask, reply: Callable[[Answer], None]) -> None:
    """Carry out what a client asks of this member."""

    def written(outcome: object) -> None:
        if isinstance(outcome, KitError):
            reply(_failed(ask, outcome))
        else:
            assert isinstance(outcome, list)
            reply(Answer(ask, value=outcome[0]))

    def readable(error: KitError | None) -> None:
        reply(_failed(ask, error) if error else Answer(ask, value=len(ledger.names)))

    if ask.is_write:
        raft.propose([ask.name], written)
    else:
        raft.read(readable)


def _failed(ask: Ask, error: KitError) -> Answer:
    if isinstance(error, NotLeader):
        return Answer(ask, is_refused=True, leader=error.leader)
    return Answer(ask)
