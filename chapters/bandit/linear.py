"""Which arm, for *this* viewer? A line for each arm, from what is known of the viewer to the reward.

    x: what is known, a row of numbers      reward of arm a ≈ θ_a · x
    A_a = I + sum of x xᵀ      b_a = sum of reward × x      θ_a = A_a⁻¹ b_a
    choose the highest of   θ_a · x + α √(xᵀ A_a⁻¹ x)     the second: large where a is hardly known

O(arms × dimensions²) a choice: the inverse is kept, and mended by each new x (Sherman & Morrison).
Source: Li, Chu, Langford & Schapire, "A Contextual-Bandit Approach to Personalized News Article
Recommendation" (LinUCB, disjoint), WWW 2010.
Page: docs/chapters/bandit.md
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chapters.sim.errors import at_least

ALPHA = 0.5


class LinUcb:
    """A linear model for each arm, with how sure it is."""

    def __init__(self, arms: int, dimensions: int, alpha: float = ALPHA) -> None:
        at_least(1, arms=arms, dimensions=dimensions)
        at_least(0, alpha=alpha)
        self._alpha = alpha
        self._inverse: NDArray[np.float64] = np.stack([np.eye(dimensions)] * arms)
        self._sums: NDArray[np.float64] = np.zeros((arms, dimensions))

    def choose(self, context: Sequence[float]) -> int:
        """Return the arm of the highest bound for such a viewer, the first of several."""
        x = np.asarray(context, dtype=np.float64)
        return int(np.argmax(self.bounds(x)))

    def bounds(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each arm what it could bring."""
        mean = np.einsum("aij,aj,i->a", self._inverse, self._sums, x)
        spread = np.sqrt(np.einsum("aij,i,j->a", self._inverse, x, x))
        found: NDArray[np.float64] = mean + self._alpha * spread
        return found

    def learn(self, arm: int, context: Sequence[float], reward: float) -> None:
        """Hear what came of it."""
        x = np.asarray(context, dtype=np.float64)
        turned = self._inverse[arm] @ x
        self._inverse[arm] -= np.outer(turned, turned) / (1 + x @ turned)
        self._sums[arm] += reward * x
