"""People and titles made from a seed, whose tastes the generator knows: so there is a best possible list.

    appeal(user, item) = popularity of the item + taste · kind     softmax over what is left: the next

New items appear all the time, and people come back to what is new: a temporal split is harder here too.
Page: docs/chapters/recommend.md
"""

from dataclasses import dataclass

import numpy as np

from chapters.recommend.interactions import Interactions
from chapters.recommend.model import Scores
from chapters.sim.errors import at_least

KINDS = 6  # what tastes are about
STRENGTH = 2.5  # how much taste matters beside popularity
NEWS = 1.0  # what an item is worth more on the day on which it appears


@dataclass(frozen=True, slots=True)
class World:
    """What happened, what each user thinks of each item (the oracle's scores), and what items are like."""

    data: Interactions
    appeal: Scores
    kinds: Scores  # items × KINDS


def world(rng: np.random.Generator, users: int, items: int, each: int) -> World:
    """Return a world in which every user has had `each` items. Raises `UsageError`."""
    at_least(2, users=users, each=each)
    at_least(2 * each, items=items)
    tastes = rng.standard_normal((users, KINDS))
    kinds = rng.standard_normal((items, KINDS)) / np.sqrt(KINDS)
    popularity = -0.9 * np.log(np.arange(1, items + 1))[rng.permutation(items)]
    appears = np.where(rng.random(items) < 0.7, 0.0, rng.random(items))
    appeal = STRENGTH * tastes @ kinds.T + popularity
    rows = []
    for user in range(users):
        left = np.ones(items, dtype=np.bool_)
        for time in np.sort(rng.random(each)):
            news = NEWS * np.exp(-20 * np.abs(time - appears)) * (appears > 0)
            worth = np.where(left & (appears <= time), appeal[user] + news, -np.inf)
            item = int(np.argmax(worth + rng.gumbel(size=items)))
            left[item] = False
            rows.append((int(time * 1e6), user, item))
    times, own, what = (
        np.array(column, dtype=np.int64) for column in zip(*sorted(rows), strict=True)
    )
    return World(Interactions(own, what, times, users, items), appeal, kinds)


class Oracle:
    """Knows everybody's taste: what no model can do better than, but for luck."""

    def __init__(self, appeal: Scores) -> None:
        self._appeal = appeal

    def fit(self, seen: object) -> None:
        """Learn nothing: it knows."""

    def scores(self, histories: object) -> Scores:
        """Return what each user thinks of each item."""
        return self._appeal
