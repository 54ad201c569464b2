"""A cluster in memory and in virtual time, whose nodes can be killed, emptied and slowed down.

Everything but the disks, the clock and the threads is what runs for real. Page: docs/s3/storage.md
"""

import random
from collections.abc import Mapping

from chapters.lsm.tree import MEMTABLE_BYTES_MAX
from chapters.sim.clock import VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.latency import Constant, Latency
from s3.storage.blobs import PATIENCE_NS, Blobs
from s3.storage.extents import EXTENT_BYTES
from s3.storage.node import LocalNode
from s3.storage.race import SimRaces
from s3.storage.shard_store import ShardStore, open_index

ZONES = "abc"
NO_WAIT = Constant(0)


def open_store(
    disk: SimDisk,
    extent_bytes_max: int = EXTENT_BYTES,
    memtable_bytes_max: int = MEMTABLE_BYTES_MAX,
) -> ShardStore:
    """Return the shard store on a disk in memory, recovered if there was one."""
    index = open_index(disk, memtable_bytes_max)
    return ShardStore(disk=disk, index=index, extent_bytes_max=extent_bytes_max)


class SimNode(LocalNode):
    """A node on a disk in memory."""

    def __init__(self, name: str, zone: str, *, rng: random.Random) -> None:
        self._rng = rng
        self.disk = SimDisk(rng=rng, sync_latency=NO_WAIT)
        super().__init__(name, zone, open_store(self.disk), flip_bit=self._flip)

    def kill(self) -> None:
        """Lose power: what was not synced may be gone, and nobody answers."""
        self.disk.crash()
        self.set_faults({"is_unreachable": True})

    def restart(self, *, is_empty: bool = False) -> None:
        """Come back, with the disk as the crash left it or with a new one."""
        if is_empty:
            self.disk = SimDisk(rng=self._rng, sync_latency=NO_WAIT)
        self.store = open_store(self.disk)
        self.set_faults({"is_unreachable": False})

    def _flip(self, file: str, offset: int) -> None:
        self.disk.flip_bit(file, offset)


class SimCluster:
    """Nodes n0, n1, … in zones a, b, c, and blobs on them."""

    def __init__(
        self,
        seed: int | str,
        *,
        nodes: int = 6,
        data: int = 4,
        parity: int = 2,
        stripe_bytes: int = 4096,
        latency: Mapping[str, Latency] | None = None,
        patience_ns: int = PATIENCE_NS,
    ) -> None:
        self.rng = random.Random(seed)
        self.clock = VirtualClock()
        self.nodes = [
            SimNode(f"n{number}", ZONES[number % len(ZONES)], rng=self.rng)
            for number in range(nodes)
        ]
        self.races = SimRaces(clock=self.clock, rng=self.rng, latency=latency)
        self.blobs = Blobs(
            self.nodes,
            clock=self.clock,
            rng=self.rng,
            pool=self.races,
            data=data,
            parity=parity,
            stripe_bytes=stripe_bytes,
            patience_ns=patience_ns,
        )
