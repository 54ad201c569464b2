"""Which arm to pull next, when each pull costs and only the arm that was pulled tells anything?

    arm        a       b       c
    pulls    400      90      10
    rewards   41      12       1       a is known, b may be better, c hardly was tried

All policies balance the same: use what is known to be good, and try what may be better. Rewards are from
0 to 1. Invariant: every arm is tried; what was learnt is counts alone, so it can be stored, summed over
machines, and begun with.
Page: docs/chapters/bandit.md
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import log, sqrt
from random import Random

from chapters.errors import UsageError
from chapters.sim.errors import at_least


class Policy(ABC):
    """Chooses among `arms` arms, numbered from 0, and learns from what came of it."""

    def __init__(self, arms: int, *, rng: Random) -> None:
        at_least(1, arms=arms)
        self.rng = rng
        self.pulls = [0] * arms
        self.rewards = [0.0] * arms

    @abstractmethod
    def choose(self) -> int:
        """Return the arm to pull."""

    def learn(self, arm: int, reward: float) -> None:
        """Hear what came of a pull. Raises `UsageError` for a reward that is not from 0 to 1."""
        if not 0 <= reward <= 1:
            raise UsageError(f"reward is {reward:g}; it must be from 0 to 1")
        self.pulls[arm] += 1
        self.rewards[arm] += reward

    def means(self) -> list[float]:
        """Return each arm's mean reward; 0 for one that was never pulled."""
        return [got / max(1, count) for got, count in zip(self.rewards, self.pulls, strict=True)]


class Greedy(Policy):
    """Always the best so far, but with probability `epsilon` any: so it never stops paying."""

    def __init__(self, arms: int, epsilon: float = 0.1, *, rng: Random) -> None:
        super().__init__(arms, rng=rng)
        if not 0 <= epsilon <= 1:
            raise UsageError(f"epsilon is {epsilon:g}; it must be from 0 to 1")
        self._epsilon = epsilon

    def choose(self) -> int:
        """Return the best so far, or any."""
        if self.rng.random() < self._epsilon:
            return self.rng.randrange(len(self.pulls))
        return highest(self.means(), self.rng)


class Ucb(Policy):
    """The arm that could be the best: its mean, and as much more as its few pulls allow.

    mean + √(2 ln pulls of all / pulls of it). Source: Auer, Cesa-Bianchi & Fischer, "Finite-time Analysis
    of the Multiarmed Bandit Problem" (UCB1), 2002.
    """

    def choose(self) -> int:
        """Return the first arm never tried, else the one of the highest bound."""
        if 0 in self.pulls:
            return self.pulls.index(0)
        total = sum(self.pulls)
        bounds = [
            mean + sqrt(2 * log(total) / count)
            for mean, count in zip(self.means(), self.pulls, strict=True)
        ]
        return highest(bounds, self.rng)


class Thompson(Policy):
    """Each arm as often as it is likely to be the best: draw a guess for each, and believe the highest.

    What is known of an arm after s successes and f failures is Beta(1 + s, 1 + f). A reward between 0 and
    1 counts as so much of a success. Source: Thompson 1933; Chapelle & Li, "An Empirical Evaluation of
    Thompson Sampling", 2011.
    """

    def choose(self) -> int:
        """Return the arm whose guess is the highest."""
        return highest(self.guesses(), self.rng)

    def guesses(self) -> list[float]:
        """Draw for each arm how good it may be."""
        return [
            self.rng.betavariate(1 + got, 1 + count - got)
            for got, count in zip(self.rewards, self.pulls, strict=True)
        ]


def highest(values: Sequence[float], rng: Random) -> int:
    """Return the place of the highest value; of several, any."""
    most = max(values)
    return rng.choice([place for place, value in enumerate(values) if value == most])


POLICIES: dict[str, type[Policy]] = {"greedy": Greedy, "ucb": Ucb, "thompson": Thompson}


def named(name: str) -> type[Policy]:
    """Return the policy of that name. Raises `UsageError`."""
    if name not in POLICIES:
        raise UsageError(f"there is no policy {name!r}; there are {', '.join(POLICIES)}")
    return POLICIES[name]
