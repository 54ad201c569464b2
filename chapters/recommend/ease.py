"""EASE: the best item-to-item weights there are, in one matrix inversion.

    find B with  ‖X − X B‖² + λ ‖B‖²  as small as can be, and a diagonal of 0: no item recommends itself
    P = (XᵀX + λ I)⁻¹        B = I − P / diag(P)

Weights may be negative: whoever had this tends *not* to want that. It counts how often two go together,
beyond what all others explain already; the cosine knows nothing of the others. O(items³) once. Source:
Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019.
Page: docs/chapters/recommend.md
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chapters.errors import UsageError
from chapters.recommend.model import Scores

LAMBDA = 250.0


class Ease:
    """A linear model from items to items."""

    def __init__(self, regularization: float = LAMBDA) -> None:
        if not regularization > 0:
            raise UsageError(f"regularization is {regularization:g}; it must be above 0")
        self.regularization = regularization

    def fit(self, seen: csr_array) -> None:
        """Solve for the weights."""
        self._weights = weights((seen.T @ seen).toarray(), self.regularization)

    def scores(self, histories: csr_array) -> Scores:
        """Return the sums of weights of what is in each history."""
        return np.asarray(histories @ self._weights)


def weights(together: NDArray[np.float64], regularization: float) -> NDArray[np.float64]:
    """Return B for XᵀX, `together`: column j is how much each other item speaks for j."""
    inverse = np.linalg.inv(together + regularization * np.eye(len(together)))
    found: NDArray[np.float64] = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(found, 0.0)
    return found
