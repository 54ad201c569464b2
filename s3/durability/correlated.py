"""What is left of the nines when disks fail together.

A shock strikes one zone, rack or batch. How many of a stripe's shards it takes depends on the
placement alone; what happens then is the chain's business again, which begins with so many missing:

    chance of loss a year  ≈  1 − exp(− (independent rate + Σ shocks a year · P(loss | shock)))

Spread over d domains, a struck one holds ⌊n/d⌋ or ⌈n/d⌉ of n shards. Blind, each shard is in it with
the chance 1/d, so now and then most of them are. All sums, no sampling; `monte_carlo` agrees.
Page: docs/s3/durability.md
"""

from collections.abc import Iterable
from functools import lru_cache
from math import expm1

from s3.durability.binomial import exactly
from s3.durability.domains import DOMAINS, SHOCKS, Placement, Shock
from s3.durability.markov import HOURS_A_YEAR, Stripe, loss_within, mean_hours_to_loss


def annual_loss_with_shocks(
    stripe: Stripe, placement: Placement, shocks: Iterable[Shock] = SHOCKS
) -> float:
    """Return the chance of losing the stripe in a year, with independent failures and shocks."""
    rate = HOURS_A_YEAR / mean_hours_to_loss(stripe)
    rate += sum(shock.a_year * loss_given(shock, stripe, placement) for shock in shocks)
    return -expm1(-rate)


def loss_given(shock: Shock, stripe: Stripe, placement: Placement) -> float:
    """Return the chance that one such shock, or the year after it, is the end of the stripe."""
    chances = killed_by(shock, stripe.shards, placement)
    return sum(chance * loss_after(stripe, killed) for killed, chance in enumerate(chances))


def killed_by(shock: Shock, shards: int, placement: Placement) -> list[float]:
    """Return the chance that one shock kills 0, 1, 2, ... of a stripe's shards."""
    domains = DOMAINS[shock.domain]
    if shock.domain not in placement.spreads:
        share = shock.kills / domains
        return [exactly(killed, shards, share) for killed in range(shards + 1)]
    held = [shards // domains + (number < shards % domains) for number in range(domains)]
    return [
        sum(exactly(killed, there, shock.kills) for there in held if killed <= there) / domains
        for killed in range(shards + 1)
    ]


@lru_cache(maxsize=4096)
def loss_after(stripe: Stripe, killed: int) -> float:
    """Return the chance of loss, within a year, of a stripe that has just had so many killed.

    Others may have been missing before: each with the share of its time that a disk is in repair.
    """
    if not killed:
        return 0.0  # the ordinary rate covers it
    others = stripe.shards - killed
    away = stripe.failures_an_hour * stripe.repair_hours
    share = away / (1 + away)
    return sum(
        exactly(missing, others, share) * loss_within(stripe, HOURS_A_YEAR, killed + missing)
        for missing in range(others + 1)
    )
