"""Trees that halve the vectors by planes; a query walks down many of them, nearest branches first.

              ╱ plane ╲                  a plane through the origin, halfway between two of the
        ╱ plane ╲    ╱ plane ╲           vectors; who is on the side of the first goes left
      a c f    b g  d h     e i          leaves of a few vectors each

One tree is often wrong: somebody near may be just behind a plane. So there are several, all with other
planes, and one queue for all: the branch next looked into is the one whose worst plane is the least
bad, in whichever tree. Invariant: each leaf is reached at most once, each vector is in one leaf a tree.

O(trees × log vectors + wanted × d) a query. Source: Bernhardsson's Annoy, 2013; random projection
trees: Dasgupta & Freund 2008. Page: docs/chapters/ann.md
"""

from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

import numpy as np
from numpy.typing import NDArray

from chapters.ann.errors import within
from chapters.ann.nearest import Found, Ids, Vectors, best_of, checked, one_by_one, places

LEAF = 32  # vectors; a smaller leaf is not worth a plane
SHARE_MIN = 0.05  # a side with less than that of the vectors makes trees deep and leaves empty
TREES_MAX = 1000


@dataclass(frozen=True, slots=True)
class Plane:
    """Where a node's vectors part: those whose product with `normal` is above `offset` go left."""

    normal: NDArray[np.float32]
    offset: float


@dataclass(frozen=True, slots=True)
class Branch:
    """A plane, and the numbers of the nodes on its two sides."""

    plane: Plane
    left: int
    right: int


def split(vectors: Vectors, one: int, other: int) -> tuple[Plane, NDArray[np.bool_]]:
    """Return the plane halfway between two of the rows, and which rows are on the side of `one`.

    If a side were left with less than SHARE_MIN of the rows, they are cut in the middle of their
    order instead; equal ones too, of which no plane can part any two.
    """
    normal = vectors[one] - vectors[other]
    products = vectors @ normal
    is_left = products > 0
    if SHARE_MIN <= is_left.mean() <= 1 - SHARE_MIN:
        return Plane(normal, 0.0), is_left
    order = np.argsort(-products, kind="stable")
    half = len(vectors) // 2
    is_left[order[:half]], is_left[order[half:]] = True, False
    return Plane(normal, float(products[order[half - 1 : half + 1]].mean())), is_left


class Forest:
    """Random-projection trees. `wanted` is how many candidates a query gathers before it ranks them."""

    def __init__(
        self,
        vectors: Vectors,
        trees: int,
        wanted: int,
        *,
        leaf: int = LEAF,
        rng: np.random.Generator,
    ) -> None:
        self._vectors, self._leaf, self._rng = checked(vectors), leaf, rng
        within(1, TREES_MAX, trees=trees)
        within(1, len(vectors) * trees, wanted=wanted)
        within(2, len(vectors) + 1, leaf=leaf)
        self.wanted, self.looked = wanted, 0
        self._nodes: list[Branch | Ids] = []
        self._roots = [self._grow(np.arange(len(vectors))) for _ in range(trees)]

    def search(self, queries: Vectors, count: int) -> Found:
        """Return ids and scores of the nearest among the candidates, a row a query, best first."""
        return one_by_one(self._search_one, queries, places(count, len(self._vectors)))

    def _grow(self, ids: Ids) -> int:
        """Return the number of a node that holds these vectors; it and all below it are made."""
        if len(ids) <= self._leaf:
            self._nodes.append(ids)
            return len(self._nodes) - 1
        one, other = self._rng.choice(len(ids), 2, replace=False)
        plane, is_left = split(self._vectors[ids], one, other)
        self.looked += len(ids)
        branch = Branch(plane, self._grow(ids[is_left]), self._grow(ids[~is_left]))
        self._nodes.append(branch)
        return len(self._nodes) - 1

    def _search_one(self, query: NDArray[np.float32], count: int) -> Found:
        ids = self._candidates(query)
        self.looked += len(ids)
        return best_of(ids, self._vectors[ids] @ query, count)

    def _candidates(self, query: NDArray[np.float32]) -> Ids:
        """Return what is in the leaves on the right sides of the planes, until there is enough."""
        queue = [(-inf, root) for root in self._roots]
        leaves: list[Ids] = []
        gathered = 0
        while queue and gathered < self.wanted:
            badness, number = heappop(queue)
            node = self._nodes[number]
            if isinstance(node, Branch):
                self.looked += 1
                margin = float(node.plane.normal @ query) - node.plane.offset
                heappush(queue, (max(badness, -margin), node.left))
                heappush(queue, (max(badness, margin), node.right))
            else:
                leaves.append(node)
                gathered += len(node)
        return np.unique(np.concatenate(leaves))
