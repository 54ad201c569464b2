"""A supply blackout: half of the riders are not heard for ten minutes, and are there all the same.

Page: docs/zomato/breaking.md
"""

from dataclasses import replace
from statistics import mean

from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from zomato.surge.city import City, Minute, wanted
from zomato.surge.damping import Price, Terms, damped
from zomato.surge.prices import Policy
from zomato.surge.pulse import FORGOTTEN_S, ONE_BPS, Reading
from zomato.surge.story import RIDERS, series

FROM_MIN, MINUTES = 180, 300
TIMES, SINCE_MIN = 6, 60
AFTERWARDS_MIN = 30
MORE_BPS = 2_000  # than without a blackout, on average: luck has taken another way meanwhile


def trusting(price: Price, seen: Reading, terms: Terms) -> Price:
    """Return the damped price of somebody who takes who is silent for gone."""
    return damped(price, replace(seen, is_blind=False), terms)


def supply_blackout(*, seed: int = 7, minutes: int = 10) -> Outcome:
    """Let every second rider fall silent for some minutes; with, and without knowing that one is blind."""
    at_least(1, minutes=minutes)
    blind = _evening(damped, seed, minutes)
    naive = _evening(trusting, seed, minutes)
    lit = _evening(damped, seed, 0)
    rise, naive_rise = _rise(blind, minutes), _rise(naive, minutes)
    later = slice(FROM_MIN + minutes, FROM_MIN + minutes + AFTERWARDS_MIN)
    after, usual = (mean(each.shown_bps for each in way[later]) for way in (blind, lit))
    return Outcome(
        title=f"{minutes} minutes without a ping from every second rider; all of them are there",
        verdicts=(
            Verdict(
                "a price does not rise because nobody is heard",
                rise <= 0,
                f"by {rise / ONE_BPS:.2f}; taking them for gone it rises by {naive_rise / ONE_BPS:.2f}",
            ),
            Verdict(
                f"the {AFTERWARDS_MIN} minutes after it cost what they would have",
                after <= usual + MORE_BPS,
                f"{after / ONE_BPS:.2f}; on an evening without a blackout {usual / ONE_BPS:.2f}",
            ),
        ),
        lines=(
            "whoever is blind may lower a price, and not raise it: a true shortage waits meanwhile",
            f"after {FORGOTTEN_S // 60} minutes in silence a rider does count as gone",
        ),
        next_commands=("kit break zomato festival", "kit start zomato/surge-damping"),
        replay=f"kit break zomato supply-blackout --minutes {minutes} --seed {seed}",
        series=(series("blind, and knowing it", blind), series("taking them for gone ", naive)),
    )


def _evening(policy: Policy, seed: int, dark_min: int) -> list[Minute]:
    rate = wanted(TIMES, first=SINCE_MIN)
    city = City(policy, rate, rng=Chance(seed).stream("city"), riders=RIDERS)
    is_dark = range(FROM_MIN, FROM_MIN + dark_min)
    city.is_heard = lambda rider: city.now_min not in is_dark or rider.number % 2 == 0
    return [city.step() for _ in range(MINUTES)]


def _rise(minutes: list[Minute], dark_min: int) -> int:
    """By how much the price rose from just before the blackout to its highest within."""
    within = minutes[FROM_MIN : FROM_MIN + dark_min]
    return max(each.shown_bps for each in within) - minutes[FROM_MIN - 1].shown_bps
