"""The evening of three prices, drawn.

Page: docs/zomato/surge.md
"""

from chapters.measure.plot import Axes, lines
from zomato.surge.damping import at_once, damped
from zomato.surge.story import evening, series


def evenings() -> str:
    """Return the SVG: the price in the middle of town, at once and damped."""
    axes = Axes("What a delivery costs in the middle of town", "minutes", "times the usual price")
    ways = {"at once": at_once, "damped": damped}
    return lines(axes, *(series(name, evening(way, seed=7)) for name, way in ways.items()))
