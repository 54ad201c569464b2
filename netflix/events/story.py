"""An evening's reports, some twice and some late: what is made of them, and how it was.

Page: docs/netflix/events.md
"""

from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from netflix.events.event import Event
from netflix.events.generated import Arrival, Weather, arrivals, evening
from netflix.events.plays import counted
from netflix.events.quality import Quality, quality
from netflix.events.sessions import Sessions, by_title, stitch
from netflix.events.windows import Windows


def gathered(arrived: list[Arrival]) -> Sessions:
    """Return the sessions that these arrivals are the reports of."""
    sessions = Sessions()
    for _, event in arrived:
        sessions.add(event)
    return sessions


def table(rows: list[Quality]) -> list[str]:
    """Return the quality as lines for a terminal."""
    lines = [
        "             sessions   never began   start p50   start p95   rebuffered   mean kbit/s"
    ]
    lines += [
        f"  {row.what:10} {row.sessions:8,}   {row.never_began:11.1%}   {row.start_p50_ms or 0:6} ms"
        f"   {row.start_p95_ms or 0:6} ms   {row.rebuffer_ratio:10.2%}   {row.mean_kbps:11,.0f}"
        for row in rows
    ]
    return lines


def demo(*, seed: int = 7, viewers: int = 400, repeated: float = 0.1, late: float = 0.1) -> None:
    """Make sessions of an evening's reports, ask how it was, and by which edge."""
    at_least(1, viewers=viewers)
    chance = Chance(seed)
    reports: list[Event] = evening(chance.stream("evening"), viewers, weak_edge="edge-3")
    arrived = arrivals(reports, chance.stream("weather"), Weather(repeated, late))
    sessions, windows = gathered(arrived), Windows()
    told = list(counted(arrived, windows))
    summaries = sessions.summaries()
    viewings = stitch(summaries)
    print(f"{len(arrived):,} arrivals, {sessions.repeated:,} of them repeated")
    print(f"{len(summaries):,} sessions, which are {len(viewings):,} viewings")
    corrections = sum(each.revision > 0 for each in told)
    print(f"{len(told)} hourly counts told, {corrections} of them corrections")
    print(f"most watched: {', '.join(f'{name} {n}' for name, n in list(by_title(viewings))[:3])}\n")
    print("\n".join(table([*quality(summaries), *quality(summaries, "edge")])))
