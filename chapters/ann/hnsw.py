"""A small world in layers: few links over long ways at the top, many over short ones at the bottom.

    layer 2    ●─────────────────────●               everybody is on layer 0, one of M on layer 1,
    layer 1    ●───────●─────────────●────●          one of M² on layer 2 …
    layer 0    ●──●──●─●──●──●──●──●─●──●─●──●       a search comes down from the top

It is a skip list that was told about directions. On the upper layers the search takes only the best
step each; at the bottom it keeps `width` in view. There is no guarantee, and in practice the way
grows with the logarithm of the number of vectors.

`links` (the paper's M): per vector and layer, twice as many at the bottom. `width_built`: how many a
new vector looks at before it chooses its links (efConstruction). `width`: how many a query keeps in
view (ef). Source: Malkov & Yashunin, IEEE TPAMI 2018, algorithms 1 and 5. Page: docs/chapters/ann.md
"""

from math import log

import numpy as np
from numpy.typing import NDArray

from chapters.ann.errors import within
from chapters.ann.layer import Layer
from chapters.ann.nearest import Found, Vectors, checked, one_by_one, places

LINKS, LINKS_MAX = 16, 256
WIDTH_BUILT = 100
WIDTH_MAX = 100_000


class Hnsw:
    """Layers of links over vectors, built by inserting one after another."""

    def __init__(
        self,
        vectors: Vectors,
        width: int,
        *,
        links: int = LINKS,
        width_built: int = WIDTH_BUILT,
        rng: np.random.Generator,
    ) -> None:
        within(2, LINKS_MAX, links=links)
        within(1, WIDTH_MAX, width=width, width_built=width_built)
        self._vectors = checked(vectors)
        self.width, self._links, self._width_built = width, links, width_built
        self._layers: list[Layer] = []
        self._entry = 0
        for node, luck in enumerate(rng.random(len(vectors))):
            self._insert(node, int(-log(1 - luck) / log(links)))

    @property
    def looked(self) -> int:
        """Return the products so far, those of building included."""
        return sum(layer.looked for layer in self._layers)

    def search(self, queries: Vectors, count: int) -> Found:
        """Return ids and scores of the nearest that links lead to, a row a query, best first."""
        return one_by_one(self._search_one, queries, places(count, len(self._vectors)))

    def _search_one(self, query: NDArray[np.float32], count: int) -> Found:
        entry = self._down_to(0, query)
        found = self._layers[0].nearest(query, [entry], max(self.width, count))[:count]
        scores, ids = zip(*found, strict=True)
        return np.array(ids, dtype=np.int64), np.array(scores, dtype=np.float32)

    def _down_to(self, floor: int, query: NDArray[np.float32]) -> int:
        """Return where the best steps lead on the layers above `floor`, from the top down."""
        entry = self._entry
        for layer in reversed(self._layers[floor + 1 :]):
            entry = layer.nearest(query, [entry], 1)[0][1]
        return entry

    def _insert(self, node: int, height: int) -> None:
        """Link the vector on all layers up to `height`, each time to some of the nearest there."""
        query, top = self._vectors[node], len(self._layers) - 1
        entries = [self._down_to(height, query)]
        for floor in range(min(height, top), -1, -1):
            layer = self._layers[floor]
            found = layer.nearest(query, entries, self._width_built)
            layer.connect(node, found, self._links, self._links * (1 if floor else 2))
            entries = [each for _, each in found]
        while len(self._layers) <= height:
            self._layers.append(Layer(self._vectors, {node: []}))
            self._entry = node
