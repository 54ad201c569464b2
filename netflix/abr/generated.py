"""Traces and a title made up, each for one thing that a line or a title can do to a rule.

    steady   ────────    square  ▀▄▀▄▀▄▀▄    collapse  ▀▀▀▀▀▄▄▄▀▀▀    markov  ▂▂▆▆▆█▆▂▁▁▂▆

Page: docs/netflix/abr.md
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from netflix.abr.rule import Ladder
from netflix.abr.trace import Period, Trace

LATENCY_S = 0.05
RUNGS_KBPS = (300, 750, 1500, 3000, 6000)
SEGMENT_S, SEGMENTS = 2.0, 120
SPREAD = 0.25  # of segments' sizes: the standard deviation of their logarithm
HIGH_KBPS, LOW_KBPS = 5000.0, 500.0
STATES_KBPS = (200, 800, 2000, 4500, 9000)
STAYS = 0.85  # how likely a state lasts another second
LENGTH_S = 300


def steady(kbps: float = 2500.0, latency_s: float = LATENCY_S) -> Trace:
    """Return a line that never changes."""
    return Trace([Period(60.0, kbps, latency_s)], "steady")


def square(high_kbps: float = HIGH_KBPS, low_kbps: float = LOW_KBPS, half_s: float = 15.0) -> Trace:
    """Return a line that changes between two rates for ever."""
    halves = [Period(half_s, kbps, LATENCY_S) for kbps in (high_kbps, low_kbps)]
    return Trace(halves, "square")


def collapse(
    kbps: float = HIGH_KBPS, after_s: float = 60.0, lasts_s: float = 40.0, left: float = 0.1
) -> Trace:
    """Return a good line of which only a part is `left` for a while; then it is good again for an hour."""
    return Trace(
        [
            Period(after_s, kbps, LATENCY_S),
            Period(lasts_s, kbps * left, LATENCY_S),
            Period(3600.0, kbps, LATENCY_S),
        ],
        "collapse",
    )


def markov(rng: Random, states_kbps: Sequence[float] = STATES_KBPS) -> Trace:
    """Return a line that wanders between neighbouring states, second by second, like one in a train."""
    state, periods = len(states_kbps) // 2, []
    for _ in range(LENGTH_S):
        if rng.random() >= STAYS:
            state = min(max(state + rng.choice((-1, 1)), 0), len(states_kbps) - 1)
        periods.append(Period(1.0, states_kbps[state] * rng.uniform(0.8, 1.2), LATENCY_S))
    return Trace(periods, "markov")


TRACES: Mapping[str, Callable[[Random], Trace]] = {
    "steady": lambda rng: steady(),
    "square": lambda rng: square(),
    "collapse": lambda rng: collapse(),
    "markov": markov,
}


def title(rng: Random, segments: int = SEGMENTS, spread: float = SPREAD) -> Ladder:
    """Return a title whose segments differ in size, busy scenes from calm ones, alike in all rungs."""
    busy = [rng.lognormvariate(0.0, spread) for _ in range(segments)]
    mean = sum(busy) / segments
    sizes = [[round(kbps * 1000 * SEGMENT_S * each / mean) for kbps in RUNGS_KBPS] for each in busy]
    return Ladder(SEGMENT_S, RUNGS_KBPS, sizes)
