"""What a recommender is: it learns from histories, and scores items for a history.

    fit(users × items)          what goes together?
    scores(histories)           how well does each item fit each of these?        best ──► k items

A model is asked with a *history*, not with a user's number. So somebody new, or who has just watched
something, needs no model to be computed again.
Page: docs/chapters/recommend.md
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Scores = NDArray[np.float64]  # histories × items


class Recommender(Protocol):
    """A way to score items."""

    def fit(self, seen: csr_array) -> None:
        """Learn from users × items."""

    def scores(self, histories: csr_array) -> Scores:
        """Return how well each item fits each history; only the order of a row means something."""


def best(scores: Scores, histories: csr_array, count: int) -> NDArray[np.int64]:
    """Return for each history the `count` items of the highest score that are not in it, best first.

    Of equal scores the lower item number comes first. Rows have fewer than `count` columns if there are
    fewer items.
    """
    masked = scores.copy()
    masked[histories.nonzero()] = -np.inf
    return np.argsort(-masked, axis=1, kind="stable")[:, :count]
