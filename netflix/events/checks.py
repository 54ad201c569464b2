"""What the exercises on events check: sessions stitched to viewings, and hours counted with stragglers.

Page: docs/netflix/events.md
"""

from collections.abc import Iterator
from dataclasses import astuple
from random import Random

from chapters.checking import JSON, Case, Stage
from netflix.events.sessions import Session, stitch
from netflix.events.windows import SKEW_MS, Windows

GAP_MS = 30_000
HOUR, DELAY, LATENESS = 1000, 50, 3000


def stitched(sessions: list[list[JSON]]) -> JSON:
    """Stitch sessions, given as [profile, title, begun_ms, ended_ms], with a gap of 30 s."""
    given = [_session(number, *each) for number, each in enumerate(sessions)]  # type: ignore[arg-type]
    return [list(astuple(viewing)) for viewing in stitch(given, GAP_MS)]


def _session(number: int, profile: str, title: str, begun_ms: int, ended_ms: int) -> Session:
    played = ended_ms - begun_ms
    return Session(f"s{number}", profile, title, "", begun_ms, ended_ms, 0, played, 0, 0, 0, 0)


def one_viewer(rng: Random) -> Iterator[Case]:
    for gap in (GAP_MS - 1, GAP_MS, GAP_MS + 1):
        begin = rng.randrange(1000)
        again = begin + 500 + gap
        yield ([["ada", "harbour", begin, begin + 500], ["ada", "harbour", again, again + 9]],)
    yield ([],)


def overlapping(rng: Random) -> Iterator[Case]:
    """Yield a long session with short ones inside it, then one soon after the long one's end."""
    for _ in range(3):
        inside = sorted(rng.sample(range(1_000, 400_000), 2))
        parts: list[JSON] = [["ada", "harbour", 0, 500_000]]
        parts += [["ada", "harbour", begin, begin + 100] for begin in inside]
        parts.append(["ada", "harbour", 500_000 + rng.randrange(GAP_MS), 600_000])
        yield (parts,)


def many_viewers(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        sessions: list[JSON] = []
        for _ in range(8):
            begin = rng.randrange(200_000)
            who, what = rng.choice("ab"), rng.choice(["harbour", "orbit"])
            sessions.append([who, what, begin, begin + rng.randrange(1, 40_000)])
        yield (sessions,)


def told(reports: list[list[JSON]]) -> JSON:
    """Count reports, given as [title, at_ms, now_ms], in windows of 1 s with a lateness of 3 s."""
    windows = Windows(HOUR, DELAY, LATENESS)
    found: list[JSON] = []
    for title, at_ms, now_ms in reports:
        for each in windows.add(title, at_ms, now_ms):  # type: ignore[arg-type]
            found.append([each.begin_ms, each.revision, each.counts])
    found += [[each.begin_ms, each.revision, each.counts] for each in windows.finish()]
    return {
        "told": found,
        "too late": windows.too_late,
        "from the future": windows.from_the_future,
    }


def in_time(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        times = sorted(rng.sample(range(4 * HOUR), 8))
        yield ([[rng.choice("xy"), at, at] for at in times],)
    yield ([["x", 0, 0], ["x", 10, HOUR + DELAY - 1], ["x", 1500, HOUR + DELAY]],)


def stragglers(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        at = rng.randrange(HOUR)
        late: list[JSON] = [["x", at, at], ["y", 2500, 2500], ["z", at, 2600], ["z", at, 2700]]
        yield (late,)


def too_late(rng: Random) -> Iterator[Case]:
    for now in (HOUR + LATENESS + DELAY - 1, HOUR + LATENESS + DELAY, 9 * HOUR):
        at = rng.randrange(HOUR)
        yield ([["x", at, at], ["y", now, now], ["z", at, now]],)


def from_tomorrow(rng: Random) -> Iterator[Case]:
    for ahead in (SKEW_MS, SKEW_MS + 1, 10 * SKEW_MS):
        now = rng.randrange(HOUR)
        yield ([["x", now + ahead, now], ["y", now, now]],)


STAGES: dict[str, list[Stage]] = {
    "session-stitching": [
        Stage("a short pause is the same viewing", one_viewer, stitched),
        Stage("sessions inside a longer one do not shorten it", overlapping, stitched),
        Stage("each viewer and title for itself", many_viewers, stitched, needs=(1,)),
    ],
    "late-events": [
        Stage("a window is told once, when the watermark has passed it", in_time, told),
        Stage("a straggler corrects its window", stragglers, told),
        Stage("beyond the lateness it is counted as too late", too_late, told, needs=(1,)),
        Stage("a report from the future is one of now", from_tomorrow, told, needs=(1,)),
    ],
}
