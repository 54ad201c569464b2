"""A storage node: one disk, its shards, and the faults that somebody has switched on.

    Node ┬── LocalNode    a shard store in this process; on a SimDisk, the node of a simulation
         └── RemoteNode   (wire.py) the same over HTTP, in a process of its own

A node knows nothing of objects, stripes or other nodes; it keeps shards and proves them. One node
has one disk, and where several disks are in one machine, they share a zone.
Page: docs/s3/storage.md
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from chapters.errors import UsageError
from chapters.merkle.tree import Tree
from chapters.sim.errors import DiskFull, NoSuchFile
from s3.storage.errors import Unreachable
from s3.storage.scrub import STEP_BYTES, Scrubbed, scrub
from s3.storage.shard_store import LIST_MAX, LOOKS_MAX, Batch, Listed, ShardStore, gone

MERKLE_BUCKETS = 256  # for 100,000 shards on a node, 400 names are sent for one that differs

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a node, on purpose."""

    slow_ms: int = 0  # every answer waits so long
    is_full: bool = False  # nothing more can be stored
    is_refusing: bool = False  # every request is answered with an error
    is_unreachable: bool = False  # no request is answered at all

    def changed(self, changes: Mapping[str, object]) -> "Faults":
        """Return these faults with some of them set. Raises `UsageError`."""
        known = asdict(self)
        for name, value in changes.items():
            if name not in known or type(value) is not type(known[name]):
                words = ", ".join(f"{each} ({type(known[each]).__name__})" for each in known)
                raise UsageError(f"no fault {name} = {value!r}; there are {words}")
        known.update(changes)
        return Faults(**known)


Guard = AbstractContextManager[object]
_ALONE: Guard = nullcontext()


class Node(Protocol):
    """What the cluster may ask of a node. Every method may raise `Unreachable` or `NoAnswer`."""

    @property
    def name(self) -> str: ...

    @property
    def zone(self) -> str: ...

    def put(self, shard: str, payload: bytes) -> None:
        """Store a shard, durably. Raises `DiskFull`, `BadShard`."""

    def get(self, shard: str, start: int = 0, stop: int | None = None) -> bytes:
        """Return a shard's bytes from `start` to before `stop`. Raises `NoSuchShard`, `DamagedShard`."""

    def delete(self, prefixes: Sequence[str]) -> int:
        """Delete, durably, all shards whose names begin with one of these; return how many."""

    def shards(self, prefix: str = "", after: str = "", limit: int = LIST_MAX) -> list[Listed]:
        """Return the shards whose names begin with `prefix` and sort behind `after`, in order."""

    def scrub(self, after: str = "", limit_bytes: int = STEP_BYTES) -> Scrubbed:
        """Read shards behind `after` until `limit_bytes` are proved, and say which are damaged."""

    def branch(self, path: Sequence[int]) -> list[str]:
        """Return the digests below a node of the Merkle tree of all names; at the root, of a new one."""

    def leaf(self, path: Sequence[int]) -> list[str]:
        """Return the names in a bucket of the Merkle tree."""

    def set_faults(self, changes: Mapping[str, object]) -> Faults:
        """Switch faults on and off; return those that are on now."""

    def damage(self, shard: str, byte: int = 0) -> None:
        """Flip a bit of a shard on the disk, behind everybody's back. Raises `NoSuchShard`."""

    def collect(self) -> int:
        """Free what is dead on the disk; return the bytes won."""

    def close(self) -> None:
        """Give back files and connections."""

    def status(self) -> Json:
        """Return bytes, shards, heat and faults, for whoever watches."""


