"""How often ranges do not hold, by how moody a kitchen is: with one width for all, and with one for each.

Page: docs/zomato/eta.md
"""

from random import Random

from chapters.measure.plot import Axes, lines
from chapters.sim.promises import Series
from zomato.eta.forecast import MISSED
from zomato.eta.history import KITCHENS, history
from zomato.eta.story import WARM_DAYS, Compared, compared

GROUP = 5  # kitchens that share a point
DAYS, ORDERS = 14, 300
SHOWN = {"learned, one width": "one width", "learned, by kitchen": "by kitchen"}


def moods() -> str:
    """Return the share of ranges that do not hold, from the steadiest kitchens to the moodiest, as SVG."""
    found = compared(history(Random(7), days=WARM_DAYS + DAYS, orders=ORDERS))
    axes = Axes("Ranges that do not hold, where 10 % may", "kitchens, from steady to moody", "%")
    ends = tuple((at, 100 * MISSED) for at in (GROUP / 2, KITCHENS - GROUP / 2))
    promised = Series("promised", "%", ends)
    return lines(axes, *(_series(found, name, label) for name, label in SHOWN.items()), promised)


def _series(found: Compared, name: str, label: str) -> Series:
    kitchens, points = found.by_mood(), []
    for first in range(0, KITCHENS, GROUP):
        group = frozenset(kitchens[first : first + GROUP])
        points.append((first + GROUP / 2, 100 - 100 * found.of(name, group).kept))
    return Series(label, "%", tuple(points))
