"""The same for everybody: what most people had. What every other model must beat.

Page: docs/chapters/recommend.md
"""

import numpy as np
from scipy.sparse import csr_array

from chapters.recommend.model import Scores


class Popularity:
    """Scores an item by how many had it."""

    def fit(self, seen: csr_array) -> None:
        """Count."""
        self._counts: Scores = np.asarray(seen.sum(axis=0), dtype=np.float64).ravel()

    def scores(self, histories: csr_array) -> Scores:
        """Return the counts, for each history the same."""
        return np.tile(self._counts, (histories.shape[0], 1))
