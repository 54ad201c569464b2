"""Equal vectors kept once: one of a thousand twins stands for all of them, in any index.

    stored      a b a c a b        distinct   a     b    c          the index sees three vectors;
    ids         0 1 2 3 4 5        ids        0 2 4 1 5  3          its answers are unfolded again

Twins are common: of artists that one listener alone has heard, all have the same factors. For brute
force they are just more rows. To an index of links they are a trap. Each of a hundred twins has
ninety-nine neighbours at distance nothing, links to those, and to nobody else: they are an island.

Invariant: the answers are those of an index of all vectors. The `count` nearest distinct vectors are
enough for the `count` nearest. Page: docs/chapters/ann.md
"""

from collections.abc import Callable

import numpy as np

from chapters.ann.nearest import NOBODY, Found, Ids, Nearest, Scores, Vectors, checked, places


class Distinct:
    """An index over the distinct ones among vectors; `build` makes it from them."""

    def __init__(self, vectors: Vectors, build: Callable[[Vectors], Nearest]) -> None:
        distinct, which = np.unique(checked(vectors), axis=0, return_inverse=True)
        self._index = build(distinct)
        self._ids: Ids = np.argsort(which.ravel(), kind="stable")
        self._sizes = np.bincount(which.ravel())
        self._starts = np.cumsum(self._sizes) - self._sizes

    @property
    def looked(self) -> int:
        """Return the products that the index within has computed."""
        return self._index.looked

    def search(self, queries: Vectors, count: int) -> Found:
        """Return ids and scores of the nearest, twins one after another, a row a query."""
        width = places(count, len(self._ids))
        found, values = self._index.search(queries, count)
        sizes = np.where(found == NOBODY, 0, self._sizes[found])
        before = np.cumsum(sizes, axis=1) - sizes
        taken = np.clip(width - before, 0, sizes)
        # From here on flat: each place of a row that is filled, one after another.
        row, column = np.nonzero(np.arange(width) < taken.sum(axis=1)[:, None])
        nth = column - np.repeat(before, taken.ravel())
        ids: Ids = np.full((len(queries), width), NOBODY, dtype=np.int64)
        scores: Scores = np.full((len(queries), width), -np.inf, dtype=np.float32)
        ids[row, column] = self._ids[np.repeat(self._starts[found], taken.ravel()) + nth]
        scores[row, column] = np.repeat(values, taken.ravel())
        return ids, scores
