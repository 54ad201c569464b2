"""Reports that come twice, late and in disorder.

The yardstick is the same evening with every report once and in time. Page: docs/netflix/events.md
"""

from collections.abc import Iterable

from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from netflix.events.generated import Weather, arrivals, evening
from netflix.events.plays import counted
from netflix.events.quality import quality
from netflix.events.story import gathered
from netflix.events.windows import HOUR_MS, LATENESS_MS, Told, Windows


def late_events(
    *,
    seed: int = 7,
    viewers: int = 300,
    repeated: float = 0.3,
    late: float = 0.2,
    late_hours: float = 5.0,
) -> Outcome:
    """Deliver an evening's reports badly, and compare with the same evening delivered well."""
    at_least(1, viewers=viewers)
    chance = Chance(seed)
    reports = evening(chance.stream("evening"), viewers)
    weather = Weather(repeated, late, int(late_hours * HOUR_MS))
    good = arrivals(reports, chance.stream("good"), Weather(0, 0))
    bad = arrivals(reports, chance.stream("bad"), weather)
    clean, found, windows = gathered(good), gathered(bad), Windows()
    true = _latest(counted(good, Windows()))
    told = _latest(counted(bad, windows))
    starts = sum(true.values())
    in_their_hour = sum(min(count, true.get(place, 0)) for place, count in told.items())
    options = f"--viewers {viewers} --repeated {repeated:g} --late {late:g}"
    return Outcome(
        title=f"{len(reports):,} reports arrive {len(bad):,} times, up to {late_hours:g} h late",
        verdicts=(
            Verdict(
                "no report counts twice",
                clean.summaries() == found.summaries(),
                f"{found.repeated:,} came again",
            ),
            Verdict(
                "quality of experience is what it would have been",
                quality(clean.summaries()) == quality(found.summaries()),
                f"adding up what arrives gives {len(bad) / len(reports):.2f} times as much",
            ),
            Verdict(
                "every play is counted in its hour",
                in_their_hour == starts,
                f"{in_their_hour} of {starts}; {windows.too_late} came too late",
            ),
            Verdict(
                "none vanishes without being counted as too late",
                in_their_hour + windows.too_late == starts,
                f"{in_their_hour} + {windows.too_late} of {starts}",
            ),
        ),
        lines=(
            f"an hour is corrected until {LATENESS_MS // HOUR_MS} h after its end, then closed",
        ),
        next_commands=("kit break netflix late-events --late-hours 12", "kit run netflix/events"),
        replay=f"kit break netflix late-events {options} --late-hours {late_hours:g} --seed {seed}",
    )


def _latest(told: Iterable[Told]) -> dict[tuple[int, str], int]:
    """Return each hour's last word on each title."""
    return {(each.begin_ms, title): count for each in told for title, count in each.counts.items()}
