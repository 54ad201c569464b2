"""A price belongs to a place, not to a hexagon: between two of them it goes over without a step.

    hexagon    1.0 │ 2.0                weights: 1 in the middle of a hexagon, falling to 0 at two sizes
    shown      1.0  1.2  1.5  1.8  2.0  from it; so nobody crosses the street to save money

Any place is nearer than two sizes to its own hexagon's middle and to some of the six around, and to no
others. So as somebody walks, weights come from 0 and go to 0, and the sum has no jump.
Page: docs/zomato/surge.md
"""

from collections.abc import Mapping
from math import dist

from zomato.surge.hexes import SIZE_M, Hex, hex_at, middle, neighbours
from zomato.surge.pulse import ONE_BPS

REACH = 2.0  # sizes from its middle to where a hexagon's price counts no more


def blended(prices: Mapping[Hex, int], x: float, y: float, size_m: float = SIZE_M) -> int:
    """Return the price at a place, in basis points; a hexagon that is not in `prices` costs 1."""
    own = hex_at(x, y, size_m)
    total = paid = 0.0
    for cell in (own, *neighbours(own)):
        away = dist((x, y), middle(cell, size_m)) / (REACH * size_m)
        weight = max(0.0, 1 - away) ** 2
        total += weight
        paid += weight * prices.get(cell, ONE_BPS)
    return round(paid / total)
