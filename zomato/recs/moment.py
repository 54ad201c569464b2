"""When somebody is hungry: a day of the week, a part of the day, and whether it rains.

    5:00        11:00     15:00         18:00          23:00      5:00
      morning ──── noon ──── afternoon ──── evening ──── night ────►   a day begins at five: who orders at
                                                                       one on Sunday still has Saturday
Minutes count from a Monday at 0:00. Page: docs/zomato/recs.md
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapters.errors import UsageError

Ints = NDArray[np.int64]

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS = ("morning", "noon", "afternoon", "evening", "night")
STARTS_MIN = (0, 6 * 60, 10 * 60, 13 * 60, 18 * 60)  # of each part, after five
DAY_MIN, WEEK_MIN = 24 * 60, 7 * 24 * 60
FIVE_MIN = 5 * 60
CELLS = len(DAYS) * len(PARTS) * 2
SAID = re.compile(r"\s*([a-z]{3,9})\s+(\d{1,2}):(\d\d)(\s+rain)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moment:
    """A minute of a week, and its weather."""

    minute: int
    rain: bool = False

    @property
    def cell(self) -> int:
        """Return the number of the finest context: day, part of the day, rain."""
        return int(cells(np.array([self.minute]), np.array([self.rain]))[0])

    @property
    def day(self) -> int:
        """Return the day of the week, 0 for Monday."""
        return self.cell // 2 // len(PARTS)

    @property
    def part(self) -> int:
        """Return the part of the day."""
        return self.cell // 2 % len(PARTS)

    def __str__(self) -> str:
        hour, minute = divmod(self.minute % DAY_MIN, 60)
        day = DAYS[self.minute // DAY_MIN % 7]
        return f"{day} {hour:02}:{minute:02}{', rain' if self.rain else ''}"


def cells(minutes: Ints, rain: NDArray[np.bool_]) -> Ints:
    """Return the finest context of each minute, 0 to CELLS - 1."""
    since_five = minutes - FIVE_MIN
    days = since_five // DAY_MIN % 7
    parts = np.searchsorted(STARTS_MIN, since_five % DAY_MIN, side="right") - 1
    found: Ints = (days * len(PARTS) + parts) * 2 + rain
    return found


def coarser(cell: Ints) -> tuple[Ints, Ints, Ints]:
    """Return what finest contexts belong to, the coarsest first: part; day and part; all of it."""
    return cell // 2 % len(PARTS), cell // 2, cell


SIZES = (len(PARTS), len(PARTS) * len(DAYS), CELLS)  # how many there are of each


def parse(text: str) -> Moment:
    """Return the moment that a text such as `sun 10:30` or `tue 20:15 rain` says. Raises `UsageError`."""
    match = SAID.fullmatch(text)
    days = [n for n, day in enumerate(DAYS) if match and day.lower().startswith(match[1].lower())]
    if not match or not days or int(match[2]) > 23 or int(match[3]) > 59:
        raise UsageError(f"at is {text[:40]!r}; say a day and a time: sun 10:30, or tue 20:15 rain")
    minute = days[0] * DAY_MIN + int(match[2]) * 60 + int(match[3])
    return Moment(minute, rain=bool(match[4]))
