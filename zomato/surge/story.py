"""Six times as many are hungry in one hexagon: a fixed price, one that answers at once, one that is damped.

Page: docs/zomato/surge.md
"""

from chapters.errors import UsageError
from chapters.measure.plot import sparkline
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.sim.promises import Series
from zomato.surge.city import City, Minute, wanted
from zomato.surge.damping import Terms
from zomato.surge.prices import POLICIES, Policy
from zomato.surge.pulse import ONE_BPS
from zomato.surge.swing import swing

TITLE = "Surge: a price that does not swing"
SINCE_MIN = 60
RIDERS = 800
MINUTES_MAX, RIDERS_MAX = 1_440, 3_000
MARK_MIN = 6  # of a sparkline's block


def evening(
    policy: Policy, *, seed: int, minutes: int = 360, times: float = 6, riders: int = RIDERS,
    terms: Terms | None = None,
) -> list[Minute]:  # fmt: skip
    """Return the minutes of an evening on which the middle wants `times` as much after an hour."""
    rng = Chance(seed).stream("city")
    city = City(policy, wanted(times, first=SINCE_MIN), rng=rng, riders=riders, terms=terms)
    return [city.step() for _ in range(minutes)]


def demo(
    *,
    seed: int = 7,
    minutes: int = 360,
    times: float = 6,
    riders: int = RIDERS,
    share: int = Terms().share_bps,
    gain: int = Terms().gain_bps,
    step: int = Terms().step_bps,
    band: int = Terms().band_bps,
    cap: int = Terms().cap_bps,
) -> None:
    """Let the same evening pass under three prices; the damped one's terms are in basis points."""
    at_least(SINCE_MIN + 120, minutes=minutes)
    at_least(1, riders=riders, times=times)
    if minutes > MINUTES_MAX or riders > RIDERS_MAX or times > 100:
        raise UsageError(
            f"{minutes} minutes, {riders} riders, {times:g} times; "
            f"at most {MINUTES_MAX:,}, {RIDERS_MAX:,} and 100"
        )
    terms = Terms(share_bps=share, gain_bps=gain, step_bps=step, band_bps=band, cap_bps=cap)
    print(f"{times:g} times the demand in one hexagon of 19, after an hour; {riders} riders\n")
    found = {
        name: evening(each, seed=seed, minutes=minutes, times=times, riders=riders, terms=terms)
        for name, each in POLICIES.items()
    }
    for name, passed in found.items():
        shown = [each.shown_bps / ONE_BPS for each in passed[::MARK_MIN]]
        print(f"  {name:8} {sparkline(shown, within=(1, cap / ONE_BPS))}  1 to {cap / ONE_BPS:g}")
    _figures(found)


def _figures(found: dict[str, list[Minute]]) -> None:
    print(
        "\n           mean price   swing   turns   settled after   ordered   unserved   thought again"
    )
    for name, passed in found.items():
        seen = swing(passed, SINCE_MIN)
        after = "never" if seen.settled_min is None else f"{seen.settled_min} min"
        print(
            f"  {name:8} {seen.mean_bps / ONE_BPS:10.2f} {seen.swing_bps / ONE_BPS:7.2f} {seen.turns:7}"
            f" {after:>15} {seen.placed:9,} {seen.unserved:10,} {seen.thought_again:15,}"
        )


def series(name: str, minutes: list[Minute]) -> Series:
    """Return the price of the middle hexagon as a line."""
    marks = range(0, len(minutes), MARK_MIN)
    points = tuple((float(each), minutes[each].shown_bps / ONE_BPS) for each in marks)
    return Series(name, "times the usual price", points)
