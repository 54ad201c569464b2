"""Disks that lose power at any write, tear writes, run full, and lie about what they have kept.

    power        power failure after every single write of metadata, index and extents
    torn-write   the last write before a crash is cut at every byte
    full-disk    the disk fills up while objects come in
    lying-fsync  disks that say "synced" and have not: what no software can promise

Page: docs/s3/breaking.md
"""

from contextlib import suppress
from copy import deepcopy
from random import Random

from chapters.errors import KitError
from chapters.sim.clock import S
from chapters.sim.disk import SimDisk
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from s3.consistency.crash_points import explore
from s3.metadata.transaction import Transaction
from s3.scene.one_disk import OneDisk
from s3.scene.store import BUCKET, Store
from s3.storage.simulated import NO_WAIT, open_store

NODES, PARITY = 6, 2
SHOWN_MAX = 5  # broken promises that are spelled out
ROOM_BYTES = 100_000  # what an operator adds to a full disk


def power(*, points: int = 400, seed: int = 7) -> Outcome:
    """Cut the power at each single write of a few runs, recover, and look at every version."""
    at_least(1, points=points)
    found = explore(seed, points)
    wrong = len(found.broken)
    return Outcome(
        title=f"power failure at {found.points:,} writes, each tried on its own",
        verdicts=(
            Verdict(
                "what was acknowledged is there, what was deleted is not",
                not wrong,
                f"{wrong} of {found.points:,} runs differ from the model",
            ),
        ),
        lines=(
            f"{found.acts:,} acts acknowledged before a crash: puts, uploads in parts, deletions, versions",
            f"{found.happened:,} acts were never answered and had happened: whole, which is allowed",
            f"{found.twice:,} times the power failed again during recovery",
            *found.broken[:SHOWN_MAX],
        ),
        next_commands=("kit run s3/consistency/crash_points --points 10000",),
        replay=f"kit break s3 power --points {points} --seed {seed}",
    )


def torn_write(*, object_bytes: int = 300, seed: int = 7) -> Outcome:
    """Cut short the last record of the extents, then of the metadata's log, at every byte."""
    at_least(1, object_bytes=object_bytes)
    cuts = lost = strange = 0
    for prefix in ("extent-", "raft/"):
        store, body, name, synced = _with_unsynced(seed, prefix, object_bytes)
        for size in range(synced, store.disk.size(name) + 1):
            disk = deepcopy(store.disk)
            disk.truncate(name, size)
            opened = OneDisk(f"{seed}/after", disk=disk)
            cuts += 1
            lost += opened.client.get(f"/{BUCKET}/first").body != body
            strange += opened.client.get(f"/{BUCKET}/second").status != 404
    return Outcome(
        title=f"the last write torn at {cuts} places",
        verdicts=(
            Verdict("what came before it is whole", not lost, f"{cuts - lost} of {cuts}"),
            Verdict(
                "what was never acknowledged is not half there",
                not strange,
                f"{strange} strange answers",
            ),
        ),
        lines=(
            "the last record of an extent, and of the metadata's log, cut at each of its bytes",
        ),
        next_commands=("kit break s3 power", "kit break s3 lying-fsync"),
        replay=f"kit break s3 torn-write --object-bytes {object_bytes} --seed {seed}",
    )


def _with_unsynced(seed: int, prefix: str, object_bytes: int) -> tuple[OneDisk, bytes, str, int]:
    """Return a store with one object, and a record behind it that was written and not synced.

    Also the object's bytes, the name of the file that ends with the record, and how much was synced.
    """
    store = OneDisk(seed)
    if prefix == "extent-":
        store.service.small_below_bytes = 0  # else the bytes would be in the metadata's log
    body = store.rng.randbytes(object_bytes)
    store.client.put(f"/{BUCKET}", b"")
    store.client.put(f"/{BUCKET}/first", body)
    (name,) = store.disk.names(prefix)[-1:]
    synced = store.disk.size(name)
    if prefix == "extent-":
        store.node.store.stage("torn", body)
    else:
        store.disk.crash_after(1)  # the append goes through, its sync does not
        with suppress(KitError):
            store.service.metadata.commit(Transaction({b"x/torn": body}))
        store.disk.crash_after(-1)  # in the past: the disk may be looked at again
    return store, body, name, synced


