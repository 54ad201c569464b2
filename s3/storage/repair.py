"""Repair: make lost shards anew, the worst stripe first, and bring stray ones home.

    survey   what should be where, what is where        missing, stray, orphaned
    triage   stripe 7: 0 to spare   stripe 2: 1   stripe 5: 1           the worst first
    mend     any 4 shards ──► the lost ones ──► their homes, or who stands in for them

A stripe that can lose nothing more is mended before a hundred that can lose one. Invariant: repair
takes nothing away before its like is safe: a stray copy goes when the one at home has been read. Bounds:
bytes a second, one stripe in memory. Source: triage by remaining redundancy, as in the repair queues of
Ceph and HDFS. Page: docs/s3/repair.md
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial

from chapters.errors import KitError
from chapters.sim.clock import S, SleepingClock
from chapters.sim.errors import at_least
from s3.storage.anti_entropy import Copy, Orphans, Stripe, Survey, survey
from s3.storage.blobs import Blob, Blobs
from s3.storage.node import Json, Node
from s3.storage.scrub import STEP_BYTES, Scrubbed

BYTES_PER_S = 64 * 1024 * 1024  # read or rebuilt: users come first


@dataclass(frozen=True, slots=True, order=True)
class Wounded:
    """A stripe with shards lost; `spare` more may be lost before it cannot be read."""

    spare: int
    key: str
    lost: tuple[int, ...]


@dataclass(slots=True)
class Progress:
    """How far a repair has come."""

    stripes: int = 0
    wounded: int = 0
    mended: int = 0
    shards: int = 0
    size_bytes: int = 0
    moved: int = 0
    deleted: int = 0
    failed: list[str] = field(default_factory=list)  # mended at the next round, perhaps
    beyond_repair: list[str] = field(default_factory=list)  # too few shards can be found

    def to_json(self) -> Json:
        return asdict(self)


def triage(
    codes: Mapping[str, tuple[int, int]], sound: Mapping[str, Collection[int]]
) -> list[Wounded]:
    """Return the stripes that lack shards, those that can lose the fewest more first.

    `codes` is (data, total) for each stripe, `sound` which of its shards exist undamaged. Whoever has
    fewer than `data` cannot be mended now and comes last.
    """
    wounded = []
    for key, (data, total) in codes.items():
        have = sound.get(key, ())
        lost = tuple(shard for shard in range(total) if shard not in have)
        if lost:
            wounded.append(Wounded(total - len(lost) - data, key, lost))
    return sorted(wounded, key=lambda each: (each.spare < 0, each))


class Repairer:
    """Scrubs and repairs a cluster, at a bounded rate; `progress` may be read meanwhile."""

    def __init__(
        self, blobs: Blobs, *, clock: SleepingClock, bytes_per_s: int = BYTES_PER_S
    ) -> None:
        self._blobs = blobs
        self._cluster = blobs.cluster
        self._clock = clock
        self._bytes_per_s = bytes_per_s
        self._orphans = Orphans()
        self.progress = Progress()

    def scrub(self) -> list[Copy]:
        """Read every shard of every node that answers; return the copies that are damaged."""
        return [(name, shard) for name in self._cluster.nodes for shard in self._scrub_node(name)]

    def run(self, known: Iterable[Blob], damaged: Collection[Copy] = ()) -> Progress:
        """Bring all known blobs back to full redundancy, as far as that is possible now."""
        self.progress = Progress()
        found = survey(self._cluster, known, damaged)
        codes = {
            key: (stripe.blob.data, stripe.blob.code.total) for key, stripe in found.amiss.items()
        }
        queue = triage(codes, found.where)
        self.progress.stripes, self.progress.wounded = found.stripes, len(queue)
        for wounded in queue:
            if wounded.spare < 0:
                self.progress.beyond_repair.append(wounded.key)
            else:
                self._try_to_mend(wounded, found)
        self._bring_home(found)
        self._delete(self._orphans.ripe(found.orphans, self._clock.now_ns()))
        return self.progress

    def _scrub_node(self, name: str) -> list[str]:
        damaged: list[str] = []
        cursor = ""
        while step := self._scrub_step(name, cursor):
            damaged += step.damaged
            self._pace(step.size_bytes)
            cursor = step.cursor
            if not cursor:
                break
        return damaged

    def _scrub_step(self, name: str, cursor: str) -> Scrubbed | None:
        try:
            return self._cluster.ask(name, lambda node: node.scrub(cursor, STEP_BYTES))
        except KitError:
            return None  # a node that is down is repair's business, not ours

    def _try_to_mend(self, wounded: Wounded, found: Survey) -> None:
        stripe, where = found.amiss[wounded.key], found.where[wounded.key]
        try:
            self._mend(stripe, wounded.lost, where, found.answered)
        except KitError:
            self.progress.failed.append(wounded.key)
        else:
            self.progress.mended += 1

    def _mend(
        self,
        stripe: Stripe,
        lost: tuple[int, ...],
        where: Mapping[int, list[str]],
        answered: Collection[str],
    ) -> None:
        """Rebuild the lost shards of a stripe and store them where they belong now."""
        blob, names = stripe.blob, stripe.names()
        stored = {shard: nodes[0] for shard, nodes in where.items()}
        up = [name for name in answered if self._cluster.is_up(name)]
        places = self._cluster.placement.with_handoff(
            stripe.key, blob.data, blob.parity, up, stored
        )
        rebuilt = self._blobs.shards_of(blob, stripe.number, lost)
        for shard, payload in zip(lost, rebuilt, strict=True):
            self._put(places[shard], names[shard], payload)
            self.progress.shards += 1

    def _bring_home(self, found: Survey) -> None:
        """Move stray shards to where a reader looks first, if that node is up."""
        for name, shard, home in found.strays:
            if home in found.answered:
                self._move(name, home, shard)

    def _move(self, name: str, home: str, shard: str) -> None:
        try:
            if not self._has(home, shard):
                self._put(home, shard, self._cluster.ask(name, lambda node: node.get(shard)))
                self.progress.moved += 1
            self._delete([(name, shard)])
        except KitError:
            self.progress.failed.append(shard)

    def _has(self, name: str, shard: str) -> bool:
        """Return whether a node has the shard, and whole."""
        try:
            self._cluster.ask(name, lambda node: node.get(shard))
        except KitError:
            return False
        return True

    def _delete(self, copies: Iterable[Copy]) -> None:
        shards: dict[str, list[str]] = defaultdict(list)
        for name, shard in copies:
            shards[name].append(shard)
        for name, names in shards.items():
            self.progress.deleted += self._cluster.ask(name, partial(_delete, names))

    def _put(self, name: str, shard: str, payload: bytes) -> None:
        self._cluster.ask(name, lambda node: node.put(shard, payload))
        self.progress.size_bytes += len(payload)
        self._pace(len(payload))

    def _pace(self, size_bytes: int) -> None:
        """Wait as long as so many bytes may take."""
        self._clock.sleep_until(self._clock.now_ns() + size_bytes * S // self._bytes_per_s)


def demo(*, seed: int = 7, blobs: int = 30, die: int = 2, scrub_first: bool = True) -> None:
    """Flip a bit, look for it or not, replace nodes by empty ones, and repair."""
    from s3.storage.simulated import SimCluster

    at_least(0, die=die)
    at_least(1, blobs=blobs)
    cluster = SimCluster(seed)
    known = [cluster.blobs.write([cluster.rng.randbytes(10_000)]) for _ in range(blobs)]
    cluster.nodes[-1].damage(cluster.nodes[-1].shards(limit=1)[0].shard)
    repairer = Repairer(cluster.blobs, clock=cluster.clock)
    print(f"{blobs} blobs on six nodes, 4+2; somewhere a bit flips")
    if scrub_first:
        _tell("scrubbed and repaired", repairer.run(known, repairer.scrub()))
    for node in cluster.nodes[:die]:
        node.kill()
        node.restart(is_empty=True)
    _tell(f"{die} nodes replaced by empty ones", repairer.run(known, repairer.scrub()))
    _tell("once more", repairer.run(known, repairer.scrub()))


def _tell(what: str, done: Progress) -> None:
    print(
        f"  {what + ':':35} {done.wounded:>2} of {done.stripes} stripes wounded, {done.mended:>2} "
        f"mended with {done.shards:>3} shards, {len(done.beyond_repair)} beyond repair"
    )


def _delete(shards: list[str], node: Node) -> int:
    return node.delete(shards)
