"""A second opinion: Backblaze's published formula, which counts failures in one repair time.

Cut the year into pieces as long as a repair. In a piece, each disk fails with a chance f, and data is
lost if more than `parity` of them do; so many pieces make a year. Failures on two sides of an edge are
not counted together, though they may be an hour apart. So for good disks it finds `parity` + 1 times
fewer losses than the chain, which looks at any moment: half a nine or so. That is how much to make of
the digits after the point.
Source: Backblaze, github.com/Backblaze/erasure-coding-durability (2018). Page: docs/s3/durability.md
"""

from math import comb, expm1, log1p

from s3.durability.markov import HOURS_A_YEAR, Stripe


def annual_loss_by_pieces(stripe: Stripe) -> float:
    """Return the chance of losing the stripe in a year, by pieces of one repair time each.

    `afr` is taken as a rate here, as Backblaze does: a disk fails in a piece with 1 − exp(−afr · piece).
    """
    piece_years = stripe.repair_hours / HOURS_A_YEAR
    in_a_piece = more_than(stripe.parity, stripe.shards, -expm1(-stripe.afr * piece_years))
    return -expm1(log1p(-in_a_piece) / piece_years)


def exactly(count: int, of: int, chance: float) -> float:
    """Return the chance that `count` of so many happen, each independently with `chance`."""
    return comb(of, count) * chance**count * (1 - chance) ** (of - count)


def more_than(count: int, of: int, chance: float) -> float:
    """Return the chance that more than `count` happen: summed from the tail, so nothing cancels."""
    return sum(exactly(each, of, chance) for each in range(of, count, -1))
