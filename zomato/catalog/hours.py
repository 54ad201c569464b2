"""When a restaurant is open: spans of a week's days on its own wall clock, and days that are different.

    Fri  11:00-15:00 18:00-26:00        26:00 is two in the night to Saturday
    ─────┤11    15├───┤18       24 │ 26├─────────────────────
                          Friday   │   Saturday: at 01:30 it is Friday's span that is open

Invariant: a span is one stretch of real time, whatever the clocks do in that night; an hour that comes
twice, or never, moves its end and does not cut it. A minute that comes twice means its first time, one
that never comes the time that the clock before would show (PEP 495). Page: docs/zomato/catalog.md
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chapters.sim.clock import S
from zomato.errors import BadHours

DAY_MIN = 24 * 60
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ONE_DAY = timedelta(days=1)
AHEAD_DAYS = 8  # how far the next opening is looked for
YEARS = (1971, 2099)  # what is asked about
SPANS_MAX = 12  # a day
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Span:
    """From a minute of the day up to another one, after midnight as 24:00 and more. Raises `BadHours`."""

    opens_min: int
    closes_min: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens_min < DAY_MIN:
            raise BadHours(f"it opens at {clock(self.opens_min)}; that must be 00:00 to 23:59")
        if self.closes_min <= self.opens_min:
            late = clock(self.closes_min + DAY_MIN)
            raise BadHours(f"{self} ends before it begins; over midnight it is written {late}")
        if self.closes_min > self.opens_min + DAY_MIN:
            raise BadHours(f"{self} is longer than a day; end it by then, and begin another one")

    def __str__(self) -> str:
        return f"{clock(self.opens_min)}-{clock(self.closes_min)}"


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans for each day from Monday on, and for dates that are different. Raises `BadHours`."""

    zone: str
    week: tuple[tuple[Span, ...], ...]
    holidays: tuple[tuple[date, tuple[Span, ...]], ...] = ()

    def __post_init__(self) -> None:
        zone_of(self.zone)
        if len(self.week) != len(DAYS):
            raise BadHours(f"there are hours for {len(self.week)} days; a week has {len(DAYS)}")
        for spans in (*self.week, *(spans for _, spans in self.holidays)):
            _check(spans)

    def is_open(self, at_ns: int) -> bool:
        """Return whether an instant (ns since 1970, UTC) is in a span; its end is not."""
        return any(opens <= at_ns < closes for opens, closes in self.around(at_ns))

    def around(self, at_ns: int) -> Iterator[tuple[int, int]]:
        """Yield every span that may hold an instant, as instants; others may be among them."""
        today = self.local(at_ns).date()
        for day in (today - ONE_DAY, today):
            yield from self.spans_from(day)

    def spans_from(self, day: date) -> Iterator[tuple[int, int]]:
        """Yield the spans that begin on a day, as instants."""
        for span in self.spans_on(day):
            yield self.instant(day, span.opens_min), self.instant(day, span.closes_min)

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """Return a date's spans: its own if it is a holiday, else those of its day of the week."""
        return next((own for date, own in self.holidays if date == day), self.week[day.weekday()])

    def instant(self, day: date, minute: int) -> int:
        """Return when the wall clock shows a minute, counted from a day's midnight."""
        shown = datetime.combine(day, time()) + timedelta(minutes=minute)
        return int(shown.replace(tzinfo=zone_of(self.zone)).timestamp()) * S

    def local(self, at_ns: int) -> datetime:
        """Return what the wall clock shows at an instant."""
        return datetime.fromtimestamp(at_ns // S, UTC).astimezone(zone_of(self.zone))

    def closes_ns(self, at_ns: int) -> int | None:
        """Return when the spans end that hold an instant, one after the other; None if it is closed."""
        end: int | None = None
        day = self.local(at_ns).date() - ONE_DAY
        for ahead in range(AHEAD_DAYS):
            for opens, closes in self.spans_from(day + ahead * ONE_DAY):
                if opens <= (at_ns if end is None else end) < closes:
                    end = closes
        return end

    def opens_ns(self, at_ns: int) -> int | None:
        """Return when it opens next after an instant; None if not within eight days."""
        today = self.local(at_ns).date()
        for ahead in range(AHEAD_DAYS):
            for opens, _ in self.spans_from(today + ahead * ONE_DAY):
                if opens > at_ns:
                    return opens
        return None


def every_day(text: str, zone: str) -> Hours:
    """Return hours that are the same each day: "11:00-15:00 18:00-26:00". Raises `BadHours`."""
    return Hours(zone, (spans(text),) * len(DAYS))


def spans(text: str) -> tuple[Span, ...]:
    """Return the spans of a text, which may be empty: closed. Raises `BadHours`."""
    return tuple(_span(each) for each in text.split())


def clock(minute: int) -> str:
    """Return a minute of the day as hours and minutes."""
    return f"{minute // 60:02}:{minute % 60:02}"


def instant(text: str, zone: str, today: date) -> int:
    """Return the instant of "21:30", today, or of "2026-11-27T21:30". Raises `BadHours`."""
    try:
        found = datetime.combine(today, time.fromisoformat(text)) if len(text) < 9 else (
            datetime.fromisoformat(text))  # fmt: skip
    except ValueError:
        raise BadHours(f"{text!r:.40} is no time; write 21:30, or 2026-11-27T21:30") from None
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise BadHours(f"the year is {found.year}; it must be {YEARS[0]} to {YEARS[1]}")
    own = found if found.tzinfo else found.replace(tzinfo=zone_of(zone))
    return int(own.timestamp()) * S


@lru_cache(64)
def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name. Raises `BadHours`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadHours(f"there is no time zone {name!r:.40}; say one as Asia/Kolkata") from None


def _span(text: str) -> Span:
    ends = [_CLOCK.fullmatch(each) for each in text.split("-")]
    if len(ends) != 2 or not all(ends):
        raise BadHours(f"{text!r:.40} is no span; write 11:00-23:00")
    opens, closes = (60 * int(each[1]) + int(each[2]) for each in ends if each)
    return Span(opens, closes)


def _check(own: Sequence[Span]) -> None:
    if len(own) > SPANS_MAX:
        raise BadHours(f"{len(own)} spans in a day; at most {SPANS_MAX}")
    for one, other in pairwise(own):
        if other.opens_min < one.closes_min:
            raise BadHours(f"{one} and {other} overlap, or are not in order; write them as one")
