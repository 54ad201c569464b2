"""How good is a list? By what came later, which the model has not seen.

    list       ●  ○  ●  ○  ○        ● was had later
    gain       1     1/log₂4        NDCG: the gains, by what the best possible list would have got
    recall     2 of 3

Invariant: a model is chosen by the validation part and judged by the test part, once. Whoever chooses by
what they are judged by measures their luck. Source: Järvelin & Kekäläinen, "Cumulated gain-based
evaluation", TOIS 2002.
Page: docs/chapters/recommend.md
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapters.recommend.errors import BadInteractions
from chapters.recommend.interactions import Interactions, split_by_time
from chapters.recommend.model import Recommender, best

COUNT = 10  # items on a list
TEST, VALIDATION = 0.2, 0.1

Make = Callable[[], Recommender]


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over users with something to foretell; `coverage`: the share of items that was on any list."""

    ndcg: float
    recall: float
    coverage: float


def ndcg(hits: NDArray[np.bool_], relevant: int) -> float:
    """Return the gain of one list, of which `hits` were right, by the most that could have been got."""
    gains = 1 / np.log2(np.arange(2, len(hits) + 2))
    return float(gains[hits].sum() / gains[: min(relevant, len(hits))].sum())


def evaluate(
    model: Recommender, earlier: Interactions, later: Interactions, count: int = COUNT
) -> Quality:
    """Return how well a model that has been fit foretells `later` from the histories in `earlier`.

    Raises `BadInteractions` when there is nothing to foretell.
    """
    histories, truth = earlier.matrix(), later.matrix()
    lists = best(model.scores(histories), histories, count)
    relevant = np.diff(truth.indptr)
    users = np.flatnonzero(relevant)
    if not len(users):
        raise BadInteractions("nobody has anything later: there is nothing to foretell")
    had = truth.toarray() > 0
    hits = np.take_along_axis(had, lists, axis=1)
    return Quality(
        ndcg=float(np.mean([ndcg(hits[user], int(relevant[user])) for user in users])),
        recall=float(np.mean(hits[users].sum(axis=1) / relevant[users])),
        coverage=len(np.unique(lists[users])) / earlier.item_count,
    )


def choose(candidates: Mapping[str, Make], data: Interactions, count: int = COUNT) -> str:
    """Return the name of the candidate that foretells the last part of `data` best."""
    earlier, later = split_by_time(data, VALIDATION)
    found = {}
    for name, make in candidates.items():
        model = make()
        model.fit(earlier.matrix())
        found[name] = evaluate(model, earlier, later, count).ndcg
    return max(found, key=lambda name: found[name])