class GrowingDisk(SimDisk):
    """A disk to which an operator can add room."""

    def grow(self, size_bytes: int) -> None:
        """Have so many bytes more."""
        assert self._capacity_bytes is not None, "it has no end already"
        self._capacity_bytes += size_bytes


def full_disk(*, kilobytes: int = 60, seed: int = 7) -> Outcome:
    """Put objects until the disk is full; then make room."""
    at_least(20, kilobytes=kilobytes)
    disk = GrowingDisk(
        rng=Random(f"{seed}/disk"), sync_latency=NO_WAIT, capacity_bytes=kilobytes * 1000
    )
    store = OneDisk(seed, disk=disk)
    store.client.put(f"/{BUCKET}", b"")
    kept: dict[str, bytes] = {}
    refused = store.client.put(f"/{BUCKET}/{len(kept)}", store.rng.randbytes(2_000))
    while refused.is_ok:
        path, body = f"/{BUCKET}/{len(kept)}", store.rng.randbytes(2_000)
        refused = store.client.put(path, body)
        if refused.is_ok:
            kept[path] = body
    read = sum(store.client.get(path).body == body for path, body in kept.items())
    is_there = store.client.get(f"/{BUCKET}/{len(kept)}").status
    store.crash()
    disk.grow(ROOM_BYTES)
    store.open()
    after = sum(store.client.get(path).body == body for path, body in kept.items())
    again = store.client.put(f"/{BUCKET}/again", b"there is room").status
    return Outcome(
        title=f"a disk of {kilobytes} kB",
        verdicts=(
            Verdict(
                "the object that did not fit is refused with SlowDown",
                refused.code == "SlowDown" and is_there == 404,
                f"{refused.status} {refused.code}, and a GET of it: {is_there}",
            ),
            Verdict("all others can be read", read == len(kept), f"{read} of {len(kept)}"),
            Verdict("nor does a crash lose one", after == len(kept), f"{after} of {len(kept)}"),
            Verdict("with room made, writes go on", again == 200, str(again)),
        ),
        lines=(),
        next_commands=("kit break s3 torn-write",),
        replay=f"kit break s3 full-disk --kilobytes {kilobytes} --seed {seed}",
    )


class LyingDisk(SimDisk):
    """A disk that answers a sync at once, and leaves the bytes in a cache that needs power."""

    def sync(self, name: str) -> None:
        self.size(name)

    def sync_names(self) -> None:
        self.names()


def lying_fsync(*, liars: int = 3, objects: int = 40, seed: int = 7) -> Outcome:
    """Let the disks of some nodes lie about their syncs, and all nodes lose power at once."""
    at_least(0, liars=liars)
    at_least(1, objects=objects)
    with Store(seed).with_bucket() as store:
        stream = store.simulation.chance.stream
        for node in store.nodes[:liars]:
            node.disk = LyingDisk(rng=stream(f"liar/{node.name}"), sync_latency=NO_WAIT)
            node.store = open_store(node.disk)
        client, rng = store.client(), stream("bodies")
        bodies = {f"/{BUCKET}/{number}": rng.randbytes(5_000) for number in range(objects)}
        kept = {path: body for path, body in bodies.items() if client.put(path, body).is_ok}
        for node in store.nodes:
            node.kill()
        for node in store.nodes:
            node.restart()
        store.clock.advance(2 * S)
        answers = [(client.get(path), body) for path, body in kept.items()]
    whole = sum(answered.body == body for answered, body in answers)
    wrong = sum(answered.is_ok and answered.body != body for answered, body in answers)
    return Outcome(
        title=f"{liars} of {NODES} disks lie about their syncs, and the power fails everywhere",
        verdicts=(
            Verdict("nothing acknowledged is lost", whole == len(kept), f"{whole} of {len(kept)}"),
            Verdict("no wrong byte is ever returned", not wrong, f"{wrong} wrong answers"),
        ),
        lines=(
            "a program can only ask; what a disk says it has kept, it must have kept",
            f"{PARITY} liars are lost shards, and the code has {PARITY} to spare; more are lost objects",
        ),
        next_commands=(
            f"kit break s3 lying-fsync --liars {PARITY if liars > PARITY else PARITY + 1}",
        ),
        replay=f"kit break s3 lying-fsync --liars {liars} --objects {objects} --seed {seed}",
    )
