"""Estimates of two weeks, made up from another seed than those on the page: how far off, how often kept.

Page: docs/zomato/speed.md
"""

from collections.abc import Callable, Iterator
from random import Random

from chapters.measure.findings import Figure, Finding
from zomato.eta.history import history
from zomato.eta.story import BEST, WARM_DAYS, compared

SEED = 11
DAYS, ORDERS = 14, 300
KEPT_LEAST, KEPT_MOST = 0.88, 0.92
SHARE_MOST = 0.6  # of the naive estimate's error


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield how good estimates are, beside a naive one and the best that are possible."""
    on_progress("estimates")
    days = WARM_DAYS + (4 if quick else DAYS)
    found = compared(history(Random(SEED), days=days, orders=ORDERS))
    ours, plain, best = (
        found.of(name) for name in ("learned, by kitchen", "distance / speed", BEST)
    )
    low, high = (None, None) if quick else (KEPT_LEAST, KEPT_MOST)
    yield Figure("eta: ranges that hold, of 90 % promised", ours.kept, least=low, most=high)
    share = ours.off_min / plain.off_min
    yield Figure("eta: error, of that of distance / speed", share, most=SHARE_MOST)
    yield Figure("eta: error", ours.off_min, "min")
    yield Figure("eta: error if all but luck were known", best.off_min, "min")
    yield Figure("eta: width of a range", ours.width_min, "min")
    yield Figure("eta: width if all but luck were known", best.width_min, "min")
