"""How wide a range has to be, by how wrong one was lately.

    scores of past guesses, sorted      │ . . . . . . . . . . . . . . . . . . . │
                                          5 %                            95 %
    a new one falls between those ranks as often as any other does: no assumption about its distribution

A score is the logarithm of actual / guessed, so that twice as long and half as long are as far. With n
scores a new one falls in each of n + 1 gaps alike; ranks are counted in those. Source: Vovk, Gammerman and
Shafer 2005 (conformal prediction); Lei and others 2018. Page: docs/zomato/eta.md
"""

from collections.abc import Sequence
from math import ceil, floor

from chapters.errors import UsageError


def margins(scores: Sequence[float], missed: float) -> tuple[float, float]:
    """Return between which scores the next one falls, but for a share of `missed`, half on each side.

    With too few scores for so small a share, the outermost ones. Raises `UsageError` without any.
    """
    if not scores:
        raise UsageError(
            "there are no scores yet; margins come from guesses that were wrong before"
        )
    ranked, gaps = sorted(scores), len(scores) + 1
    low = max(floor(gaps * missed / 2), 1)
    high = min(ceil(gaps * (1 - missed / 2)), len(ranked))
    return ranked[low - 1], ranked[high - 1]
