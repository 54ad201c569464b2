"""One object followed through every component: a PUT, and its GET from a store with one slow node.

    PUT   signature ─► stripes ─► 4 + 2 shards ─► six nodes ─► transaction ─► a majority ─► 200
    GET   signature ─► metadata: where? ─► four nodes, one of them late ─► a fifth ─► rebuilt ─► 200

What is recorded are the spans that the production code opens; nothing here knows the way.
Page: docs/s3/index.md
"""

import random
from contextvars import Context
from pathlib import Path
from tempfile import TemporaryDirectory

from chapters.sim.clock import MS
from chapters.sim.latency import Constant
from chapters.sim.real import RealDisk, WallClock
from chapters.sim.trace import Trace, note, span, tracing
from s3.auth.users import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY, Users
from s3.scene.replicas import OneReplica
from s3.scene.requests import Client
from s3.scene.store import BUCKET, Store
from s3.service import Service
from s3.storage.app import DATA, PARITY, open_node
from s3.storage.blobs import Blob, Blobs, stripe_name
from s3.storage.race import InTurn
from s3.storage.simulated import ZONES
from s3.versions import current

KEY = "holiday.jpg"
PATH = f"/{BUCKET}/{KEY}"
SLOW = Constant(400 * MS)  # a disk that tries a sector again and again


def in_simulation(seed: int) -> Trace:
    """Follow the object in virtual time: six nodes, three replicas of the metadata, a network."""
    with Store(seed, replicas=3).with_bucket() as store:
        body = store.simulation.chance.stream("body").randbytes(100_000)
        client = store.client()
        with tracing(store.clock, "one object, in and out again") as found:
            with span(f"PUT {PATH}", size_bytes=len(body)):
                client.put(PATH, body)
            slow = Context().run(_home_of, store.service, 1)  # a context without a trace
            store.races.latency[slow] = SLOW
            note("a disk begins to stall", node=slow, each_answer_ms=SLOW.value_ns // MS)
            _read_back(client, body)
    return found


def for_real() -> Trace:
    """Follow the object in this process with the wall clock and a real disk; nobody is late."""
    clock = WallClock()
    with TemporaryDirectory() as name, RealDisk(Path(name) / "metadata") as disk:
        rng = random.Random(7)
        nodes = [
            open_node(Path(name) / f"n{number}", f"n{number}", ZONES[number % len(ZONES)])
            for number in range(DATA + PARITY)
        ]
        blobs = Blobs(nodes, clock=clock, rng=rng, pool=InTurn(), data=DATA, parity=PARITY)
        service = Service(
            metadata=OneReplica(clock=clock, rng=rng, disk=disk),
            blobs=blobs,
            users=Users.single(DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY),
            clock=clock,
            rng=rng,
        )
        client, body = Client(service, clock), rng.randbytes(10_000_000)
        client.put(f"/{BUCKET}", b"")
        with tracing(clock, "one object, for real") as found:
            with span(f"PUT {PATH}", size_bytes=len(body)):
                client.put(PATH, body)
            _read_back(client, body)
    return found


def _read_back(client: Client, body: bytes) -> None:
    with span(f"GET {PATH}") as whole:
        answered = client.get(PATH)
        whole.set(status=answered.status, size_bytes=len(answered.body))
    note("the same bytes" if answered.body == body else "OTHER BYTES", etag=answered.etag[:8])


def _home_of(service: Service, shard: int) -> str:
    """Return the node that has a shard of the object's first stripe."""
    found = current(service.metadata, BUCKET, KEY)
    assert found is not None, "the object was just put"
    blob = Blob.from_json(found.version.parts[0]["blob"])
    homes = service.blobs.cluster.placement.homes(stripe_name(blob.id, 0), blob.data, blob.parity)
    return homes[shard]
