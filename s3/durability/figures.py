"""The drawing of the durability page: how the nines of a few codes depend on the time of a repair.

Page: docs/s3/durability.md
"""

from chapters.measure.plot import Axes, lines
from chapters.sim.promises import Series
from s3.durability.markov import Stripe, annual_loss, nines
from s3.durability.story import CODES

MONTH_HOURS = 720
HOURS = [10 ** (tenth / 10) for tenth in range(30, -1, -1)]  # six weeks to an hour


def repairs(afr: float = 0.015) -> str:
    """Draw nines against the speed of repair, one line a code."""
    axes = Axes(
        f"Independent failures, AFR {afr:.1%}",
        "repairs that would fit into a month, one after another",
        "nines a year",
        x_log=True,
    )
    return lines(axes, *(_line(data, parity, afr) for data, parity in CODES))


def _line(data: int, parity: int, afr: float) -> Series:
    points = tuple(
        (MONTH_HOURS / hours, nines(annual_loss(Stripe(data, parity, afr, hours))))
        for hours in HOURS
    )
    return Series(f"{data}+{parity}", "nines", points)
