"""Is B better than A? A p-value that may be looked at whenever one likes.

    viewers      1,000   2,000   3,000 …
    usual p      .21     .04!    .09       looked at often enough it is below .05 sooner or later, by luck
    always-valid .90     .61     .55       below .05 in one of twenty tests of nothing, *ever*

With n viewers on each side, d the difference of their means and v the variance of d × √n:
    Λ = √(v / (v + n τ²)) × exp(n² τ² d² / (2 v (v + n τ²)))        p = min(p so far, 1 / Λ)
Λ is a mean over possible effects of how much better each explains what was seen than no effect does;
under no effect it is a martingale, and Ville's inequality bounds how often it ever exceeds 1 / α. The
variance is estimated, so this holds for large n. Sources: Robbins 1970; Johari, Koomen, Pekelis & Walsh,
"Peeking at A/B Tests", KDD 2017.
Page: docs/netflix/abtest.md
"""

from dataclasses import dataclass
from math import erfc, exp, sqrt
from random import Random

from chapters.errors import UsageError
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

TAU = 0.02  # about the effects that one hopes for: the size of the mixture
COUNT_MIN = 100  # on each side; before, the variance is not to be trusted
ALPHA = 0.05
VIEWERS_MAX = 3_000_000  # of all tests of a demonstration; more takes minutes
EXPONENT_MAX = 700.0  # of e; more is certain anyway


@dataclass(slots=True)
class Side:
    """One side of a test: viewers, and for how many it worked."""

    count: int = 0
    successes: int = 0

    def add(self, is_success: bool) -> None:
        """Count one viewer."""
        self.count += 1
        self.successes += is_success

    @property
    def mean(self) -> float:
        """Return the share for whom it worked; 0 before anybody came."""
        return self.successes / self.count if self.count else 0.0


class Experiment:
    """Two sides, and what may be said of their difference at any time."""

    def __init__(self, tau: float = TAU) -> None:
        if not tau > 0:
            raise UsageError(f"tau is {tau:g}; it must be above 0")
        self._tau = tau
        self.a, self.b = Side(), Side()
        self._p = 1.0

    @property
    def difference(self) -> float:
        """Return by how much B is above A."""
        return self.b.mean - self.a.mean

    def p_value(self) -> float:
        """Return the always-valid p-value: the smallest so far, at each time at which it was asked for."""
        self._p = min(self._p, 1 / self.evidence())
        return self._p

    def evidence(self) -> float:
        """Return Λ: how much better some effect explains what was seen than none; 1 before COUNT_MIN."""
        count, variance = min(self.a.count, self.b.count), self._variance()
        if count < COUNT_MIN or not variance:
            return 1.0
        spread = variance + count * self._tau**2
        exponent = count**2 * self._tau**2 * self.difference**2 / (2 * variance * spread)
        return sqrt(variance / spread) * exp(min(exponent, EXPONENT_MAX))

    def usual_p_value(self) -> float:
        """Return the p-value of a two-sided z-test: good for one look, at a time that was fixed before."""
        count, variance = min(self.a.count, self.b.count), self._variance()
        if count < COUNT_MIN or not variance:
            return 1.0
        return erfc(abs(self.difference) / sqrt(variance / count) / sqrt(2))

    def _variance(self) -> float:
        """The variance of one viewer of A and one of B together."""
        return sum(side.mean * (1 - side.mean) for side in (self.a, self.b))


def first_looks(
    rng: Random, a: float, b: float, viewers: int, every: int
) -> tuple[int | None, int | None]:
    """Return when each p-value first fell below ALPHA, of looks each `every` viewers: usual, always-valid.

    `a` and `b` are the chances of success of the two sides. None where it never did.
    """
    own, usual, valid = Experiment(), None, None
    for number in range(1, viewers + 1):
        own.a.add(rng.random() < a)
        own.b.add(rng.random() < b)
        if number % every == 0:
            usual = usual or (number if own.usual_p_value() < ALPHA else None)
            valid = valid or (number if own.p_value() < ALPHA else None)
    return usual, valid


def demo(
    *,
    seed: int = 7,
    a: float = 0.1,
    better: float = 0.02,
    viewers: int = 10_000,
    every: int = 100,
    tests: int = 100,
) -> None:
    """Look at tests of nothing, and at tests of something, again and again."""
    at_least(0, a=a, better=better)
    at_least(1, viewers=viewers, every=every, tests=tests)
    if a + better > 1 or viewers * tests > VIEWERS_MAX:
        raise UsageError(
            f"{a:g} + {better:g} and {tests} tests of {viewers}; at most 1, and {VIEWERS_MAX:,} viewers"
        )
    print(
        f"{tests} tests of {viewers:,} viewers a side, looked at every {every}; believed below {ALPHA:g}\n"
    )
    print(
        "                            usual p-value   always-valid   which ends, half of the time, after"
    )
    for name, b in (("of nothing", a), (f"of {better:g} more than {a:g}", a + better)):
        rng = Chance(seed).stream(name)
        found = [first_looks(rng, a, b, viewers, every) for _ in range(tests)]
        usual, valid = (
            sorted(each for each in column if each) for column in zip(*found, strict=True)
        )
        half = f"{valid[len(valid) // 2]:,} viewers" if valid else "–"
        print(f"  {name:24} {len(usual) / tests:15.0%} {len(valid) / tests:14.0%}   {half:>35}")
