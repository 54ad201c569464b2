"""The curve that a surveillance desk lives on: how much is found, how many are accused for nothing.

Page: docs/exchange/surveillance.md
"""

from chapters.measure.plot import Axes, lines
from chapters.sim.promises import Series
from exchange.surveillance.alerts import KINDS
from exchange.surveillance.story import total, watched
from exchange.surveillance.watch import THRESHOLDS

TIMES = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0)  # of the threshold in use


def curve(seed: int = 7, markets: int = 4) -> str:
    """Return the SVG: each kind's false alarms against its recall, as the threshold falls."""
    found = list(watched(seed, markets, 12_000))
    drawn = []
    for kind in KINDS:
        judged = [total(kind, found, THRESHOLDS[kind] * times) for times in reversed(TIMES)]
        points = tuple((100 * one.recall, one.false / markets) for one in judged)
        drawn.append(Series(kind, "false alarms", points))
    axes = Axes("As the threshold falls", "cases found, %", "false alarms a market")
    return lines(axes, *drawn)
