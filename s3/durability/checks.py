"""What the durability exercise checks: the chain's mean life and a year's loss, to nine digits.

Page: docs/s3/durability.md
"""

from collections.abc import Iterator
from math import isclose
from random import Random

from chapters.checking import JSON, Case, Stage
from s3.durability.markov import Stripe, annual_loss, loss_within, mean_hours_to_loss, nines

DIGITS = 1e-9  # relative: what a float has left after some hundred operations that do not cancel
CODES = ((1, 0), (1, 1), (1, 2), (4, 2), (6, 3), (10, 4), (17, 3))


def life(data: int, parity: int, afr: float, repair_hours: float, queued: bool) -> JSON:
    """Return the mean hours until the stripe is lost."""
    return mean_hours_to_loss(Stripe(data, parity, afr, repair_hours, queued))


def loss(data: int, parity: int, afr: float, repair_hours: float) -> JSON:
    """Return the chance of loss in a year."""
    return annual_loss(Stripe(data, parity, afr, repair_hours))


def outlook(data: int, parity: int, afr: float, repair_hours: float) -> JSON:
    """Return nines by the mean life, and the exact chances from each number of missing shards."""
    stripe = Stripe(data, parity, afr, repair_hours)
    exact = [loss_within(stripe, 1000.0, missing) for missing in range(parity + 1)]
    return [nines(annual_loss(stripe)), *exact]


def is_near(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether numbers agree to nine digits; a chance of 1e-15 has nine digits too."""
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(got) == len(expected)
            and all(is_near(args, *pair) for pair in zip(got, expected, strict=True))
        )
    numbers = isinstance(got, int | float) and isinstance(expected, int | float)
    return numbers and isclose(float(str(got)), float(str(expected)), rel_tol=DIGITS)


def _disks(rng: Random) -> tuple[float, float]:
    return round(rng.uniform(0.01, 0.05), 3), round(rng.uniform(10, 200), 1)


def without_parity(rng: Random) -> Iterator[Case]:
    """One failure is the end: a race of all disks, no repair in it."""
    for data in (1, 4, rng.randint(5, 30)):
        yield data, 0, *_disks(rng), False


def side_by_side(rng: Random) -> Iterator[Case]:
    """Each missing shard is rebuilt by itself."""
    for data, parity in CODES[1:]:
        yield data, parity, *_disks(rng), False


def one_at_a_time(rng: Random) -> Iterator[Case]:
    """Missing shards wait in line."""
    for data, parity in CODES[2:]:
        yield data, parity, *_disks(rng), True


def good_years(rng: Random) -> Iterator[Case]:
    """Chances down to 1e-16 and below: their digits must not be lost."""
    for data, parity in CODES[3:]:
        yield data, parity, *_disks(rng)
    yield 10, 4, 0.015, 24.0
    yield 10, 8, 0.01, round(rng.uniform(5, 10), 1)


def bad_years(rng: Random) -> Iterator[Case]:
    """Disks so bad that a year's chance is no small number."""
    for data, parity in CODES:
        yield data, parity, round(rng.uniform(0.8, 0.95), 3), round(rng.uniform(250, 350), 1)


STAGES = {
    "markov-durability": [
        Stage("without parity, the first failure is the end", without_parity, life, is_near),
        Stage("failures against repairs, side by side", side_by_side, life, is_near),
        Stage("one repair at a time", one_at_a_time, life, is_near, needs=(2,)),
        Stage("a year's chance, when it is tiny", good_years, loss, is_near, needs=(2,)),
        Stage("a year's chance, when it is not", bad_years, loss, is_near, needs=(2,)),
        Stage("nines, and the way there", bad_years, outlook, is_near, needs=(4, 5)),
    ],
}
