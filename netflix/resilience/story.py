"""A service under twelve times the prefetch, before three kinds of gates.

Page: docs/netflix/resilience.md
"""

from chapters.errors import UsageError
from chapters.measure.plot import sparkline
from chapters.sim.errors import at_least
from netflix.resilience.shed import Priority
from netflix.resilience.surge import (
    LIMITS,
    PEOPLE_RATE,
    PREFETCH_RATE,
    SECONDS,
    SURGE_FROM_S,
    SURGE_TO_S,
    WAYS,
    WORKERS,
    Surge,
)

TITLE = "Resilience: play works, whatever does not"
TIMES_MAX = 40.0  # more takes the demonstration longer than anyone waits
SAID = {"none": "everybody", "limit": "a limit", "priorities": "people first"}


def demo(*, seed: int = 7, times: float = 12.0, limit: str = "vegas") -> None:
    """Let prefetch grow for twenty seconds, before everybody, a limit, and a limit with priorities."""
    at_least(1, times=times)
    if times > TIMES_MAX or limit not in LIMITS:
        known = ", ".join(LIMITS)
        raise UsageError(
            f"times is {times:g}, at most {TIMES_MAX:g}; limit is {limit!r}, of {known}"
        )
    print(
        f"{WORKERS} workers; people ask {PEOPLE_RATE:g} times a second, prefetch {PREFETCH_RATE:g} times,"
    )
    print(
        f"and from second {SURGE_FROM_S} to {SURGE_TO_S} prefetch asks {times:g} times as often.\n"
    )
    print(
        f"  let in        {'people answered within a second':{SECONDS}}   in the surge   prefetch   limit"
    )
    for way in WAYS:
        seen = Surge(way, seed=seed, times=times, limit=limit).run()
        people, prefetch = seen.counts[Priority.PLAY], seen.counts[Priority.PREFETCH]
        shares = [people.availability(second, second + 1) for second in range(SECONDS)]
        bars = sparkline(shares, within=(0, 1))
        surge = [each.availability(SURGE_FROM_S, SURGE_TO_S) for each in (people, prefetch)]
        held = f"{seen.limits[SURGE_TO_S - 1]}" if way != "none" else "–"
        print(f"  {SAID[way]:13} {bars}   {surge[0]:12.2%}   {surge[1]:8.2%}   {held:>5}")
