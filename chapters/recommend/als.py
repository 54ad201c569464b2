"""Implicit ALS: each user and each item a short row of numbers; how well they fit is their product.

    X ≈ U Vᵀ      U: users × factors    V: items × factors
    V held:  every user's row is a small linear system          ──┐ again and again,
    U held:  every item's row is one, too                       ◄─┘ alternating

What a user had counts 1 with confidence 1 + α; what not counts 0 with confidence 1, since not having it
says little. The sum over all that a user did *not* have is VᵀV, once for all users; only what they had is
added to it. Source: Hu, Koren & Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM
2008.
Page: docs/chapters/recommend.md
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chapters.recommend.model import Scores
from chapters.sim.errors import at_least

Factors = NDArray[np.float64]
FACTORS, ROUNDS = 32, 10
REGULARIZATION, ALPHA = 10.0, 5.0
SPREAD = 0.1  # of the random numbers to begin with


class ImplicitAls:
    """Factors for items, a row each in `items`; those of a history are computed when they are asked for."""

    def __init__(
        self,
        factors: int = FACTORS,
        regularization: float = REGULARIZATION,
        alpha: float = ALPHA,
        *,
        rounds: int = ROUNDS,
        rng: np.random.Generator,
    ) -> None:
        at_least(1, factors=factors, rounds=rounds)
        at_least(0, regularization=regularization, alpha=alpha)
        self.factors, self.rounds = factors, rounds
        self.regularization, self.alpha, self._rng = regularization, alpha, rng

    def fit(self, seen: csr_array) -> None:
        """Alternate between users and items."""
        self.items = SPREAD * self._rng.standard_normal((seen.shape[1], self.factors))
        turned = csr_array(seen.T)
        for _ in range(self.rounds):
            users = half_step(seen, self.items, self.regularization, self.alpha)
            self.items = half_step(turned, users, self.regularization, self.alpha)

    def scores(self, histories: csr_array) -> Scores:
        """Return the products of each history's factors with each item's."""
        users = half_step(histories, self.items, self.regularization, self.alpha)
        found: Scores = users @ self.items.T
        return found


def half_step(seen: csr_array, fixed: Factors, regularization: float, alpha: float) -> Factors:
    """Return the best row of factors for each row of `seen`, with the columns' factors `fixed`.

    For a row with the columns c: (VᵀV + α V_cᵀV_c + λ I) u = (1 + α) sum of V_c. O(rows × factors³ +
    pairs × factors²).
    """
    base = fixed.T @ fixed + regularization * np.eye(fixed.shape[1])
    found = np.zeros((seen.shape[0], fixed.shape[1]))
    for row in range(seen.shape[0]):
        own = fixed[seen.indices[seen.indptr[row] : seen.indptr[row + 1]]]
        if len(own):
            found[row] = np.linalg.solve(base + alpha * own.T @ own, (1 + alpha) * own.sum(axis=0))
    return found
