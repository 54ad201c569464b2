"""What should be where, against what is where: the difference, without sending everything.

    the metadata knows the blobs ──► names that belong on n3 ──► Merkle tree ─┐
    n3 knows what it has         ──► names that are on n3    ──► Merkle tree ─┴─► missing, extra

Shards never change, so a name says it all; whether the bytes are sound is what scrubbing asks. A
missing shard may be an extra elsewhere (a stand-in took it), and an extra may be nobody's: an orphan.
Invariant: only blobs that the caller listed count as known, and a blob that is being written is not
listed yet; so an orphan is deleted only when it has been one for a day. In step, a node costs one
message. Source: Dynamo, SOSP 2007, section 4.7. Page: docs/s3/repair.md
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from chapters.errors import KitError
from chapters.merkle.difference import differences
from chapters.merkle.tree import Path
from chapters.sim.clock import S
from s3.storage.blobs import Blob, key_of, shard_name, stripe_name
from s3.storage.cluster import Cluster
from s3.storage.node import MERKLE_BUCKETS, Node, tree_of

ORPHAN_NS = 24 * 3600 * S  # longer than any write takes
ORPHANS_MAX = 100_000  # remembered; more wait for the next survey

Copy = tuple[str, str]
"""(node, shard): one shard in one place."""


@dataclass(frozen=True, slots=True)
class Stripe:
    """One stripe of a known blob, and the nodes that its shards belong on."""

    blob: Blob
    number: int
    homes: tuple[str, ...]

    @property
    def key(self) -> str:
        return stripe_name(self.blob.id, self.number)

    def home_of(self, shard: str) -> str:
        """Return the node that a shard of this stripe belongs on."""
        return self.homes[int(shard[len(self.key) :], 16)]

    def names(self) -> list[str]:
        return [shard_name(self.blob.id, self.number, shard) for shard in range(len(self.homes))]


@dataclass(slots=True)
class Survey:
    """What is not as it should be."""

    answered: set[str] = field(default_factory=set)  # the nodes that did
    stripes: int = 0  # of all blobs
    amiss: dict[str, Stripe] = field(default_factory=dict)  # with a shard not sound at its home
    where: dict[str, dict[int, list[str]]] = field(default_factory=dict)  # of these: sound copies
    strays: list[tuple[str, str, str]] = field(default_factory=list)  # node, its shard, the home
    orphans: list[Copy] = field(default_factory=list)  # shards of no known blob


def survey(cluster: Cluster, blobs: Iterable[Blob], damaged: Collection[Copy] = ()) -> Survey:
    """Compare what the blobs need with what the nodes have; `damaged` copies count as absent."""
    stripes = {stripe.key: stripe for blob in blobs for stripe in stripes_of(cluster, blob)}
    found = Survey(stripes=len(stripes))
    wanted: dict[str, list[str]] = {name: [] for name in cluster.nodes}
    for stripe in stripes.values():
        for home, shard in zip(stripe.homes, stripe.names(), strict=True):
            wanted[home].append(shard)
    gone: set[Copy] = set(damaged)
    for name, shards in wanted.items():
        missing, extra = _compared(cluster, name, shards, found)
        gone |= {(name, shard) for shard in missing}
        for shard in extra:
            if key_of(shard) in stripes:
                home = stripes[key_of(shard)].home_of(shard)
                found.strays.append((name, shard, home))
            else:
                found.orphans.append((name, shard))
    stray_copies: dict[str, list[Copy]] = defaultdict(list)
    for name, shard, _ in found.strays:
        stray_copies[key_of(shard)].append((name, shard))
    for key in sorted({key_of(shard) for _, shard in gone} & stripes.keys()):
        found.amiss[key] = stripes[key]
        found.where[key] = _copies(stripes[key], gone, stray_copies[key])
    return found


def stripes_of(cluster: Cluster, blob: Blob) -> Iterable[Stripe]:
    """Yield a blob's stripes with the homes of their shards."""
    for number in range(blob.stripes):
        key = stripe_name(blob.id, number)
        homes = cluster.placement.homes(key, blob.data, blob.parity)
        yield Stripe(blob, number, tuple(homes))


class NodeView:
    """A node's Merkle tree, asked branch by branch."""

    buckets = MERKLE_BUCKETS

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._ask = partial(cluster.ask, name)

    def children(self, path: Path) -> Sequence[bytes]:
        return [bytes.fromhex(digest) for digest in self._ask(partial(_branch, path))]

    def entries(self, path: Path) -> Mapping[bytes, bytes]:
        return {name.encode(): b"" for name in self._ask(partial(_leaf, path))}


class Orphans:
    """Since when each orphan has been one."""

    def __init__(self) -> None:
        self._since_ns: dict[Copy, int] = {}

    def ripe(self, orphans: Iterable[Copy], now_ns: int) -> list[Copy]:
        """Note the orphans of a survey and return those that have been so for `ORPHAN_NS`."""
        seen = sorted(orphans)[:ORPHANS_MAX]
        self._since_ns = {copy: self._since_ns.get(copy, now_ns) for copy in seen}
        return [copy for copy, since_ns in self._since_ns.items() if now_ns - since_ns >= ORPHAN_NS]


def _compared(
    cluster: Cluster, name: str, shards: Sequence[str], found: Survey
) -> tuple[list[str], list[str]]:
    """Return what the node lacks and what it has besides; a node that does not answer lacks all."""
    try:
        pairs = list(differences(tree_of(shards), NodeView(cluster, name)))
    except KitError:
        return list(shards), []
    found.answered.add(name)
    missing = [pair.key.decode() for pair in pairs if pair.theirs is None]
    return missing, [pair.key.decode() for pair in pairs if pair.mine is None]


def _copies(stripe: Stripe, gone: Collection[Copy], strays: Iterable[Copy]) -> dict[int, list[str]]:
    where: dict[int, list[str]] = {}
    names = stripe.names()
    at_home = zip(stripe.homes, names, strict=True)
    for node, shard in (*at_home, *strays):
        if shard in names and (node, shard) not in gone:
            where.setdefault(names.index(shard), []).append(node)
    return where


def _branch(path: Path, node: Node) -> list[str]:
    return node.branch(path)


def _leaf(path: Path, node: Node) -> list[str]:
    return node.leaf(path)
