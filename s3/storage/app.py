"""Running storage: the one place where real disks, clocks, threads and ports are chosen.

    local_blobs(folder)               one node in this process, code 1+0
    cluster_blobs([RemoteNode, …])    nodes that run elsewhere, code 4+2
    run_node(folder, host, port)      a node, in a process of its own

Page: docs/s3/storage.md
"""

import queue
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from chapters.errors import KitError
from chapters.portal.lifetime import end_with_parent
from chapters.sim.fan_out import Arrival, attempt
from chapters.sim.real import HeldDisk, PooledRandom, WallClock
from s3.storage.extents import EXTENT_BYTES
from s3.storage.node import LocalNode, Node
from s3.storage.race import InTurn, Race
from s3.storage.shard_store import ShardStore, open_index

if TYPE_CHECKING:
    from s3.storage.blobs import Blobs

T = TypeVar("T")

DATA, PARITY = 4, 2  # the code of a cluster: half as much again, and any two nodes may be lost
LOOK_EVERY_S = 5.0
COLLECT_AFTER_BYTES = EXTENT_BYTES // 2
CALLS_MAX = 64  # threads that wait for nodes; a node that hangs takes 16 of them at most


class ExtentDisk(HeldDisk):
    """A disk whose bits can be flipped."""

    def flip_bit(self, name: str, offset: int, bit: int = 0) -> None:
        """Change one bit of a file in place, as radiation and bad firmware do."""
        with self._explained(name), open(self.root / name, "r+b") as file:
            file.seek(offset)
            changed = file.read(1)[0] ^ 1 << bit
            file.seek(offset)
            file.write(bytes([changed]))


class ThreadRaces:
    """Calls on threads of a pool that all races share."""

    def __init__(self, threads: int = CALLS_MAX) -> None:
        self._executor = ThreadPoolExecutor(threads, "node-call")

    def race(self) -> "Race[T]":
        return _ThreadRace(self._executor)

    def close(self) -> None:
        """Wait for the stragglers and end the threads."""
        self._executor.shutdown(wait=True)


class _ThreadRace(Race[T]):
    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor
        self._arrivals: queue.SimpleQueue[Arrival[T]] = queue.SimpleQueue()

    def start(self, index: int, node: str, call: Callable[[], T]) -> None:
        self._executor.submit(self._run, index, call)

    def next(self, patience_ns: int | None = None) -> Arrival[T] | None:
        try:
            return self._arrivals.get(timeout=None if patience_ns is None else patience_ns / 1e9)
        except queue.Empty:
            return None

    def _run(self, index: int, call: Callable[[], T]) -> None:
        self._arrivals.put(attempt(index, call))


def open_node(
    folder: Path, name: str = "local", zone: str = "here", *, capacity_bytes: int | None = None
) -> LocalNode:
    """Return the node whose shards live in `folder`, safe to use from many threads.

    Raises `DiskInUse` when another process has the folder.
    """
    disk, index_disk = ExtentDisk(folder / "extents"), HeldDisk(folder / "index")
    disk.claim()

    stop = threading.Event()

    def close() -> None:
        stop.set()
        keeper.join()
        disk.close()
        index_disk.close()

    store = ShardStore(
        disk=disk,
        index=open_index(index_disk),
        capacity_bytes=capacity_bytes,
        free_bytes=disk.free_bytes,
    )
    locks = {"writing": threading.Lock(), "syncing": threading.Lock()}
    node = LocalNode(name, zone, store, flip_bit=disk.flip_bit, close=close, **locks)
    keeper = threading.Thread(target=_keep_collecting, args=(node, stop), daemon=True)
    keeper.start()
    return node


def _keep_collecting(node: LocalNode, stop: threading.Event) -> None:
    """Free space whenever enough was deleted to be worth the copying."""
    while not stop.wait(LOOK_EVERY_S):
        if node.store.dead_bytes >= COLLECT_AFTER_BYTES:
            with suppress(KitError):  # a full or failing disk says so to those who write
                node.collect()


def local_blobs(folder: Path) -> "Blobs":
    """Return blobs on one disk of this machine, one copy of each. Raises `DiskInUse`."""
    from s3.storage.blobs import Blobs  # not at the top: a node's process needs no arithmetic

    rng = PooledRandom()  # a blob's name must not come twice, after a restart neither
    return Blobs([open_node(folder)], clock=WallClock(), rng=rng, pool=InTurn())


def cluster_blobs(nodes: "Sequence[Node]", data: int = DATA, parity: int = PARITY) -> "Blobs":
    """Return blobs on nodes that run elsewhere."""
    from s3.storage.blobs import Blobs

    rng = PooledRandom()
    return Blobs(nodes, clock=WallClock(), rng=rng, pool=ThreadRaces(), data=data, parity=parity)


def run_node(
    folder: Path,
    host: str,
    port: int,
    name: str,
    zone: str,
    *,
    capacity_bytes: int | None = None,
    is_part: bool = False,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Be a storage node until told to stop; as a part of a server (`is_part`), until that ends.

    Raises `DiskInUse`, and `OSError` when the port is taken.
    """
    from s3.storage.desk import Desk
    from s3.storage.wire import NodeServer

    if is_part:
        end_with_parent()

    def wipe() -> LocalNode:
        desk.node.close()
        shutil.rmtree(folder)
        return open_node(folder, name, zone, capacity_bytes=capacity_bytes)

    node = open_node(folder, name, zone, capacity_bytes=capacity_bytes)
    desk = Desk(node, wipe=wipe, pause=threading.Event().wait)
    with NodeServer((host, port), desk) as server:
        on_ready("http://{}:{}".format(*server.server_address[:2]))
        server.serve_forever()
