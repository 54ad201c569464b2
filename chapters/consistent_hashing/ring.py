"""A circle of hashes on which every node stands many times; a key belongs to the next one along it.

                  0 = 2⁶⁴
                b ──┼── a          a key at ●: the first token clockwise is c's,
              ╱           ╲        so c owns it, and the next *other* node, a,
             c             c       holds its second copy
              ╲           ╱
                a ──●── b          (clockwise: … b, ●, … c …)

Invariant: the tokens depend on the nodes' names alone. So all who know the names agree without
talking, and a node that joins takes keys only *for itself*: about one in n of all. None moves
between two nodes that were there already.

A token is `hash64` of a node's name and a number. With one token a node, the arcs are of very unequal
length; the spread shrinks with the root of the tokens a node (`vnodes`). Building sorts
all tokens; a look-up is one hash and one bisection.

Source: Karger et al. 1997; the virtual nodes and the list of owners are Dynamo's (DeCandia et al.
2007). Page: docs/chapters/consistent_hashing.md
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Self

from chapters.consistent_hashing.errors import BadWeight, EmptyRing, TooFewNodes, UnknownNode
from chapters.consistent_hashing.murmur import hash64

VNODES = 128  # tokens for a weight of 1: the loads scatter by 1/√128, some 9 %
TOKENS_MAX = 1_000_000  # some 50 MB: 7,800 nodes of weight 1


class Ring:
    """Which node owns a key. It never changes: who joins or leaves makes a new ring."""

    def __init__(self, nodes: Mapping[str, int] | Iterable[str], vnodes: int = VNODES) -> None:
        """Place each node; a mapping gives weights: one of weight 2 owns twice as much."""
        self.vnodes = vnodes
        self.nodes = dict(nodes) if isinstance(nodes, Mapping) else dict.fromkeys(nodes, 1)
        _check(self.nodes, vnodes)
        places = sorted(
            (token, node)
            for node, weight in self.nodes.items()
            for token in tokens(node, weight * vnodes)
        )
        self._tokens = [token for token, _ in places]
        self._owners = [node for _, node in places]

    def owner(self, key: bytes) -> str:
        """Return the node that owns `key`: at the first token at or after its hash, clockwise.

        O(log(nodes × vnodes)). Raises `EmptyRing`. Source: Karger et al. 1997.
        """
        return next(self._clockwise(key))

    def owners(self, key: bytes, count: int) -> list[str]:
        """Return the first `count` different nodes clockwise from `key`, its owner first.

        Raises `EmptyRing` and `TooFewNodes`. Source: Dynamo's preference list.
        """
        if count > len(self.nodes):
            raise TooFewNodes(f"{count} owners wanted of {len(self.nodes)} nodes: add nodes")
        found: dict[str, None] = {}
        for node in self._clockwise(key):
            if len(found) == count:
                break
            found[node] = None
        return list(found)

    def _clockwise(self, key: bytes) -> Iterator[str]:
        """Yield the owner of each token from the hash of `key` on, once round the circle."""
        if not self._tokens:
            raise EmptyRing("no nodes are on the ring: add one")
        start = bisect_left(self._tokens, hash64(key))
        for index in range(start, start + len(self._tokens)):
            yield self._owners[index % len(self._owners)]

    def with_node(self, node: str, weight: int = 1) -> Self:
        """Return a ring with `node` on it too (or with its new weight)."""
        return type(self)({**self.nodes, node: weight}, self.vnodes)

    def without(self, node: str) -> Self:
        """Return a ring that `node` has left. Raises `UnknownNode`."""
        if node not in self.nodes:
            raise UnknownNode(f"{node} is not on the ring, so it cannot leave it")
        rest = {name: weight for name, weight in self.nodes.items() if name != node}
        return type(self)(rest, self.vnodes)


def tokens(node: str, count: int) -> Iterator[int]:
    """Yield the places of `node` on the circle: a larger count adds to a smaller one's."""
    return (hash64(f"{node}#{number}".encode()) for number in range(count))


def _check(nodes: Mapping[str, int], vnodes: int) -> None:
    for node, weight in nodes.items():
        if weight < 1:
            raise BadWeight(f"{node} has weight {weight}: say 1 or more, or leave it out")
    count = sum(nodes.values()) * vnodes
    if vnodes < 1 or count > TOKENS_MAX:
        raise BadWeight(f"{count} tokens on the ring: say 1 to {TOKENS_MAX}, by vnodes and weights")
