"""What a regime's market is like, measured: spread, cancels, bursts, the memory of signs, fat tails.

    one crowd ──► the engine ──► every second: messages, trades, spread, the middle price

A generated market is worth as much as the facts that it shares with real ones, so they are measured and
not meant. Source for which facts: Cont 2001, "Empirical properties of asset returns".
Cost: one pass; what is kept grows with the seconds. Page: docs/exchange/regimes.md
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from chapters.sim.clock import S
from exchange.floor.crowd import Flow
from exchange.floor.pit import Pit
from exchange.floor.regimes import REGIMES, regime_named
from exchange.orders import Cancel, Filled, New

LOOKS_PER_S = 1  # at the price: returns are from look to look
LAG_FAR = 10  # trades: how far the memory of signs is asked for


class Facts(NamedTuple):
    """A market in figures."""

    messages: int
    cancels: float  # share of all messages
    orders_per_trade: float  # messages for each one that traded
    spread: float  # ticks, the mean over time
    busiest: float  # the busiest second against the mean one
    burst: float  # variance of messages a second over their mean: 1 when independent (Poisson)
    sign_next: float  # autocorrelation of the takers' sides: one trade later
    sign_far: float  # and LAG_FAR trades later
    kurtosis: float  # excess of returns: 0 for a normal distribution, above it for fat tails
    swing: float  # highest middle price against the lowest, in percent


class _Look(NamedTuple):
    """The market at one moment."""

    middle: float
    spread: int


def facts(flow: Flow, seconds: int) -> Facts:
    """Return what a crowd's market is like over so many seconds after its warm-up."""
    pit = Pit(flow)
    counts, cancels, trading = [0] * seconds, 0, 0
    signs: list[int] = []
    looks: list[_Look] = []
    pit.run(0)
    for step in range(1, seconds * LOOKS_PER_S + 1):
        for command, events in pit.until(step * S // LOOKS_PER_S):
            counts[(step - 1) // LOOKS_PER_S] += 1
            cancels += isinstance(command, Cancel)
            fills = sum(isinstance(event, Filled) for event in events)
            trading += bool(fills)
            if fills and isinstance(command, New):
                signs.append(int(command.side))
        if (look := _look(pit)) is not None:
            looks.append(look)
    return _summed(counts, cancels, trading, signs, looks)


def _look(pit: Pit) -> _Look | None:
    bid, ask = pit.book.bids.best(), pit.book.asks.best()
    if bid is None or ask is None:
        return None
    return _Look((bid.price + ask.price) / 2, ask.price - bid.price)


def _summed(
    counts: list[int], cancels: int, trading: int, signs: list[int], looks: list[_Look]
) -> Facts:
    messages, mean = sum(counts), fmean(counts)
    middles = [look.middle for look in looks]
    returns = [right - left for left, right in pairwise(middles)]
    return Facts(
        messages=messages,
        cancels=cancels / messages,
        orders_per_trade=messages / max(1, trading),
        spread=fmean(look.spread for look in looks),
        busiest=max(counts) / mean,
        burst=fmean((count - mean) ** 2 for count in counts) / mean,
        sign_next=autocorrelation(signs, 1),
        sign_far=autocorrelation(signs, LAG_FAR),
        kurtosis=kurtosis(returns),
        swing=100 * (max(middles) / min(middles) - 1),
    )


def autocorrelation(values: Sequence[float], lag: int) -> float:
    """Return how alike values are that are `lag` apart: 1 the same, 0 unrelated, -1 opposite."""
    mean = fmean(values)
    spread = sum((value - mean) ** 2 for value in values)
    pairs = zip(values, values[lag:], strict=False)
    return sum((left - mean) * (right - mean) for left, right in pairs) / spread if spread else 0.0


def kurtosis(values: Sequence[float]) -> float:
    """Return the excess kurtosis: 0 for a normal distribution, above it when extremes are frequent."""
    mean = fmean(values)
    second = fmean((value - mean) ** 2 for value in values)
    return fmean((value - mean) ** 4 for value in values) / second**2 - 3 if second else 0.0


def demo(*, seed: int = 7, per_second: float = 100, seconds: int = 120, regime: str = "") -> None:
    """Measure every regime's market, or one."""
    heads = ("cancels", "msg/trade", "spread", "busiest", "burst", "sign+1", "sign+10", "kurtosis")
    print(f"  {'':<9}" + "".join(f"{head:>10}" for head in (*heads, "swing %")))
    for name in [regime] if regime else REGIMES:
        found = facts(Flow(regime_named(name), seed, per_second), seconds)
        print(f"  {name:<9}" + "".join(f"{figure:>10.2f}" for figure in found[1:]))
