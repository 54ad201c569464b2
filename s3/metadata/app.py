"""The running metadata: the one place where its threads, locks, disks and ports are chosen.

    request threads ──commit──► queue ──► one of them: a batch, one write, one sync ──► Raft ──► Machine
                    ──get, scan───────────────────────────────────────────────────────────────► Tree

A commit waits for the sync that carries it; whoever comes meanwhile shares the next one. The threads take
turns at committing for all: a thread of its own for that would cost two switches a commit. The default
is a Raft group of one in this process, which is a write-ahead log; `run_replica` is one of three, in a
process of its own, and `RemoteMetadata` what a front end sees of them. Page: docs/s3/metadata.md
"""

import queue
import random
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path

from chapters.errors import Definite, KitError
from chapters.lsm import Tree
from chapters.portal.lifetime import end_with_parent
from chapters.raft import Limits, Message, Raft, encode
from chapters.sim.clock import Timer
from chapters.sim.real import HeldDisk, WallClock
from s3.errors import Busy, Conflict, Unconfirmed
from s3.metadata.batches import Read
from s3.metadata.machine import CONFLICT, Machine
from s3.metadata.remote import Group
from s3.metadata.replica import Replica, Reply
from s3.metadata.transaction import Entry, Transaction
from s3.storage.desk import Reply as NodeReply
from s3.storage.wire import Caller, NodeServer

WAITING_MAX = 10_000  # transactions in the queue; more are answered with SlowDown
BATCH_MAX = 256  # transactions that share one sync
OUTGOING_MAX = 256  # messages to one member that wait; what comes then is lost, as on any network
MEMTABLE_BYTES_MAX = 16 << 20  # some 3,500 small objects: their bytes are merged two times fewer
ANSWER_S = 5.0  # a replica that has not answered by then is not waited for
LIMITS = Limits(
    command_bytes_max=12 << 20, message_bytes_max=4 << 20
)  # 10,000 parts are one command

Waiting = tuple[bytes, "Future[object]"]


class Commits:
    """Transactions that wait. Whoever's turn it is commits all of them, as one batch."""

    def __init__(self, send: Callable[[list[Waiting]], None]) -> None:
        self._send = send
        self._waiting: deque[Waiting] = deque()
        self._turn = threading.Lock()

    def commit(self, transaction: Transaction) -> None:
        """Return when the transaction is durable. Raises `Conflict`, `Busy`, `Unconfirmed`."""
        if len(self._waiting) >= WAITING_MAX:
            raise Busy(f"{WAITING_MAX} writes are waiting already; try again later")
        done: Future[object] = Future()
        self._waiting.append((transaction.encode(), done))
        with self._turn:
            while not done.done():  # else whoever had the turn before took it along
                self._commit_batch()
        if done.result() == CONFLICT:
            raise Conflict("what the transaction had read was changed meanwhile; read again")

    def close(self) -> None:
        """Return once nobody waits."""
        with self._turn:
            while self._waiting:
                self._commit_batch()

    def _commit_batch(self) -> None:
        size = min(len(self._waiting), BATCH_MAX)
        batch = [self._waiting.popleft() for _ in range(size)]
        try:
            self._send(batch)
        except Exception as error:  # the others of the batch wait for an answer, whatever happened
            tell(batch, error if isinstance(error, KitError) else Unconfirmed(repr(error)))


def tell(batch: "list[Waiting]", told: Sequence[object] | KitError) -> None:
    """Give each transaction of a batch its result, or all of them the error."""
    if isinstance(told, KitError):
        is_known = isinstance(told, Definite)
        error = told if isinstance(told, Busy | Unconfirmed) else None
        for _, done in batch:
            done.set_exception(error or (Busy if is_known else Unconfirmed)(str(told)))
        return
    for (_, done), result in zip(batch, told, strict=True):
        done.set_result(result)


class LocalMetadata:
    """A key space in this process, safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self._machine, self._raft = _open(folder, "one", ["one"], WallClock(), lambda *_: None)
        self._commits = Commits(self._propose)
        self.commit = self._commits.commit

    def get(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None."""
        return self._machine.get(key)

    def scan(self, start: bytes, stop: bytes, limit: int, *, reverse: bool = False) -> list[Entry]:
        """Return up to `limit` entries of [start, stop), in order."""
        return self._machine.scan(start, stop, limit, reverse=reverse)

    def close(self) -> None:
        """Finish what waits, then stop."""
        self._commits.close()
        self._raft.close()

    def _propose(self, batch: "list[Waiting]") -> None:
        self._raft.propose([command for command, _ in batch], partial(tell, batch))


