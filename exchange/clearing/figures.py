"""What netting saves, drawn: deliveries of a day's trades, one by one, by pairs, and by the house.

Page: docs/exchange/clearing.md
"""

from chapters.measure.plot import Axes, lines
from chapters.sim.promises import Series
from exchange.clearing.netting import deliveries
from exchange.day import live

SHARES = (1, 2, 4, 8, 16, 32, 64, 100)  # of the day's trades, in percent


def saved(seed: int = 7) -> str:
    """Return the SVG: how many deliveries the first trades of a day take."""
    executions = live(seed=seed).executions
    counts = [len(executions) * share // 100 for share in SHARES]
    found = [deliveries(executions[:count]) for count in counts]
    names = ("trade by trade", "netted by pairs", "netted by the house")
    drawn = (
        Series(name, "deliveries", tuple((float(each[0]), float(each[way])) for each in found))
        for way, name in enumerate(names)
    )
    return lines(
        Axes("A day's trades, and the deliveries that they take", "trades", "deliveries"), *drawn
    )
