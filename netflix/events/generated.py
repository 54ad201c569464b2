"""An evening of viewers, made from a seed: what they report, and when it arrives.

    reports in the order of time ──► some twice, some late, in disorder ──► arrivals

Page: docs/netflix/events.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from netflix.events.event import Event
from netflix.events.windows import HOUR_MS

EVENING_MS = 1_767_290_400_000  # 1 January 2026, 18:00 UTC
EVENING_HOURS = 4
REPORT_MS = 20_000  # a report each 20 s of playing
TITLES = ("harbour", "northern", "kitchen", "orbit", "paper", "salt")
EDGES = ("edge-1", "edge-2", "edge-3", "edge-4")
RUNGS_KBPS = (230, 477, 991, 2056)
NEVER_BEGAN, MOVES_ON = 0.03, 0.15  # shares: gave up before the first frame; changes the device


@dataclass(frozen=True, slots=True)
class Weather:
    """What the network does to reports: shares of them, and how late the late ones are."""

    repeated: float = 0.1
    late: float = 0.1
    late_ms_max: int = 3 * HOUR_MS


Arrival = tuple[int, Event]  # (when it reaches us, what it says)


def evening(rng: Random, viewers: int, weak_edge: str = "") -> list[Event]:
    """Return all reports of an evening, in the order of time; `weak_edge` stalls its viewers."""
    reports: list[Event] = []
    for number in range(viewers):
        begin = EVENING_MS + rng.randrange(EVENING_HOURS * HOUR_MS - HOUR_MS)
        start = Event(f"s{number}-0", 0, "start", begin, f"viewer-{number}", _title(rng))
        reports += _session(rng, replace(start, edge=rng.choice(EDGES)), weak_edge)
        if rng.random() < MOVES_ON:
            later = reports[-1].at_ms + rng.randrange(60_000, 1_200_000)
            moved = replace(start, session=f"s{number}-1", at_ms=later, edge=rng.choice(EDGES))
            reports += _session(rng, moved, weak_edge)
    return sorted(reports, key=lambda each: (each.at_ms, each.session, each.number))


def _title(rng: Random) -> str:
    return rng.choices(TITLES, [1 / rank for rank in range(1, len(TITLES) + 1)])[0]


def _session(rng: Random, start: Event, weak_edge: str) -> Iterator[Event]:
    if rng.random() < NEVER_BEGAN:
        yield start
        return
    yield replace(start, waited_ms=int(rng.lognormvariate(6.3, 0.5)))
    is_weak = start.edge == weak_edge
    count = rng.randint(3, 90)
    for number in range(1, count + 1):
        stalled_ms = rng.randrange(500, 4_000) if rng.random() < (0.3 if is_weak else 0.01) else 0
        yield replace(
            start,
            number=number,
            kind="end" if number == count else "progress",
            at_ms=start.at_ms + number * REPORT_MS,
            kbps=rng.choice(RUNGS_KBPS[:2] if is_weak else RUNGS_KBPS[1:]),
            played_ms=REPORT_MS - stalled_ms,
            stalled_ms=stalled_ms,
            stalls=int(stalled_ms > 0),
        )


def arrivals(reports: Sequence[Event], rng: Random, weather: Weather) -> list[Arrival]:
    """Return the reports as they come in: each at least once, some twice, some hours late."""
    found: list[Arrival] = []
    for report in reports:
        for _ in range(1 + (rng.random() < weather.repeated)):
            is_late = rng.random() < weather.late
            delay = rng.randrange(weather.late_ms_max) if is_late else rng.randrange(3_000)
            found.append((report.at_ms + delay, report))
    return sorted(found, key=lambda each: (each[0], each[1].session, each[1].number))
