"""People answered in time through twelve times the prefetch: with priorities, with a limit, with neither.

Page: docs/netflix/shedding.md
"""

from collections.abc import Callable, Iterator

from chapters.measure.findings import Figure, Finding
from netflix.resilience.shed import Priority
from netflix.resilience.surge import SURGE_FROM_S, SURGE_TO_S, WAYS, Surge, Way

SEEDS = (1, 2, 3, 4, 5)
LEAST = 0.994
SAID = {"none": "without a gate", "limit": "with a limit only", "priorities": "with people first"}


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield the worst availability of all seeds, for each way."""
    for way in WAYS:
        on_progress(f"twelve times the prefetch, {SAID[way]}")
        worst = min(_availability(way, seed) for seed in (SEEDS[:1] if quick else SEEDS))
        name = f"people answered through 12 times the prefetch, {SAID[way]}"
        yield Figure(name, worst, least=LEAST if way == "priorities" else None)


def _availability(way: Way, seed: int) -> float:
    found = Surge(way, seed=seed).run()
    return found.counts[Priority.PLAY].availability(SURGE_FROM_S, SURGE_TO_S)
