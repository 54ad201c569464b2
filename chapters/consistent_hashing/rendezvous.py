"""Every node draws a lot for every key, and the highest lots win: no ring, no table, no state.

    key b"photo"    node a   0.31          rank:  c, d, a, b
                    node b   0.07          one copy:     c
                    node c   0.94          three copies: c, d, a
                    node d   0.55          without d:    c, a, b      (nothing else moved)

Invariant: a node's lot for a key depends on the two of them alone. So when a node leaves, the others
keep their order, and only the keys that it held go elsewhere, evenly over all that are left.

Weights: the lot h, even between 0 and 1, becomes −w / ln h, and a node of weight 2 wins exactly
twice as often. O(nodes) a key: 100 nodes cost some 80 µs. Source: Thaler & Ravishankar 1998; the
weights as in Schindelhauer & Schomaker 2005. Page: docs/chapters/consistent_hashing.md
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite, log

from chapters.consistent_hashing.errors import BadWeight, TooFewNodes
from chapters.consistent_hashing.murmur import hash64

_LOT_BITS = 52  # a lot is never 0 and never rounds to 1: a float holds 53 bits


@dataclass(frozen=True, slots=True)
class Disk:
    """A place for data, in a zone whose disks may all be lost together. Weight 0: none for it."""

    name: str
    zone: str
    weight: float = 1.0


def lot(node: str, key: bytes) -> float:
    """Return a number between 0 and 1, neither included, that is this node's for this key."""
    return ((hash64(key + node.encode()) >> 64 - _LOT_BITS) + 0.5) / (1 << _LOT_BITS)


def score(node: str, weight: float, key: bytes) -> float:
    """Return the node's lot stretched by its weight: the higher, the nearer to the key."""
    return -weight / log(lot(node, key))


def rank(key: bytes, nodes: Mapping[str, float] | Iterable[str]) -> list[str]:
    """Return all nodes, the one that should hold `key` first; a mapping gives their weights.

    O(nodes × log(nodes)). Raises `BadWeight`.
    """
    weights = nodes if isinstance(nodes, Mapping) else dict.fromkeys(nodes, 1.0)
    _check(weights)
    return sorted(weights, key=lambda node: (-score(node, weights[node], key), node))


def spread(key: bytes, disks: Sequence[Disk], count: int) -> list[str]:
    """Return the `count` disks that hold `key`, best first, no zone with more than its share.

    A zone's share is ceil(count / zones): with 9 pieces over 3 zones, losing a zone loses 3. Zones
    and disks of weight 0 do not count. Raises `TooFewNodes` when the zones cannot hold so many,
    and `BadWeight`.
    """
    zone_of = {disk.name: disk.zone for disk in disks if disk.weight}
    share = ceil(count / max(len(set(zone_of.values())), 1))
    picks: list[str] = []
    held: Counter[str] = Counter()
    for name in rank(key, {disk.name: disk.weight for disk in disks if disk.weight}):
        if len(picks) < count and held[zone_of[name]] < share:
            picks.append(name)
            held[zone_of[name]] += 1
    if len(picks) < count:
        raise TooFewNodes(
            f"{count} disks wanted, {share} a zone at most, and only {len(picks)} are to be had: "
            f"add disks to the smaller zones"
        )
    return picks


def _check(weights: Mapping[str, float]) -> None:
    for node, weight in weights.items():
        if weight < 0 or not isfinite(weight):
            raise BadWeight(f"{node} has weight {weight:g}: say 0 or more")
