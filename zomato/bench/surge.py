"""Prices of the same evenings: damped, beside one that is set at once and one that is fixed.

Page: docs/zomato/speed.md
"""

from collections.abc import Callable, Iterator
from statistics import mean

from chapters.measure.findings import Figure, Finding
from zomato.surge.prices import POLICIES
from zomato.surge.story import SINCE_MIN, evening
from zomato.surge.swing import Swing, swing

SEEDS = range(5)
SWING_MOST, UNSERVED_MOST = 0.5, 0.1


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield how far prices swing, how soon they settle, and how many get nothing."""
    found: dict[str, list[Swing]] = {name: [] for name in POLICIES}
    for seed in SEEDS[:1] if quick else SEEDS:
        for name, policy in POLICIES.items():
            on_progress(f"surge: evening {seed}, {name}")
            found[name].append(swing(evening(policy, seed=seed), SINCE_MIN))
    damped, naive, fixed = found["damped"], found["at-once"], found["fixed"]
    swung = mean(each.swing_bps for each in damped) / mean(each.swing_bps for each in naive)
    yield Figure("surge: swing of a damped price, of one at once", swung, most=SWING_MOST)
    for name, ways in (("damped", damped), ("at once", naive)):
        settled = sum(each.settled_min is not None for each in ways) / len(ways)
        yield Figure(f"surge: evenings on which a price settled, {name}", settled)
    late = [each.settled_min for each in damped if each.settled_min is not None]
    yield Figure("surge: settled after, damped, on average of those", mean(late or [0]), "min")
    served = sum(each.unserved for each in damped) / sum(each.unserved for each in fixed)
    name = "surge: customers who got nothing, of those at a fixed price"
    yield Figure(name, served, most=UNSERVED_MOST)