class LocalNode:
    """A node in this process. With threads around it, it is given two locks (app.py).

    Whoever holds `syncing` syncs for all who have written meanwhile: one sync for a whole crowd.
    """

    def __init__(
        self,
        name: str,
        zone: str,
        store: ShardStore,
        *,
        flip_bit: Callable[[str, int], object],
        close: Callable[[], object] = bool,
        writing: Guard = _ALONE,
        syncing: Guard = _ALONE,
    ) -> None:
        self.name = name
        self.zone = zone
        self.store = store
        self.faults = Faults()
        self.heat = dict.fromkeys(("puts", "gets", "read_bytes", "written_bytes"), 0)
        self._names = _NO_NAMES
        self._flip_bit = flip_bit
        self._close = close
        self._writing = writing
        self._syncing = syncing

    def put(self, shard: str, payload: bytes) -> None:
        self._admit()
        if self.faults.is_full:
            raise DiskFull(f"disk full: node {self.name} keeps no more; delete something")
        with self._writing:
            batch = self.store.stage(shard, payload)
        self._commit(batch)
        self._count(puts=1, written_bytes=len(payload))

    def get(self, shard: str, start: int = 0, stop: int | None = None) -> bytes:
        self._admit()
        for _ in range(LOOKS_MAX):
            with self._writing:
                place = self.store.find(shard)
            with suppress(NoSuchFile):  # collected since we looked; so look again
                payload = self.store.read(shard, place)
                break
        else:
            raise gone(shard)
        self._count(gets=1, read_bytes=len(payload))
        return payload[start:stop]

    def delete(self, prefixes: Sequence[str]) -> int:
        self._admit()
        with self._writing:
            batch, count = self.store.stage_delete(prefixes)
        if count:
            self._commit(batch)
        return count

    def shards(self, prefix: str = "", after: str = "", limit: int = LIST_MAX) -> list[Listed]:
        self._admit()
        with self._writing:
            return self.store.shards(prefix, after, min(limit, LIST_MAX))

    def scrub(self, after: str = "", limit_bytes: int = STEP_BYTES) -> Scrubbed:
        self._admit()
        return scrub(self, after, limit_bytes)

    def branch(self, path: Sequence[int]) -> list[str]:
        self._admit()
        if not path:
            self._names = tree_of(self._all_names())
        return [digest.hex() for digest in self._names.children(tuple(path))]

    def leaf(self, path: Sequence[int]) -> list[str]:
        self._admit()
        return [name.decode() for name in self._names.entries(tuple(path))]

    def set_faults(self, changes: Mapping[str, object]) -> Faults:
        self.faults = self.faults.changed(changes)
        return self.faults

    def close(self) -> None:
        self._close()

    def status(self) -> Json:
        with self._writing:
            return {
                "name": self.name,
                "zone": self.zone,
                "used_bytes": self.store.extents.used_bytes,
                "capacity_bytes": self.store.capacity_bytes,
                "extents": len(self.store.extents.sizes),
                "shards": self.store.count(),
                "heat": dict(self.heat),
                "faults": asdict(self.faults),
            }

    def collect(self) -> int:
        """Free what is dead on the disk; return the bytes won."""
        with self._writing:
            numbers = self.store.worth_collecting()
        won_bytes = 0
        for number in numbers:
            with self._syncing, self._writing:
                won_bytes += self.store.collect_extent(number)
        return won_bytes

    def damage(self, shard: str, byte: int = 0) -> None:
        """Flip a bit of a shard on the disk, behind everybody's back. Raises `NoSuchShard`."""
        with self._writing:
            file, offset = self.store.extents.address(shard, self.store.find(shard), byte)
        self._flip_bit(file, offset)

    def _admit(self) -> None:
        if self.faults.is_refusing or self.faults.is_unreachable:
            raise Unreachable(f"node {self.name} does not answer (a fault is switched on)")

    def _all_names(self) -> Iterator[str]:
        after = ""
        while page := self.shards(after=after):
            yield from (listed.shard for listed in page)
            after = page[-1].shard

    def _commit(self, batch: Batch) -> None:
        """Return once `batch` is durable: perhaps whoever was here before us took it along."""
        with self._syncing:
            if not batch.is_done and batch.error is None:
                with self._writing:
                    self.store.take()
                self.store.sync(batch)
                with self._writing:
                    self.store.settle(batch)
        if batch.error is not None:
            raise batch.error

    def _count(self, **amounts: int) -> None:
        with self._writing:
            for name, amount in amounts.items():
                self.heat[name] += amount


def tree_of(names: Iterable[str]) -> Tree:
    """Return the Merkle tree of a set of names; what they name never changes, so it has no digest."""
    return Tree.of(((name.encode(), b"") for name in names), MERKLE_BUCKETS)


_NO_NAMES = tree_of(())  # made once: a tree has its 256 buckets even when they are empty
