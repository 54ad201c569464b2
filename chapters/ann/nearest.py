"""The question: which of the stored vectors point most nearly where this one points?

    query ──► │ 0.93  vector 17 │      best first; the score is the inner product, and as all vectors
              │ 0.91  vector 4  │      are of length 1, that is the cosine of the angle between them
              │ 0.88  vector 90 │

Every index answers it in the same shape, so one can stand in for another. Invariant of all of them:
a score that is returned is the true one; what may be wrong is only that somebody better was missed.

Distance is no other question: |a − b|² = 2 − 2ab for vectors of length 1, so the highest product is
the least distance. Page: docs/chapters/ann.md
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chapters.ann.errors import BadPlan, BadVectors

Vectors = NDArray[np.float32]  # rows × width
Ids = NDArray[np.int64]  # row numbers of stored vectors
Scores = NDArray[np.float32]  # cosines, from −1 to 1
Found = tuple[Ids, Scores]

NOBODY = -1  # the id in a place that an index could not fill; its score is −∞
LENGTH_SLACK = 1e-3  # how far from 1 a length may be: float32, and somebody's rounding


class Searching(Protocol):
    """An index over vectors of length 1."""

    def search(self, queries: Vectors, count: int) -> Found:
        """Return ids and scores of the nearest, a row a query, best first.

        Both are queries × min(count, vectors). Where an index found fewer, `NOBODY` fills the end.
        Raises `BadPlan` for a count below 1.
        """


class Nearest(Searching, Protocol):
    """One that counts; `looked` is its cost so far, that of building included."""

    @property
    def looked(self) -> int:
        """Return the products of two vectors so far: with stored ones, centres, normals."""


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Return the rows stretched to length 1. Raises `BadVectors` for one of no length."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not lengths.all():
        row = int(np.argmin(lengths))
        raise BadVectors(f"row {row} is all zeros: it points nowhere; leave it out")
    return np.ascontiguousarray(vectors / lengths, dtype=np.float32)


def checked(vectors: Vectors) -> Vectors:
    """Return the vectors as an index keeps them. Raises `BadVectors` unless all are of length 1."""
    if vectors.ndim != 2 or not vectors.size:
        raise BadVectors(f"vectors of shape {vectors.shape}; there must be rows and columns")
    off = np.abs(np.linalg.norm(vectors, axis=1) - 1)
    worst = int(np.argmax(off))
    if not off[worst] <= LENGTH_SLACK:
        raise BadVectors(f"row {worst} is off length 1 by {off[worst]:.3g}; `unit` mends that")
    return np.ascontiguousarray(vectors, dtype=np.float32)


def places(count: int, stored: int) -> int:
    """Return how many places a row of the answer has. Raises `BadPlan`."""
    if count < 1:
        raise BadPlan(f"count is {count}; ask for at least 1")
    return min(count, stored)


def best(scores: Scores, count: int) -> Found:
    """Return for each row the columns of its `count` highest scores, best first. O(columns)."""
    left_out = scores.shape[1] - count
    columns = np.argpartition(scores, left_out, axis=1)[:, left_out:]
    values = np.take_along_axis(scores, columns, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1), np.take_along_axis(values, order, axis=1)


def one_by_one(
    search: Callable[[NDArray[np.float32], int], Found], queries: Vectors, count: int
) -> Found:
    """Return what `search(query, count)` finds for each query, as one table."""
    ids = np.full((len(queries), count), NOBODY, dtype=np.int64)
    scores = np.full((len(queries), count), -np.inf, dtype=np.float32)
    for row, query in enumerate(queries):
        found, values = search(query, count)
        ids[row, : len(found)], scores[row, : len(found)] = found, values
    return ids, scores


def best_of(ids: Ids, scores: Scores, count: int) -> Found:
    """Return the `count` best of one query's candidates, or all if there are fewer, best first."""
    left_out = max(0, len(scores) - count)
    chosen = np.argpartition(scores, left_out)[left_out:]
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
    return ids[chosen], scores[chosen]
