"""Item to item: whoever had this also had that.

    likeness(i, j) = how many had both / √(how many had i × how many had j)    the cosine of two columns
    score(history, j) = sum of likeness(i, j) over the items i of the history

Each item keeps its `neighbours` most alike only: far ones are noise, and there are many of them.
O(items²) memory here. Source: Sarwar et al., "Item-Based Collaborative Filtering", WWW 2001; Linden et
al. (Amazon), 2003.
Page: docs/chapters/recommend.md
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chapters.recommend.model import Scores
from chapters.sim.errors import at_least

NEIGHBOURS = 100


class ItemKnn:
    """Nearest items by cosine."""

    def __init__(self, neighbours: int = NEIGHBOURS) -> None:
        at_least(1, neighbours=neighbours)
        self.neighbours = neighbours

    def fit(self, seen: csr_array) -> None:
        """Compute who is alike."""
        self._likeness = nearest(cosines(seen), self.neighbours)

    def scores(self, histories: csr_array) -> Scores:
        """Return the sums of likeness to what is in each history."""
        return np.asarray(histories @ self._likeness)


def cosines(seen: csr_array) -> NDArray[np.float64]:
    """Return items × items: the cosine of each two columns; 0 with itself, and for what nobody had."""
    both = (seen.T @ seen).toarray()
    norms = np.sqrt(np.diag(both))
    norms[norms == 0] = 1.0
    found: NDArray[np.float64] = both / norms[:, None] / norms[None, :]
    np.fill_diagonal(found, 0.0)
    return found


def nearest(likeness: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return `likeness` with all but the `count` highest of each column 0; of equals the first stays."""
    order = np.argsort(-likeness, axis=0, kind="stable")
    kept = likeness.copy()
    np.put_along_axis(kept, order[count:], 0.0, axis=0)
    return kept
