"""The inverted file: look into the few cells whose centres are nearest, and nowhere else.

    query ──► products with the centres ──► the nearest few cells ──► products with what is in them

Invariant: with as many probes as cells the answer is exact. With fewer it may miss: somebody near may
live just across a border. More probes cost more and miss less; that is the one knob.

O(cells × d + probes × vectors / cells × d) a query: with about √vectors cells both parts are alike.
Source: Sivic & Zisserman 2003; Jégou, Douze & Schmid 2011. Page: docs/chapters/ann.md
"""

import numpy as np
from numpy.typing import NDArray

from chapters.ann.cells import ROUNDS, Cells
from chapters.ann.errors import within
from chapters.ann.nearest import Found, Vectors, best_of, one_by_one, places


class Ivf:
    """One query after another: a handful of matrix products each."""

    def __init__(
        self,
        vectors: Vectors,
        cells: int,
        probes: int,
        *,
        rounds: int = ROUNDS,
        rng: np.random.Generator,
    ) -> None:
        within(1, cells, probes=probes)
        self._cells = Cells(vectors, cells, rounds=rounds, rng=rng)
        self.probes = probes
        self.looked = self._cells.looked

    def search(self, queries: Vectors, count: int) -> Found:
        """Return ids and scores of the nearest that the probes find, a row a query, best first."""
        width = places(count, len(self._cells.vectors))
        return one_by_one(self._search_one, queries, width)

    def _search_one(self, query: NDArray[np.float32], count: int) -> Found:
        """Return the best `count` of what is in the cells of the nearest centres, best first."""
        cells = self._cells
        nearest, _ = best_of(np.arange(len(cells)), cells.centres @ query, self.probes)
        members = [cells.members(cell) for cell in nearest]
        scores = np.concatenate([cells.vectors[each] @ query for each in members])
        ids = np.concatenate([cells.ids[each] for each in members])
        self.looked += len(cells) + len(ids)
        return best_of(ids, scores, count)
