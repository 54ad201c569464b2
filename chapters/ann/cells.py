"""Vectors sorted into cells: those that point about the same way lie side by side in memory.

    centres   ●0      ●1  ●2            each vector belongs to the centre that is nearest to it
    vectors   a d f │ b │ c e g h       one array, cell after cell
    starts    0       3   4       8     cell 1 is vectors[3:4]

The centres are found by k-means: give every vector to its nearest centre, move each centre to the
middle of its vectors, and again. Invariant: no step makes the vectors fit their centres worse. On
the sphere the middle is the sum, stretched to length 1 (Dhillon & Modha 2001).

O(rounds × vectors × cells × d). Source: Lloyd 1957. Page: docs/chapters/ann.md
"""

import numpy as np
from numpy.typing import NDArray

from chapters.ann.errors import within
from chapters.ann.nearest import Ids, Vectors, checked

ROUNDS = 15
ROUNDS_MAX = 1000
CELLS_MAX = 65_535  # so that the number of a cell has 16 bits: those are sorted fastest
BLOCK_VECTORS = 4096
ROUNDING = 1e-6  # of a product in float32: a cell reaches at least so much farther than measured


def owners(vectors: Vectors, centres: Vectors) -> Ids:
    """Return for each vector the number of its nearest centre; of equals, the lower."""
    found: Ids = np.empty(len(vectors), dtype=np.int64)
    for start in range(0, len(vectors), BLOCK_VECTORS):
        part = slice(start, start + BLOCK_VECTORS)
        found[part] = (vectors[part] @ centres.T).argmax(axis=1)
    return found


def step(vectors: Vectors, centres: Vectors) -> Vectors:
    """Return the centres moved to the middle of their vectors; one that has none stays."""
    sums = np.zeros_like(centres)
    np.add.at(sums, owners(vectors, centres), vectors)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    has_middle = lengths > 0
    return np.where(has_middle, sums / np.where(has_middle, lengths, 1), centres)


def kmeans(vectors: Vectors, cells: int, rounds: int, *, rng: np.random.Generator) -> Vectors:
    """Return that many centres, beginning with vectors drawn by lot, no two alike."""
    distinct = np.unique(vectors, axis=0)
    within(1, min(CELLS_MAX, len(distinct)), cells=cells)
    within(0, ROUNDS_MAX, rounds=rounds)
    centres = distinct[rng.choice(len(distinct), cells, replace=False)]
    for _ in range(rounds):
        moved = step(vectors, centres)
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres


class Cells:
    """Vectors in the order of their cells, and how far each cell reaches."""

    def __init__(
        self, vectors: Vectors, count: int, *, rounds: int = ROUNDS, rng: np.random.Generator
    ) -> None:
        vectors = checked(vectors)
        self.centres = kmeans(vectors, count, rounds, rng=rng)
        owner = owners(vectors, self.centres)
        self.ids: Ids = np.argsort(owner, kind="stable")
        self.vectors = vectors[self.ids]
        self.starts: Ids = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))])
        self.reach = self._reach(owner[self.ids])
        self.looked = (rounds + 2) * count * len(vectors)

    def __len__(self) -> int:
        return len(self.centres)

    def members(self, cell: int) -> slice:
        """Return where the vectors of `cell` are."""
        return slice(int(self.starts[cell]), int(self.starts[cell + 1]))

    def _reach(self, owner: Ids) -> NDArray[np.float32]:
        """Return for each cell the cosine of the angle from its centre to its farthest vector."""
        products = np.einsum("vd,vd->v", self.vectors, self.centres[owner])
        farthest: NDArray[np.float32] = np.ones(len(self), dtype=np.float32)
        np.minimum.at(farthest, owner, products)
        np.clip(farthest - np.float32(ROUNDING), -1, 1, out=farthest)
        return farthest
