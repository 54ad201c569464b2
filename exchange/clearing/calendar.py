"""Which day is it at the venue, and on which day does a trade of today settle?

    Wed 25 Nov    Thu 26      Fri 27      Sat 28      Sun 29      Mon 30
    traded        holiday     settles                             settles what was traded on Friday

A day is a date on the venue's own wall clock; a business day is one on which shares and money can both be
moved. Invariant: a trade settles on a business day after it, and later trades never earlier.
Days on which banks are closed count as holidays here even where trading goes on (12 October and 11
November): nothing can be paid. Source: NYSE's calendars for 2026 and 2027; the Federal Reserve's holidays
for those two. Page: docs/exchange/clearing.md
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chapters.sim.clock import MS, S
from exchange.errors import BadCalendar

LAG_DAYS = 1  # T+1, in the United States since 28 May 2024
CLOSED_DAYS_MAX = 30  # in a row; more, and the list of holidays is wrong
NEW_YORK = "America/New_York"
_DAY = timedelta(days=1)

HOLIDAYS = tuple(
    date.fromisoformat(day)
    for day in (
        *("2026-01-01", "2026-01-19", "2026-02-16", "2026-04-03", "2026-05-25", "2026-06-19"),
        *("2026-07-03", "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25"),
        *("2027-01-01", "2027-01-18", "2027-02-15", "2027-03-26", "2027-05-31", "2027-06-18"),
        *("2027-07-05", "2027-09-06", "2027-10-11", "2027-11-11", "2027-11-25", "2027-12-24"),
    )
)


class Calendar:
    """The business days of a venue. O(1) a day."""

    def __init__(self, holidays: Iterable[date] = HOLIDAYS, zone: str = NEW_YORK) -> None:
        self._holidays = frozenset(holidays)
        self._zone = ZoneInfo(zone)

    def is_business(self, day: date) -> bool:
        """Return whether shares and money can be moved on that day."""
        return day.weekday() < 5 and day not in self._holidays

    def after(self, day: date) -> date:
        """Return the next business day after `day`. Raises `BadCalendar`."""
        for ahead in range(1, CLOSED_DAYS_MAX + 1):
            if self.is_business(found := day + ahead * _DAY):
                return found
        raise BadCalendar(
            f"no business day within {CLOSED_DAYS_MAX} days after {day}: look at the holidays"
        )

    def settles(self, traded: date, lag: int = LAG_DAYS) -> date:
        """Return the day on which a trade of `traded` settles: `lag` business days later."""
        day = traded
        for _ in range(lag):
            day = self.after(day)
        return day

    def age(self, due: date, day: date) -> int:
        """Return how many business days `day` is after `due`; 0 on the day itself. O(days)."""
        ahead = range(1, (day - due).days + 1)
        return sum(self.is_business(due + each * _DAY) for each in ahead)

    def day_of(self, now_ns: int) -> date:
        """Return the date on the venue's wall clock at `now_ns` (since 1970, UTC)."""
        return datetime.fromtimestamp(now_ns // S, UTC).astimezone(self._zone).date()

    def clock_of(self, now_ns: int) -> str:
        """Return what the venue's wall clock shows at `now_ns`: 10:30:00.250."""
        seconds, rest = divmod(now_ns, S)
        shown = datetime.fromtimestamp(seconds, UTC).astimezone(self._zone)
        return f"{shown:%H:%M:%S}.{rest // MS:03}"

    def instant_ns(self, day: date, at: time) -> int:
        """Return when the venue's wall clock shows `at` on that day, in nanoseconds since 1970."""
        return int(datetime.combine(day, at, self._zone).timestamp()) * S


def demo() -> None:
    """Show when trades of a few days settle, around a holiday and a change of the clocks."""
    calendar = Calendar()
    for text in ("2026-11-24", "2026-11-25", "2026-11-27", "2026-12-24", "2026-10-09"):
        traded = date.fromisoformat(text)
        print(f"  traded {traded:%a %d %b %Y}   settles {calendar.settles(traded):%a %d %b %Y}")
    for text in ("2026-10-30", "2026-11-02"):
        opens = calendar.instant_ns(date.fromisoformat(text), time(9, 30))
        shown = datetime.fromtimestamp(opens // S, UTC)
        print(f"  on {text} trading opens at 09:30 in New York, {shown:%H:%M} UTC")
