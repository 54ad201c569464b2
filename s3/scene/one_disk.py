"""A store on one disk in memory, whose power can fail at any write: metadata, index and extents together.

    one SimDisk ──┬── raft/…       the log of the metadata          small limits everywhere, so that
                  ├── metadata/…   its LSM tree, small objects too  a run of a dozen requests rolls
                  ├── index/…      where the shards are             extents, flushes tables and drops
                  └── extent-…     the bytes                        log segments as well

Invariant: what `kit serve s3` keeps on a disk is kept here, in the same files and the same order of
writes; so a crash here is a crash there. Page: docs/s3/consistency.md
"""

from random import Random

from chapters.raft import Limits
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from s3.auth.users import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY, Users
from s3.keys import Keys
from s3.scene.replicas import OneReplica
from s3.scene.requests import Client
from s3.scene.store import BEGIN_NS
from s3.service import Service
from s3.storage.blobs import Blobs
from s3.storage.node import LocalNode
from s3.storage.race import InTurn
from s3.storage.simulated import NO_WAIT, open_store
from s3.sweeper import Sweeper

STRIPE_BYTES = 512
SMALL_BELOW_BYTES = 400
EXTENT_BYTES = 3_000
MEMTABLE_BYTES = 2_500
LIMITS = Limits(segment_bytes_max=2_500, entries_kept=4, compact_entries=4)

_KEYS = Keys.in_memory()
_USERS = Users.single(DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY)


class OneDisk:
    """One process on one disk: `crash` loses power, `open` starts it again."""

    def __init__(self, seed: int | str, *, disk: SimDisk | None = None) -> None:
        self.clock = VirtualClock(BEGIN_NS)
        self.rng = Random(f"{seed}/service")
        self.disk = disk or SimDisk(rng=Random(f"{seed}/disk"), sync_latency=NO_WAIT)
        self.open()

    def open(self) -> None:
        """Start the process from what is on the disk. Raises `Crashed` if power fails again."""
        self.node = LocalNode(
            "local",
            "here",
            open_store(self.disk, EXTENT_BYTES, MEMTABLE_BYTES),
            flip_bit=self.disk.flip_bit,
        )
        metadata = OneReplica(
            clock=self.clock,
            rng=self.rng,
            disk=self.disk,
            limits=LIMITS,
            memtable_bytes_max=MEMTABLE_BYTES,
        )
        blobs = Blobs(
            [self.node],
            clock=self.clock,
            rng=self.rng,  # goes on over a restart: no blob's name may come twice
            pool=InTurn(),
            stripe_bytes=STRIPE_BYTES,
        )
        self.service = Service(
            metadata,
            blobs,
            _USERS,
            self.clock,
            self.rng,
            keys=_KEYS,
            small_below_bytes=SMALL_BELOW_BYTES,
        )
        self.client = Client(self.service, self.clock)

    def crash(self) -> None:
        """Lose power; nothing runs until `open`."""
        self.disk.crash()

    def tidy(self) -> None:
        """Delete what was let go, and collect what is dead on the disk. Raises `Busy`, `Crashed`."""
        sweeper = Sweeper(
            metadata=self.service.metadata, blobs=self.service.blobs, clock=self.clock, grace_ns=0
        )
        sweeper.sweep()
        self.node.collect()

    def pause(self) -> None:
        """Let a second pass."""
        self.clock.advance(S)
