"""One place of ten for who is new: else nobody orders there, so nothing is known, so it is never shown.

    1  Lotus Café          by all that is known
    2  Royal Bakery
    3  Blue Pizza  new     ◄── Thompson draws a guess for each that is new and delivers here
    …

When the model is learnt anew, whoever has KNOWN orders is new no more, and makes their way like all
others. Invariant: at most one place is taken; who is refused by all customers is shown less and less.
Page: docs/zomato/recs.md
"""

from collections.abc import Collection, Sequence
from random import Random

from chapters.bandit.policy import Thompson

PLACE = 2  # of the list, from 0: seen by most, and not the first
KNOWN = 20  # orders, from which on a restaurant is not new


class Newcomers:
    """The new restaurants, and what came of showing them."""

    def __init__(self, restaurants: Sequence[int], *, rng: Random) -> None:
        self._restaurants = list(restaurants)
        self._bandit = Thompson(max(1, len(restaurants)), rng=rng)

    def choose(self, delivering: Collection[int]) -> int | None:
        """Return the one to show, of those that deliver there; None without any."""
        guesses = self._bandit.guesses()
        there = [
            arm for arm, restaurant in enumerate(self._restaurants) if restaurant in delivering
        ]
        if not there:
            return None
        return self._restaurants[max(there, key=lambda arm: guesses[arm])]

    def learn(self, restaurant: int, is_ordered: bool) -> None:
        """Hear what came of showing it."""
        self._bandit.learn(self._restaurants.index(restaurant), float(is_ordered))

    def counts(self) -> dict[int, tuple[int, int]]:
        """Return how often each was shown, and how often ordered."""
        bandit = self._bandit
        told = zip(self._restaurants, bandit.pulls, bandit.rewards, strict=True)
        return {restaurant: (shown, int(got)) for restaurant, shown, got in told}


def with_new(listed: Sequence[int], new: int | None) -> list[int]:
    """Return a list with who is new at PLACE, and the last one gone; as it is without anybody new."""
    if new is None:
        return list(listed)
    kept = [each for each in listed if each != new]
    return [*kept[:PLACE], new, *kept[PLACE:]][: max(len(listed), 1)]
