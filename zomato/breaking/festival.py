"""A festival: within minutes three times as many want food in one hexagon, for four hours.

Page: docs/zomato/breaking.md
"""

from itertools import pairwise
from math import dist
from statistics import mean

from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from zomato.surge.city import CENTRE, City, wanted
from zomato.surge.damping import Terms, damped
from zomato.surge.hexes import middle, neighbours
from zomato.surge.prices import fixed
from zomato.surge.pulse import ONE_BPS
from zomato.surge.story import RIDERS, series
from zomato.surge.swing import swing

FROM_MIN, UNTIL_MIN, MINUTES = 60, 300, 420
USUAL, RAMP_MIN = 2.0, 5  # customers a minute in the middle before it begins, and how fast it grows
AFTER_MIN = 75  # after its end the price is the usual one again
STREET_M, STREET_BPS = 20.0, 300  # from door to door, and by how much a price may differ
SWING_BPS, SAME_BPS = 6_000, 2_000
TIMES_MAX = 20


def festival(*, seed: int = 7, times: float = 3) -> Outcome:
    """Let it begin, last and end; the same evening at a fixed price beside it."""
    at_least(1, times=times)
    rate = wanted(min(times, TIMES_MAX), usual=USUAL, first=FROM_MIN, end=UNTIL_MIN, ramp=RAMP_MIN)
    city, plain = (
        City(policy, rate, rng=Chance(seed).stream("city"), riders=RIDERS)
        for policy in (damped, fixed)
    )
    steepest = 0
    for _ in range(MINUTES):
        city.step()
        plain.step()
        steepest = max(steepest, across_streets(city))
    return Outcome(
        title=f"{times:g} times the demand in one hexagon within {RAMP_MIN} minutes, for four hours",
        verdicts=(_paid(city), *_calm(city, steepest), _served(city, plain), _over(city)),
        lines=("riders come for a price, but minutes later; so the price waits for them",),
        next_commands=("kit run zomato/surge", "kit start zomato/surge-damping"),
        replay=f"kit break zomato festival --times {times:g} --seed {seed}",
        series=(series("price in the middle", city.minutes),),
    )


def across_streets(city: City) -> int:
    """Return by how much the price differs at most between two doors on the border of the middle."""
    most = 0
    for cell in neighbours(CENTRE):
        (x, y), (there_x, there_y) = middle(CENTRE), middle(cell)
        share = 0.5 * STREET_M / dist((x, y), (there_x, there_y))
        one, other = (
            city.prices.at(x + at * (there_x - x), y + at * (there_y - y))
            for at in (0.5 - share, 0.5 + share)
        )
        most = max(most, abs(one - other))
    return most


def _paid(city: City) -> Verdict:
    bought = [each for each in city.paid if each.fee_paise >= 0]
    kept = sum(each.fee_paise == each.quote.fee_paise for each in bought)
    said = f"{kept:,} of {len(bought):,} orders"
    return Verdict("everybody pays what they were shown", kept == len(bought), said)


def _calm(city: City, steepest: int) -> tuple[Verdict, ...]:
    steps = [abs(b.shown_bps - a.shown_bps) for a, b in pairwise(city.minutes)]
    seen = swing(city.minutes[:UNTIL_MIN], FROM_MIN)
    return (
        Verdict(
            "no price jumps",
            max(steps) <= Terms().step_bps,
            f"by {max(steps) / ONE_BPS:.3f} a minute at most",
        ),
        Verdict(
            f"nobody crosses a street of {STREET_M:g} m for it",
            steepest <= STREET_BPS,
            f"{steepest / ONE_BPS:.3f} between two sides at most",
        ),
        Verdict(
            "it does not swing",
            seen.swing_bps <= SWING_BPS,
            f"{seen.swing_bps / ONE_BPS:.2f} from lowest to highest in its last two hours",
        ),
    )


def _served(city: City, plain: City) -> Verdict:
    own, other = (sum(each.given_up for each in town.minutes) for town in (city, plain))
    promise = "fewer get nothing than at a fixed price"
    return Verdict(promise, own < other or not other, f"{own:,}; at a fixed price {other:,}")


def _over(city: City) -> Verdict:
    before = mean(each.shown_bps for each in city.minutes[:FROM_MIN])
    after = mean(each.shown_bps for each in city.minutes[UNTIL_MIN + AFTER_MIN :])
    return Verdict(
        f"{AFTER_MIN} minutes after its end the price is over it, too",
        after <= before + SAME_BPS,
        f"{after / ONE_BPS:.2f} on average; {before / ONE_BPS:.2f} before it",
    )
