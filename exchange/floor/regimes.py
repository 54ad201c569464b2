"""Market regimes: the moods of a market, as data. A calm day, the opening, news, a crash.

    pace     12 ┤      ╷                     messages, against the mean of the cycle
              1 ┤──────┘╲______________      a curve over time: straight from point to point
              0 ┴──────┬──────────────┬─►
                     20 s            60 s    then it begins again

A regime says nothing about prices: it says how often people come, how hurried they are, how far from
the best price they queue, and how much they do what others do. What the price then does is a result.
Sources: intensity Hawkes 1971; distance Bouchaud, Mézard & Potters 2002; big orders that are cut into
pieces Lillo, Mike & Farmer 2005. Page: docs/exchange/regimes.md
"""

from dataclasses import dataclass, replace
from itertools import pairwise

from chapters.errors import UsageError

Curve = tuple[tuple[float, float], ...]  # (second of the cycle, value), in the order of time


def value_at(curve: Curve, at_s: float) -> float:
    """Return the curve's value at `at_s`: straight between its points, level outside of them."""
    before_s, before = curve[0]
    for point_s, value in curve:
        if at_s < point_s:
            share = (at_s - before_s) / (point_s - before_s) if point_s > before_s else 1.0
            return before + share * (value - before)
        before_s, before = point_s, value
    return before


def mean_of(curve: Curve, until_s: float) -> float:
    """Return the curve's mean from 0 to `until_s`, its last point at the latest."""
    points = [(0.0, value_at(curve, 0.0)), *curve, (until_s, value_at(curve, until_s))]
    area = sum(
        (right_s - left_s) * (left + right) / 2
        for (left_s, left), (right_s, right) in pairwise(points)
    )
    return area / until_s


STEADY: Curve = ((0.0, 1.0),)
NEITHER: Curve = ((0.0, 0.0),)


@dataclass(frozen=True, slots=True)
class Regime:
    """How people trade in one mood of a market."""

    title: str
    cycle_s: float = 60.0  # the curves repeat after it
    pace: Curve = STEADY  # how many messages, against the mean of the cycle
    lean: Curve = NEITHER  # of those in a hurry: 1 all buy, -1 all sell; the others take back
    marketable: float = 0.14  # share of new orders that are priced to trade
    cancels: float = 0.5  # share of messages, while as many wait as usual
    resting: int = 400  # orders that usually wait; with fewer, fewer are taken back
    reach: int = 6  # ticks: how far from the other side people queue, at the scale of ...
    distance: float = 1.1  # ... this power law; smaller: farther
    lots: float = 2.0  # exponent of how many times the usual size those in a hurry take
    slip: int = 10  # ticks through the best price that those in a hurry go at most
    excitement: float = 0.4  # messages that each message brings about, in the end; below 1
    memory_s: float = 0.5  # for how long it does
    herding: float = 0.6  # share of those in a hurry that are pieces of one big order
    pieces: float = 1.5  # exponent of how many pieces a big order is cut into
    fleeting: float = 0.0  # share of new orders that are taken back at once

    def pace_at(self, at_s: float) -> float:
        """Return messages at that second, against the mean; a cycle's mean is 1."""
        return value_at(self.pace, at_s % self.cycle_s) / mean_of(self.pace, self.cycle_s)

    def pace_max(self) -> float:
        """Return the greatest that `pace_at` becomes."""
        return max(value for _, value in self.pace) / mean_of(self.pace, self.cycle_s)

    def lean_at(self, at_s: float) -> float:
        """Return to which side those in a hurry lean at that second."""
        return value_at(self.lean, at_s % self.cycle_s)

    def within(self, seconds: float) -> "Regime":
        """Return the same regime with a cycle of so many seconds, so that all of it is seen."""
        factor = seconds / self.cycle_s
        pace, lean = (
            tuple((at_s * factor, value) for at_s, value in curve)
            for curve in (self.pace, self.lean)
        )
        return replace(self, cycle_s=seconds, pace=pace, lean=lean)


REGIMES = {
    "calm": Regime("a quiet noon"),
    "open": Regime(
        "the first minute: everybody at once, far apart, then less and less",
        pace=((0, 6), (10, 3), (30, 1), (60, 0.7)),
        marketable=0.2,
        reach=12,
        excitement=0.6,
    ),
    "news": Regime(
        "nothing much, then a headline: twelve times as many, and all want the same",
        pace=((0, 1), (20, 1), (20.2, 12), (30, 4), (45, 1.2), (60, 1)),
        lean=((0, 0), (20, 0), (20.2, 0.9), (28, 0.5), (40, -0.1), (50, 0)),
        marketable=0.2,
        lots=1.7,
        slip=30,
        excitement=0.7,
        memory_s=0.3,
    ),
    "trending": Regime(
        "somebody large buys all day, in small pieces",
        lean=((0, 0.55),),
        herding=0.8,
        pieces=1.3,
    ),
    "crash": Regime(
        "sellers frighten sellers, buyers step back; then the price is cheap",
        pace=((0, 1), (15, 1), (22, 10), (30, 8), (40, 3), (60, 1)),
        lean=((0, 0), (15, 0), (18, -0.85), (29, -0.9), (33, 0.6), (48, 0.1), (55, 0)),
        marketable=0.22,
        resting=300,
        lots=1.6,
        slip=60,
        excitement=0.8,
        memory_s=0.4,
        herding=0.75,
    ),
    "close": Regime(
        "more and more until the bell, and not a second later",
        pace=((0, 0.6), (30, 1), (52, 4), (59, 9), (60, 9)),
        marketable=0.2,
        excitement=0.5,
    ),
    "thin": Regime(
        "a share that hardly anybody trades: wide, shallow, and every order is felt",
        marketable=0.10,
        resting=60,
        reach=25,
        distance=0.9,
        slip=60,
        excitement=0.2,
    ),
    "stuffing": Regime(
        "quotes that nobody means: entered and taken back within a millisecond",
        pace=((0, 0.4), (8, 0.4), (8.1, 6), (12, 6), (12.1, 0.4), (20, 0.4)),
        cycle_s=20.0,
        marketable=0.05,
        fleeting=0.9,
        excitement=0.3,
        memory_s=0.05,
    ),
}


def regime_named(name: str) -> Regime:
    """Return the regime of that name. Raises `UsageError`, which says the names."""
    if (found := REGIMES.get(name)) is None:
        raise UsageError(f"--regime {name}: there is none; there are {', '.join(REGIMES)}")
    return found


def demo() -> None:
    """The regimes, and how busy each is over its cycle: every line begins at nothing."""
    from chapters.measure.plot import sparkline

    for name, regime in REGIMES.items():
        points = [regime.pace_at(regime.cycle_s * index / 40) for index in range(40)]
        line = sparkline(points, within=(0.0, max(points)))
        print(f"  {name:<9} {line}  peak {regime.pace_max():>4.1f}×   {regime.title}")
