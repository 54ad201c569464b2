"""How good is an index that may miss? The share of what it returns that belongs there.

Equal vectors are the trap. A thousand artists that one listener alone has heard have the same row,
and which ten of the thousand come back is nobody's mistake. So a place is right if its vector is as
near as the last one of the true list, not if its number is on that list.

Every score is computed anew from the id, and an id counts once: no index is taken at its word.
Page: docs/chapters/ann.md
"""

from dataclasses import dataclass

import numpy as np

from chapters.ann.brute import Brute
from chapters.ann.nearest import NOBODY, Ids, Scores, Vectors

TIE = 1e-5  # float32 rounds: two products of the same vectors may differ by so much


@dataclass(frozen=True, slots=True)
class Truth:
    """Queries, and the score that a vector must have to be among the `count` nearest of each."""

    vectors: Vectors
    queries: Vectors
    bars: Scores
    count: int

    @classmethod
    def of(cls, vectors: Vectors, queries: Vectors, count: int) -> "Truth":
        """Return the truth by looking at everything."""
        _, scores = Brute(vectors).search(queries, count)
        return cls(vectors, queries, scores[:, -1], scores.shape[1])

    def recall(self, ids: Ids) -> float:
        """Return which share of the places is held by vectors that belong there: 0 to 1."""
        scores = np.einsum("qid,qd->qi", self.vectors[ids], self.queries)
        belongs = (ids != NOBODY) & (scores >= self.bars[:, None] - TIE)
        right = [len(np.unique(row[good])) for row, good in zip(ids, belongs, strict=True)]
        return sum(right) / (len(ids) * self.count)
