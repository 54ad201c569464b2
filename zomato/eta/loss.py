"""How good estimates were: of the middle, of a promised share, and of a range.

Page: docs/zomato/eta.md
"""

from collections.abc import Sequence
from statistics import fmean


def pinball(actual: float, guessed: float, share: float) -> float:
    """Return what a guess costs that is to be enough in so large a `share` of cases.

    A minute too few costs `share`, one too many 1 - `share`. Whoever keeps the sum of it small guesses
    the quantile: for 0.5 the median, for 0.95 minutes that are enough nineteen times in twenty.
    Source: Koenker and Bassett 1978.
    """
    missing = actual - guessed
    return share * missing if missing >= 0 else (share - 1) * missing


def mean_pinball(actual: Sequence[float], guessed: Sequence[float], share: float) -> float:
    """Return the mean of it."""
    return fmean(pinball(*pair, share) for pair in zip(actual, guessed, strict=True))


def mean_error(actual: Sequence[float], guessed: Sequence[float]) -> float:
    """Return by how much guesses are off, on average, whichever way."""
    return fmean(abs(one - other) for one, other in zip(actual, guessed, strict=True))


def kept(actual: Sequence[float], low: Sequence[float], high: Sequence[float]) -> float:
    """Return the share that came within its range."""
    return fmean(a <= x <= b for x, a, b in zip(actual, low, high, strict=True))
