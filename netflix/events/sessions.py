"""Reports become sessions, and sessions become viewings.

    reports    ─ ─ ─ ─ ─            ─ ─ ─                 ─ ─ ─ ─
    sessions   [ phone ]            [ television ]        [ television ]
                        ◄── gap ──►                ◄─────►
    viewings   [ one viewing: the gap is short      ]     [ another      ]

Invariant: the same reports give the same sessions, in any order and with any repetition. A viewing is what
the viewer would call one: the same profile and title, and no pause of more than `gap_ms`, on however many
devices. Page: docs/netflix/events.md
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from netflix.events.event import Event

GAP_MS = 30 * 60 * 1000  # a longer pause is another evening
REPORTS_MAX = 10_000  # of one session, that are told apart: two days of them


@dataclass(frozen=True, slots=True)
class Session:
    """One player from play to the end: sums over its reports. Times in ms."""

    session: str
    profile: str
    title: str
    edge: str  # of the last report
    begun_ms: int
    ended_ms: int
    waited_ms: int
    played_ms: int
    stalled_ms: int
    stalls: int
    kbit: int  # kilobits of video played
    missing: int  # reports that have not come, judging by the numbers

    @property
    def started(self) -> bool:
        """Return whether the viewer saw anything."""
        return self.played_ms > 0


@dataclass(slots=True)
class _Reports:
    """The distinct reports of one session."""

    by_number: dict[int, Event] = field(default_factory=dict)

    def summary(self) -> Session:
        reports = [self.by_number[number] for number in sorted(self.by_number)]
        last = max(reports, key=lambda each: (each.at_ms, each.number))
        return Session(
            session=last.session,
            profile=last.profile,
            title=last.title,
            edge=last.edge,
            begun_ms=min(each.at_ms for each in reports),
            ended_ms=last.at_ms,
            waited_ms=max(each.waited_ms for each in reports),
            played_ms=sum(each.played_ms for each in reports),
            stalled_ms=sum(each.stalled_ms for each in reports),
            stalls=sum(each.stalls for each in reports),
            kbit=sum(each.played_ms * each.kbps for each in reports) // 1000,
            missing=reports[-1].number + 1 - len(reports),
        )


class Sessions:
    """All sessions of a stream of reports."""

    def __init__(self) -> None:
        self._known: dict[str, _Reports] = {}
        self.repeated = 0  # reports that had come before
        self.refused = 0  # reports beyond the most that a session may have

    def add(self, event: Event) -> bool:
        """Take note of a report; return whether it is new."""
        reports = self._known.setdefault(event.session, _Reports()).by_number
        if event.number in reports:
            self.repeated += 1
            return False
        if len(reports) >= REPORTS_MAX:
            self.refused += 1
            return False
        reports[event.number] = event
        return True

    def summaries(self) -> list[Session]:
        """Return the sessions, by the time at which they began."""
        found = [reports.summary() for reports in self._known.values()]
        return sorted(found, key=lambda each: (each.begun_ms, each.session))


@dataclass(frozen=True, slots=True)
class Viewing:
    """What a viewer would call watching something once."""

    profile: str
    title: str
    begun_ms: int
    ended_ms: int
    played_ms: int
    sessions: int


def stitch(sessions: Iterable[Session], gap_ms: int = GAP_MS) -> list[Viewing]:
    """Return the viewings that the sessions are parts of, by profile, title and time.

    Two sessions of a profile and title are one viewing if the second begins at most `gap_ms` after the
    end of all before it, or while one of them still goes on.
    """
    viewings: list[Viewing] = []
    for session in sorted(sessions, key=lambda each: (*_whose(each), each.begun_ms)):
        last = viewings[-1] if viewings else None
        if (
            last is not None
            and (last.profile, last.title) == _whose(session)
            and session.begun_ms <= last.ended_ms + gap_ms
        ):
            viewings[-1] = _joined(last, session)
        else:
            viewings.append(_alone(session))
    return viewings


def _whose(session: Session) -> tuple[str, str]:
    return session.profile, session.title


def _alone(session: Session) -> Viewing:
    return Viewing(*_whose(session), session.begun_ms, session.ended_ms, session.played_ms, 1)


def _joined(viewing: Viewing, session: Session) -> Viewing:
    return Viewing(
        viewing.profile,
        viewing.title,
        viewing.begun_ms,
        max(viewing.ended_ms, session.ended_ms),
        viewing.played_ms + session.played_ms,
        viewing.sessions + 1,
    )


def by_title(viewings: Iterable[Viewing]) -> Iterator[tuple[str, int]]:
    """Yield each title with the number of its viewings, the most watched first."""
    titles = sorted(each.title for each in viewings)
    counted = [(title, len(list(same))) for title, same in groupby(titles)]
    yield from sorted(counted, key=lambda each: (-each[1], each[0]))
