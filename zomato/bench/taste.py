"""Lists beside mere popularity and beside an oracle, on towns whose tastes a generator knows.

NDCG@10 of the last two weeks' orders, all towns together; what is foretold was seen by no model.
Page: docs/zomato/speed.md
"""

from collections.abc import Callable, Iterator

import numpy as np

from chapters.measure.findings import Figure, Finding
from chapters.sim.chance import derive
from zomato.recs.customers import world
from zomato.recs.judge import cut, gains, newcomers, scorers, slices
from zomato.recs.orders import Floats

SEEDS = range(5)
TO_POPULARITY, OF_ORACLE = 1.3, 0.8
MORNING = "Sunday morning"


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield how good lists are, against popularity and the oracle, on Sunday mornings, and if new."""
    found: dict[str, list[Floats]] = {}
    mornings: dict[str, list[Floats]] = {}
    new: dict[str, list[float]] = {}
    for seed in SEEDS[:1] if quick else SEEDS:
        on_progress(f"taste: town {seed}")
        made = world(np.random.default_rng(derive(seed, "customers")))
        test = cut(made).test
        for name, scorer in scorers(made).items():
            own = gains(scorer, made, test)
            found.setdefault(name, []).append(own)
            mornings.setdefault(name, []).append(own[slices(test)[MORNING]])
        for name, value in newcomers(made).items():
            new.setdefault(name, []).append(value)
    yield from _figures(found, mornings)
    share = sum(new["hour and place"]) / sum(new["popularity"])
    yield Figure("taste: NDCG@10 for somebody new, times popularity's", share, least=TO_POPULARITY)


def _figures(
    found: dict[str, list[Floats]], mornings: dict[str, list[Floats]]
) -> Iterator[Finding]:
    whole = {name: float(np.concatenate(each).mean()) for name, each in found.items()}
    early = {name: float(np.concatenate(each).mean()) for name, each in mornings.items()}
    ours, best = whole["all reasons"], whole["oracle"]
    name = "taste: NDCG@10"
    yield Figure(f"{name}, times popularity's", ours / whole["popularity"], least=TO_POPULARITY)
    yield Figure(f"{name}, times that of the hour and the place", ours / whole["hour and place"])
    yield Figure(f"{name}, of the oracle's", ours / best, least=OF_ORACLE)
    yield Figure(f"{name} without the hour, of the oracle's", whole["history, no hour"] / best)
    early_ours = early["all reasons"] / early["oracle"]
    early_none = early["history, no hour"] / early["oracle"]
    yield Figure(f"{name} on Sunday mornings, of the oracle's", early_ours)
    yield Figure(f"{name} there without the hour", early_none, most=early_ours)
