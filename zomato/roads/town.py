"""A city that is made up: a grid of streets and avenues, ring roads, one-way streets, a river, few bridges.

    ┌─┬─┬─╥─┬─┐   ║ avenue   ─ street, some of them one-way, some missing
    ├─┼─┼─╫─┼─┤
    ~~~~~~╫~~~~   river: only avenues cross it, and not all
    ├─┼─┼─╫─┼─┤   around the middle: rings, quick, with a ramp now and then

What cannot be reached or left is taken away at the end, so every pair of junctions has a way.
Page: docs/zomato/roads.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, hypot, isqrt, pi, sin
from random import Random

from chapters.sim.errors import at_least
from zomato.roads.graph import Arc, Graph
from zomato.roads.parts import largest

BLOCK_M = 120.0  # from street to street
SHIFT_M = 30.0  # junctions are off the grid by up to so much
AVENUE_EVERY, BRIDGE_EVERY = 7, 21  # streets
MISSING, ONE_WAY = 0.12, 0.35  # shares of streets
RIVER_M = 170.0  # wide
RING_SHARES = (0.3, 0.6, 0.9)  # radius, of half the city
RING_STEP_M = 350.0
STREET, AVENUE, RING = 8.3, 13.9, 22.2  # metres a second: 30, 50, 80 km/h
SLOWER_MOST = 1.35  # lights and parked cars: each arc takes up to so many times as long


@dataclass(frozen=True, slots=True)
class Plan:
    """A square of `side` junctions each way, with its middle at 0, 0; a river of a certain course."""

    side: int
    river_m: float  # how far north or south of the middle, in the west
    swing_m: float

    @property
    def half_m(self) -> float:
        """Return how far the rim is from the middle."""
        return self.side * BLOCK_M / 2

    def bank(self, x: float, y: float) -> int:
        """Return which side of the river a place is on: north 1, south -1, or 0 in the water."""
        north_m = y - self.river_m - self.swing_m * sin(3 * x / self.half_m)
        return 0 if abs(north_m) < RIVER_M / 2 else 1 if north_m > 0 else -1


def town(rng: Random, nodes: int = 2_000) -> Graph:
    """Return a city of about so many junctions around 0, 0; each is reached from each other one."""
    plan = planned(rng, nodes)
    spots = [_spot(rng, plan, node) for node in range(plan.side**2)]
    arcs = list(_streets(rng, plan, spots))
    for number, share in enumerate(RING_SHARES):
        arcs += _ring(rng, plan, spots, share * plan.half_m, f"Ring {number + 1}")
    return largest(Graph(spots, arcs))


def planned(rng: Random, nodes: int) -> Plan:
    """Return how large a city of about so many junctions is, and where its river runs."""
    at_least(100, nodes=nodes)
    side = isqrt(nodes) + 1
    half = side * BLOCK_M / 2
    return Plan(side, rng.uniform(-0.3, 0.3) * half, rng.uniform(0.1, 0.2) * half)


def _spot(rng: Random, plan: Plan, node: int) -> tuple[float, float]:
    row, column = divmod(node, plan.side)
    x, y = column * BLOCK_M - plan.half_m, row * BLOCK_M - plan.half_m
    return x + rng.uniform(-SHIFT_M, SHIFT_M), y + rng.uniform(-SHIFT_M, SHIFT_M)


def _streets(rng: Random, plan: Plan, spots: list[tuple[float, float]]) -> Iterator[Arc]:
    """The arcs of the grid: streets along rows, then along columns."""
    for is_row in (True, False):
        for number in range(plan.side):
            is_avenue = number % AVENUE_EVERY == AVENUE_EVERY // 2
            is_bridge = not is_row and number % BRIDGE_EVERY == BRIDGE_EVERY // 2
            is_one_way = not is_avenue and rng.random() < ONE_WAY
            name = f"{'Avenue' if is_avenue else 'Street'} {'NE'[is_row]}{number + 1}"
            for tail, head in _blocks(plan, number, is_row):
                banks = {plan.bank(*spots[tail]), plan.bank(*spots[head])}
                is_wet = 0 in banks or len(banks) > 1
                is_missing = not is_avenue and rng.random() < MISSING
                if not is_missing and (is_bridge or not is_wet):
                    speed = AVENUE if is_avenue else STREET
                    yield from _arcs(rng, spots, (tail, head), speed, name, is_one_way)


def _blocks(plan: Plan, number: int, is_row: bool) -> Iterator[tuple[int, int]]:
    """The stretches of a street from corner to corner; the next street runs the other way."""
    start, step = (number * plan.side, 1) if is_row else (number, plan.side)
    for at in range(start, start + step * (plan.side - 1), step):
        yield (at, at + step) if number % 2 else (at + step, at)


def _ring(
    rng: Random, plan: Plan, spots: list[tuple[float, float]], radius: float, name: str
) -> Iterator[Arc]:
    """A ring road; each of its junctions has a ramp to the nearest corner of the grid."""
    count, first = max(8, round(2 * pi * radius / RING_STEP_M)), len(spots)
    for number in range(count):
        angle = 2 * pi * number / count
        spots.append((radius * cos(angle), radius * sin(angle)))
    for number in range(count):
        here, there = first + number, first + (number + 1) % count
        yield from _arcs(rng, spots, (here, there), RING, name, False)
        row, column = (round((each + plan.half_m) / BLOCK_M) for each in reversed(spots[here]))
        corner = min(row, plan.side - 1) * plan.side + min(column, plan.side - 1)
        yield from _arcs(rng, spots, (here, corner), STREET, "Ramp", False)


def _arcs(
    rng: Random,
    spots: list[tuple[float, float]],
    ends: tuple[int, int],
    speed: float,
    name: str,
    is_one_way: bool,
) -> Iterator[Arc]:
    tail, head = ends
    (a, b), (x, y) = spots[tail], spots[head]
    quickest_ms = 1000 * hypot(a - x, b - y) / speed
    yield Arc(tail, head, max(1, round(quickest_ms * rng.uniform(1, SLOWER_MOST))), name)
    if not is_one_way:
        yield Arc(head, tail, max(1, round(quickest_ms * rng.uniform(1, SLOWER_MOST))), name)
