"""A town cut into hexagons: six neighbours each, all as far away.

          ___
      ___/   \\___        q to the east, r to the north-east of that: two numbers name a hexagon;
     /   \\_0,1/   \\       the third, -q - r, makes the six directions alike
     \\-1,1/   \\_1,0/
     /   \\_0,0/   \\
     \\___/   \\___/
Squares have neighbours across edges and across corners, which are further away; hexagons have one kind.
Source: the axial and cube coordinates of Amit Patel, "Hexagonal Grids", 2013. Page: docs/zomato/surge.md
"""

from collections.abc import Iterator
from math import sqrt
from typing import NamedTuple

SIZE_M = 600.0  # from the middle of a hexagon to a corner: a rider crosses it in three minutes
DIRECTIONS = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))


class Hex(NamedTuple):
    """A hexagon, by its axial coordinates; corners point north and south. A tuple: quick as a key."""

    q: int
    r: int


def hex_at(x: float, y: float, size_m: float = SIZE_M) -> Hex:
    """Return the hexagon in which a place lies, in metres east and north. O(1)."""
    q, r = (x * sqrt(3) / 3 - y / 3) / size_m, y * 2 / 3 / size_m
    return rounded(q, r)


def rounded(q: float, r: float) -> Hex:
    """Return the hexagon of whose middle (q, r) is nearest.

    The three coordinates add up to 0, and rounded each by itself they may not: the one that was rounded
    furthest follows from the two others.
    """
    s = -q - r
    near_q, near_r, near_s = round(q), round(r), round(s)
    off_q, off_r, off_s = abs(near_q - q), abs(near_r - r), abs(near_s - s)
    if off_q > off_r and off_q > off_s:
        near_q = -near_r - near_s
    elif off_r > off_s:
        near_r = -near_q - near_s
    return Hex(near_q, near_r)


def middle(cell: Hex, size_m: float = SIZE_M) -> tuple[float, float]:
    """Return the place in the middle, in metres."""
    return size_m * sqrt(3) * (cell.q + cell.r / 2), size_m * 1.5 * cell.r


def neighbours(cell: Hex) -> list[Hex]:
    """Return the six around, counterclockwise from the east."""
    return [Hex(cell.q + q, cell.r + r) for q, r in DIRECTIONS]


def steps(one: Hex, other: Hex) -> int:
    """Return how many borders are crossed from one to the other, at least."""
    q, r = one.q - other.q, one.r - other.r
    return max(abs(q), abs(r), abs(q + r))


def disc(centre: Hex, radius: int) -> Iterator[Hex]:
    """Yield all hexagons within so many steps: 1, 7, 19, 37 …"""
    for q in range(-radius, radius + 1):
        for r in range(max(-radius, -q - radius), min(radius, -q + radius) + 1):
            yield Hex(centre.q + q, centre.r + r)
