"""Exact: the product with every vector, and the highest of each row. What all others are judged by.

    queries (64 × d)  ×  vectorsᵀ (d × n)  =  scores (64 × n)      argpartition: the highest of each row

It is hard to beat on few vectors. A matrix product is the one thing that processors do near their
limit, so up to some thousands of vectors nothing cleverer pays. O(queries × n × d).

A block is so small that its scores stay in the cache until the highest are picked out.
Page: docs/chapters/ann.md
"""

import numpy as np

from chapters.ann.nearest import Found, Ids, Scores, Vectors, best, checked, places

BLOCK_QUERIES = 64  # 64 × 20,000 scores are 5 MB


class Brute:
    """Looks at all vectors for every query, many queries at a time."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = checked(vectors)
        self.looked = 0

    def search(self, queries: Vectors, count: int) -> Found:
        """Return ids and scores of the nearest, a row a query, best first: all of them right."""
        width = places(count, len(self._vectors))
        ids: Ids = np.empty((len(queries), width), dtype=np.int64)
        scores: Scores = np.empty((len(queries), width), dtype=np.float32)
        for start in range(0, len(queries), BLOCK_QUERIES):
            part = slice(start, start + BLOCK_QUERIES)
            ids[part], scores[part] = best(queries[part] @ self._vectors.T, width)
        self.looked += len(queries) * len(self._vectors)
        return ids, scores