def _open(
    folder: Path,
    name: str,
    members: Sequence[str],
    clock: WallClock,
    send: Callable[[str, Message], None],
) -> tuple[Machine, Raft]:
    """Return the machine and the member whose state lives in `folder`. Raises `DiskInUse`."""
    disk = HeldDisk(folder)
    disk.claim()
    tree = Tree(disk=disk, name="metadata", memtable_bytes_max=MEMTABLE_BYTES_MAX)
    machine = Machine(tree, threading.Lock())
    rng = random.Random(name)
    raft = Raft(
        name, members, clock=clock, rng=rng, disk=disk, send=send, machine=machine, limits=LIMITS
    )
    return machine, raft


class RemoteMetadata:
    """A key space whose replicas are other processes, safe to use from many threads."""

    def __init__(self, addresses: Mapping[str, tuple[str, int]]) -> None:
        lines = {name: Caller(*address, answer_s=ANSWER_S) for name, address in addresses.items()}
        self.group = Group(lines, clock=WallClock())
        self._commits = Commits(self._send)
        self.commit = self._commits.commit
        self.close = self._commits.close

    def get(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None."""
        found = self.group.read(Read.one(key))
        return found[0][1] if found else None

    def scan(self, start: bytes, stop: bytes, limit: int, *, reverse: bool = False) -> list[Entry]:
        """Return up to `limit` entries of [start, stop), in order."""
        return self.group.read(Read(start, stop, limit, reverse))

    def _send(self, batch: "list[Waiting]") -> None:
        tell(batch, self.group.commit([command for command, _ in batch]))


class _OneAtATime(WallClock):
    """The wall clock, whose callbacks wait for the lock that requests hold too."""

    def __init__(self, lock: threading.RLock) -> None:
        super().__init__()
        self._lock = lock

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        def locked() -> None:
            with self._lock:
                callback()

        return super().call_later(delay_ns, locked)


class _Post:
    """Messages to the other members: a queue and a thread for each, so that no one waits for another."""

    def __init__(self, name: str, peers: Mapping[str, tuple[str, int]]) -> None:
        self._name = name
        self._queues: dict[str, queue.Queue[bytes]] = {}
        for peer, address in peers.items():
            self._queues[peer] = queue.Queue(OUTGOING_MAX)
            threading.Thread(target=self._deliver, args=(peer, address), daemon=True).start()

    def send(self, target: str, message: Message) -> None:
        """Send and forget."""
        with suppress(queue.Full):
            self._queues[target].put_nowait(encode(message))

    def _deliver(self, peer: str, address: tuple[str, int]) -> None:
        line = Caller(*address, answer_s=1.0)
        while True:
            message = self._queues[peer].get()
            with suppress(KitError):  # lost, as on any network: Raft sends again
                line.call("POST", f"/raft?from={self._name}", message)


class _Desk:
    """Requests to a replica: one at a time, each waiting for its answer outside of the lock."""

    def __init__(self, replica: Replica, lock: threading.RLock) -> None:
        self._replica = replica
        self._lock = lock

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> "NodeReply | None":
        """Return the answer to a request, or None when none came in time."""
        path, _, query = url.strip("/").partition("?")
        done: Future[Reply] = Future()
        with self._lock:
            self._replica.handle(path, query.removeprefix("from="), body, done.set_result)
        try:
            reply = done.result(ANSWER_S)
        except TimeoutError:
            return None
        return NodeReply(reply.status, reply.body)


def run_replica(
    folder: Path,
    name: str,
    addresses: Mapping[str, tuple[str, int]],
    *,
    is_part: bool = False,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Be the metadata replica `name` until told to stop; as a part of a server, until that ends.

    `addresses` are those of all members. Raises `DiskInUse`, and `OSError` when the port is taken.
    """
    if is_part:
        end_with_parent()
    lock = threading.RLock()
    peers = {peer: address for peer, address in addresses.items() if peer != name}
    post = _Post(name, peers)
    with lock:
        clock = _OneAtATime(lock)
        machine, raft = _open(folder, name, list(addresses), clock, post.send)
    desk = _Desk(Replica(raft, machine), lock)
    with NodeServer(addresses[name], desk) as server:
        on_ready("http://{}:{}".format(*server.server_address[:2]))
        server.serve_forever()
