"""What the console shows of nodes and shards, and the faults that it switches on.

    object ──► parts ──► blobs ──► stripes ──► shards ──► the node that each one is on, or nowhere

A status is asked of each node directly, past the cluster's memory of who is up: a node that a fault
keeps from answering still says how it is. Page: docs/s3/console.md
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from chapters.errors import KitError, UsageError
from chapters.sim.clock import Clock, S
from s3.records import Version
from s3.storage.blobs import Blob, Blobs, shard_name, stripe_name
from s3.storage.cluster import Cluster
from s3.storage.node import Faults, Node
from s3.storage.race import Pool, Race

STRIPES_SHOWN = 6  # of an object
SLOW_MS = 200
PATIENCE_NS = 1 * S  # for all statuses together, nearly
FRESH_NS = 3 * S

Json = dict[str, Any]

FAULTS: dict[str, Json] = {
    "slow": {"slow_ms": SLOW_MS},
    "full": {"is_full": True},
    "refusing": {"is_refusing": True},
    "unreachable": {"is_unreachable": True},
}
HEALTHY = asdict(Faults())


class Statuses:
    """How each node is, as of this second; a node that does not say holds nobody up.

    A node is asked again only once it has answered, so that a silent one keeps one thread at most.
    """

    def __init__(self, cluster: Cluster, *, clock: Clock, pool: Pool) -> None:
        self._cluster = cluster
        self._clock = clock
        self._pool = pool
        self._asked: set[str] = set()
        self._last: dict[str, tuple[int, Json]] = {}

    def now(self) -> list[Json]:
        """Return what each node says, in order of zone and name; of a silent one, that it is."""
        race: Race[None] = self._pool.race()
        due = [node for node in self._cluster.nodes.values() if node.name not in self._asked]
        for index, node in enumerate(due):
            self._asked.add(node.name)
            race.start(index, node.name, partial(self._ask, node))
        for _ in due:
            if race.next(PATIENCE_NS) is None:
                break
        found = [self._known(node) for node in self._cluster.nodes.values()]
        return sorted(found, key=lambda each: (each["zone"], each["name"]))

    def _ask(self, node: Node) -> None:
        try:
            said = {"is_up": True, **node.status()}
        except KitError as error:
            said = {"is_up": False, "reason": str(error)}
        finally:
            self._asked.discard(node.name)
        self._last[node.name] = self._clock.now_ns(), said

    def _known(self, node: Node) -> Json:
        at_ns, said = self._last.get(node.name, (0, {}))
        if self._clock.now_ns() - at_ns > FRESH_NS:
            said = {"is_up": False, "reason": f"node {node.name} has not answered for a while"}
        return {"name": node.name, "zone": node.zone, "can_wipe": hasattr(node, "wipe"), **said}


def inflict(cluster: Cluster, name: str, fault: str, is_on: bool) -> None:
    """Switch a fault of a node on or off. Raises `UsageError`, and what the node raises."""
    if fault not in FAULTS:
        raise UsageError(f"no fault {fault!r}; there are {', '.join(FAULTS)}")
    wish = FAULTS[fault]
    _node(cluster, name).set_faults(wish if is_on else {each: HEALTHY[each] for each in wish})


def cut(cluster: Cluster, zone: str, is_on: bool) -> None:
    """Make all nodes of a zone unreachable, or reachable again. Raises `UsageError`."""
    nodes = [node for node in cluster.nodes.values() if node.zone == zone]
    if not nodes:
        raise UsageError(f"no zone {zone!r}; there are {', '.join(sorted(zones(cluster)))}")
    _every(cluster, nodes, lambda node: node.set_faults({"is_unreachable": is_on}))


def heal(cluster: Cluster) -> None:
    """Switch all faults off, of all nodes that can be told."""
    _every(cluster, list(cluster.nodes.values()), lambda node: node.set_faults(HEALTHY))


def wipe(cluster: Cluster, name: str) -> None:
    """Give a node an empty disk. Raises `UsageError` where that cannot be done."""
    begin_anew: Callable[[], object] | None = getattr(_node(cluster, name), "wipe", None)
    if begin_anew is None:
        raise UsageError(f"node {name} is in this process and keeps its disk; try --cluster")
    begin_anew()


def flip(cluster: Cluster, name: str, shard: str) -> None:
    """Flip a bit of a shard on a node's disk. Raises `UsageError`, `NoSuchShard`."""
    _node(cluster, name).damage(shard, 0)


def zones(cluster: Cluster) -> set[str]:
    return {node.zone for node in cluster.nodes.values()}


def where(blobs: Blobs, version: Version) -> list[Json]:
    """Return the first stripes of a version, and on which nodes their shards are."""
    found: list[Json] = []
    for part, facts in enumerate(version.parts, 1):
        blob = Blob.from_json(facts["blob"])
        for stripe in range(blob.stripes):
            if len(found) == STRIPES_SHOWN:
                return found
            found.append({"part": part, "stripe": stripe, **_shards(blobs, blob, stripe)})
    return found


def stripes(version: Version) -> int:
    """Return how many stripes a version has."""
    return sum(Blob.from_json(facts["blob"]).stripes for facts in version.parts)


def _shards(blobs: Blobs, blob: Blob, stripe: int) -> Json:
    placement = blobs.cluster.placement
    homes = placement.homes(stripe_name(blob.id, stripe), blob.data, blob.parity)
    at = blobs.locate(blob, stripe)
    shards = [
        {
            "name": shard_name(blob.id, stripe, shard),
            "home": home,
            "at": at.get(shard, []),
            "is_parity": shard >= blob.data,
        }
        for shard, home in enumerate(homes)
    ]
    return {"shard_bytes": blob.shard_bytes(stripe), "shards": shards, "spare": len(at) - blob.data}


def _node(cluster: Cluster, name: str) -> Node:
    if name not in cluster.nodes:
        raise UsageError(f"no node {name!r}; there are {', '.join(cluster.nodes)}")
    return cluster.nodes[name]


def _every(cluster: Cluster, nodes: list[Node], call: Callable[[Node], object]) -> None:
    """Ask nodes at once; one that is dead has no fault to switch."""
    race: Race[object] = cluster.pool.race()
    for index, node in enumerate(nodes):
        race.start(index, node.name, partial(call, node))
    for _ in nodes:
        race.next()
