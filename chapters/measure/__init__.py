"""Measuring honestly: histograms, load that does not wait, ratios, plots and capacity models.

Page: docs/chapters/measure.md
"""

from chapters.measure.capacity import Input, Model, Row, Step, number_text
from chapters.measure.errors import BadModel, NothingMeasured
from chapters.measure.histogram import Histogram
from chapters.measure.load import EventLoad, Load, closed_loop, open_loop, poisson, steady
from chapters.measure.plot import Axes, bars, lines, sparkline, steps
from chapters.measure.ratio import Ratio, compare

__all__ = [
    "Histogram",
    "Load", "EventLoad", "open_loop", "closed_loop", "steady", "poisson",
    "Ratio", "compare",
    "Axes", "lines", "steps", "bars", "sparkline",
    "Model", "Input", "Step", "Row", "number_text",
    "BadModel", "NothingMeasured",
]  # fmt: skip
