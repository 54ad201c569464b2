"""Estimates judged by days that came after: never by a day that they have seen.

Page: docs/zomato/eta.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from statistics import NormalDist, fmean

from zomato.eta.delivery import Estimate
from zomato.eta.forecast import MISSED, Forecast
from zomato.eta.history import HANDING_OVER_MIN, Hidden, Lived
from zomato.eta.loss import kept, mean_error, mean_pinball

LUCKS = [NormalDist().inv_cdf((n + 0.5) / 25) for n in range(25)]  # of luck, evenly spread


@dataclass(frozen=True, slots=True)
class Verdict:
    """How good estimates of so many deliveries were."""

    deliveries: int
    off_min: float
    pinball: float  # mean of those at the low end, the middle and the high end
    kept: float  # share that came within its range
    width_min: float


def foretold(
    days: Sequence[Sequence[Lived]],
    first: int,
    forecast: Forecast,
) -> list[Estimate]:
    """Return an estimate of each order from day `first` on, each from the days before it alone."""
    found = []
    for number, day in enumerate(days):
        if number >= first:
            found += [forecast.estimate(each.delivery.asked) for each in day]
        forecast.learn([each.delivery for each in day])
    return found


def verdict(lived: Sequence[Lived], said: Sequence[Estimate], missed: float = MISSED) -> Verdict:
    """Return how good estimates were."""
    actual = [each.delivery.total_min for each in lived]
    low, likely, high = zip(*((e.low_min, e.likely_min, e.high_min) for e in said), strict=True)
    shares = ((low, missed / 2), (likely, 0.5), (high, 1 - missed / 2))
    return Verdict(
        len(actual),
        mean_error(actual, likely),
        fmean(mean_pinball(actual, guessed, share) for guessed, share in shares),
        kept(actual, low, high),
        fmean(b - a for a, b in zip(low, high, strict=True)),
    )


def best_possible(hidden: Hidden, missed: float = MISSED) -> Estimate:
    """Return the estimate of somebody who knows everything but luck."""
    cooked = [hidden.prepared_min * exp(hidden.prepared_luck * each) for each in LUCKS]
    ridden = [hidden.travelled_min * exp(hidden.travelled_luck * each) for each in LUCKS]
    sums = sorted(one + other + HANDING_OVER_MIN for one in cooked for other in ridden)
    low, high = (sums[int(len(sums) * share)] for share in (missed / 2, 1 - missed / 2))
    return Estimate(low, sums[len(sums) // 2], high)
