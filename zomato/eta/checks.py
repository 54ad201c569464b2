"""What the exercises on estimates check: a loss that asks for a quantile, and ranges that are kept.

Page: docs/zomato/eta.md
"""

from collections.abc import Iterator, Sequence
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import UsageError
from zomato.eta.loss import pinball
from zomato.eta.margins import margins

ROUNDS = 200


def costs(actual: float, guessed: float, share: float) -> JSON:
    """Return what one guess costs."""
    return round(pinball(actual, guessed, share), 9)


def cheapest(actual: Sequence[float], share: float) -> JSON:
    """Return which of some minutes, always guessed, costs least in all."""
    return min(sorted(actual), key=lambda each: sum(pinball(one, each, share) for one in actual))


def between(scores: Sequence[float], missed: float) -> JSON:
    """Return the margins of some scores, or what is wrong with them."""
    try:
        return list(margins(scores, missed))
    except UsageError:
        return "refused"


def kept(seed: str, count: int, missed: float) -> JSON:
    """Return how many of 200 new scores fall between the margins of `count` others each."""
    rng, found = Random(seed), 0
    for _ in range(ROUNDS):
        low, high = margins([rng.expovariate(1) for _ in range(count)], missed)
        found += low <= rng.expovariate(1) <= high
    return found


def explain_kept(args: Case, got: JSON, expected: JSON) -> str:
    """Say how many it should have been."""
    return f"{got} of {ROUNDS} new ones fell between; by the right ranks {expected} do"


def by_hand(rng: Random) -> Iterator[Case]:
    yield 30, 20, 0.95
    yield 20, 30, 0.95
    yield 30, 20, 0.5
    yield 25, 25, 0.25
    yield rng.randint(21, 60), 20, 0.125
    yield 20, rng.randint(21, 60), 0.125


def quantiles(rng: Random) -> Iterator[Case]:
    yield [10, 20, 30, 40, 100], 0.5
    yield list(range(1, 21)), 0.93
    yield list(range(1, 21)), 0.07
    some: list[JSON] = [*rng.sample(range(100), 15)]
    yield some, 0.77


def ranked(rng: Random) -> Iterator[Case]:
    yield list(range(1, 20)), 0.1
    yield list(range(15, 0, -1)), 0.25
    yield [each**3 for each in range(-2, 9)], 0.5
    some: list[JSON] = [*rng.sample(range(1000), 31)]
    yield some, 0.125


def odd_counts(rng: Random) -> Iterator[Case]:
    yield list(range(1, 11)), 0.25
    yield list(range(1, 13)), 0.125
    some: list[JSON] = [*rng.sample(range(1000), rng.choice((17, 18, 20, 21)))]
    yield some, 0.25


def too_few(rng: Random) -> Iterator[Case]:
    yield [3, 1, 2], 0.125
    yield [rng.randint(1, 9)], 0.5
    yield [], 0.5


def promises(rng: Random) -> Iterator[Case]:
    yield f"{rng.random():.6f}", 15, 0.125
    yield f"{rng.random():.6f}", 7, 0.25


STAGES = {
    "pinball": [
        Stage("too few minutes cost the share, too many the rest of it", by_hand, costs),
        Stage("so the cheapest guess is the quantile", quantiles, cheapest),
    ],
    "calibration": [
        Stage("half of what may be missed on each side", ranked, between),
        Stage("between two ranks: the outer one", odd_counts, between),
        Stage("too few scores for so small a share, and none at all", too_few, between),
        Stage("new ones fall between as often as promised", promises, kept, explain=explain_kept),
    ],
}
