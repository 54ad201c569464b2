"""What the exercise on the heat map checks: a stretch of time, cut into the columns that it covers.

Page: docs/exchange/page.md
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from chapters.checking import JSON, Case, Stage
from exchange.floor.heat import COLUMN_NS, COLUMNS_MAX, HeatMap, shares
from exchange.market_data import DepthLevel

HUNDREDTH = COLUMN_NS // 100


def covered(since: int, until: int) -> JSON:
    """Return [column, share] pairs of a stretch that is given in hundredths of a column."""
    return [[number, share] for number, share in shares(since * HUNDREDTH, until * HUNDREDTH)]


def counted(since: int, until: int) -> JSON:
    """Return how many columns a long stretch gives, and which is the first."""
    found = shares(since * HUNDREDTH, until * HUNDREDTH)
    return [len(found), found[0][0] if found else None]


def heated(looks: list[list[int]]) -> JSON:
    """Return the lots of each column, after looks of [hundredth of a column, lots] at one price."""
    heat = HeatMap()
    for at, lots in looks:
        heat.look(at * HUNDREDTH, ([DepthLevel(1000, lots, 1)] if lots else [], []), [])
    return [[column.number, round(column.bids.get(1000, 0.0), 6)] for column in heat.columns]


def within(rng: Random) -> Iterator[Case]:
    yield 20, 70
    yield 0, 100
    begins = rng.randint(0, 50)
    yield 300 + begins, 300 + rng.randint(begins + 1, 99)


def across(rng: Random) -> Iterator[Case]:
    yield 80, 130
    yield 50, 350
    yield 100, 200
    begins = rng.randint(1, 99)
    yield begins, begins + rng.randint(150, 700)


def of_nothing(rng: Random) -> Iterator[Case]:
    yield 50, 50
    yield 200, 200


def overnight(rng: Random) -> Iterator[Case]:
    yield 50, 100 * COLUMNS_MAX + 50
    yield rng.randint(1, 99), 100 * rng.randint(3, 9) * COLUMNS_MAX


def flickering(rng: Random) -> Iterator[Case]:
    """A quote that is there for a hundredth of a column weighs a hundredth."""
    yield ([[0, 100], [50, 0], [51, 100], [150, 100]],)
    yield ([[0, 0], [99, 10_000], [100, 0], [200, 0]],)
    times = sorted(rng.sample(range(1, 600), 8))
    yield ([[at, rng.randint(0, 500)] for at in times],)


def explain(args: Case, got: JSON, expected: JSON) -> str:
    """Say which stretch it was."""
    since, until = args[0], args[1]
    return (
        f"from {since} to {until} hundredths of a column after column 0 begins\n"
        f"[column, share]  {got}\nexpected         {expected}"
    )


def explain_looks(args: Case, got: JSON, expected: JSON) -> str:
    """Say what was seen when."""
    given: Any = args[0]
    looks = ", ".join(f"{lots} lots from {at}" for at, lots in given)
    return f"{looks} (hundredths of a column)\n[column, lots]  {got}\nexpected        {expected}"


STAGES = {
    "heat-cells": [
        Stage("within one column", cases=within, drive=covered, explain=explain),
        Stage("across columns", cases=across, drive=covered, explain=explain),
        Stage("no time at all", cases=of_nothing, drive=covered, explain=explain),
        Stage("a market that slept", cases=overnight, drive=counted, explain=explain),
        Stage("quotes that flicker", cases=flickering, drive=heated, explain=explain_looks),
    ],
}
