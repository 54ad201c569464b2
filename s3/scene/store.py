"""A whole store in simulation: gateway, metadata, six nodes in three zones, and a clock to move.

    client ──► gateway ──► Blobs ──► n0 … n5, disks in memory           zones a b c a b c
                  └──────► metadata: one log on a disk, or three replicas on a network

Invariant: everything above disks, network and clock is the code that runs for real, from the signature
check to the extents; and the same seed gives the same run. Page: docs/s3/breaking.md
"""

from collections.abc import Mapping

from chapters.sim.clock import MS, US, S
from chapters.sim.disk import SimDisk
from chapters.sim.latency import Latency, LogNormal
from chapters.sim.network import Link
from chapters.sim.simulation import Simulation
from s3.auth.users import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY, Users
from s3.keys import Keys
from s3.metadata.eventual import EventualMetadata
from s3.metadata.transaction import Metadata
from s3.scene.app import TaskClock, Tasks
from s3.scene.races import Races
from s3.scene.replicas import FrontEnd, OneReplica, Replicas
from s3.scene.requests import Client
from s3.service import Service
from s3.storage.blobs import PATIENCE_NS, Blob, Blobs
from s3.storage.repair import BYTES_PER_S, Repairer
from s3.storage.simulated import ZONES, SimNode
from s3.upkeep import blobs_in

BEGIN_NS = 1_767_225_600 * S  # 1 January 2026: signatures need a date
LINK = Link(LogNormal(median_ns=300 * US, p99_ns=2 * MS))  # between machines of one region
BUCKET = "photos"


class Store:
    """Front ends, nodes and metadata of one seed. `replicas` is 1 or 3."""

    def __init__(
        self,
        seed: int,
        *,
        replicas: int = 1,
        fronts: int = 1,
        nodes: int = 6,
        data: int = 4,
        parity: int = 2,
        stripe_bytes: int = 64 * 1024,
        latency: Mapping[str, Latency] | None = None,
        patience_ns: int = PATIENCE_NS,
        zones: str = ZONES,
    ) -> None:
        self.simulation = Simulation(seed, link=LINK)
        self.clock = self.simulation.clock
        self.clock.run(BEGIN_NS)
        self.tasks = Tasks(clock=self.clock)
        stream = self.simulation.chance.stream
        self.nodes = [
            SimNode(f"n{number}", zones[number % len(zones)], rng=stream(f"node/{number}"))
            for number in range(nodes)
        ]
        self.races = Races(self.tasks, rng=stream("races"), latency=latency)
        self.keys = Keys(rng=stream("keys"), disk=SimDisk(rng=stream("keys")))
        self.blobs = Blobs(
            self.nodes,
            clock=self.clock,
            rng=stream("blobs"),
            pool=self.races,
            data=data,
            parity=parity,
            stripe_bytes=stripe_bytes,
            patience_ns=patience_ns,
        )
        self.replicas = Replicas(self.simulation) if replicas > 1 else None
        disk = self.simulation.disk("metadata")
        self.disk = disk
        one = None if self.replicas else self._one()
        self.fronts = [self._service(f"front-{number}", one) for number in range(1, fronts + 1)]
        if self.replicas:
            self.clock.advance(2 * S)  # an election

    def _one(self) -> OneReplica:
        rng = self.simulation.chance.stream("raft/one")
        return OneReplica(clock=self.clock, rng=rng, disk=self.disk)

    def _service(self, name: str, metadata: Metadata | None) -> Service:
        return Service(
            metadata=metadata or FrontEnd(name, self.simulation, self.tasks),
            blobs=self.blobs,
            users=Users.single(DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY),
            clock=TaskClock(self.tasks),
            rng=self.simulation.chance.stream(name),
            keys=self.keys,
        )

    @property
    def service(self) -> Service:
        """The first front end."""
        return self.fronts[0]

    def client(self, front: int = 0) -> Client:
        """Return a client of one of the front ends."""
        return Client(self.fronts[front], self.clock)

    def with_bucket(self) -> "Store":
        """Make the bucket, and return this store."""
        made = self.client().put(f"/{BUCKET}", b"")
        assert made.is_ok, made
        return self

    def repairer(self, bytes_per_s: int = BYTES_PER_S) -> Repairer:
        """Return what repairs these nodes, at that rate."""
        return Repairer(self.blobs, clock=TaskClock(self.tasks), bytes_per_s=bytes_per_s)

    def remember(self, ttl_ns: int) -> None:
        """Put a cache into every front end, as S3 had before December 2020."""
        for front in self.fronts:
            front.metadata = EventualMetadata(front.metadata, clock=self.clock, ttl_ns=ttl_ns)

    def known(self) -> list[Blob]:
        """Return every blob that the metadata refers to."""
        return list(blobs_in(self.service.metadata))

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.tasks.close()
