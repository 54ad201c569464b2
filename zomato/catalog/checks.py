"""What the exercises on the catalog check: who is open when, and how much to believe of stars.

Page: docs/zomato/catalog.md
"""

from collections.abc import Iterator
from datetime import date
from random import Random

from chapters.checking import JSON, Case, Stage
from zomato.catalog.hours import Hours, clock, instant, spans
from zomato.catalog.reviews import Rating, shrunken, usual_tenths

KOLKATA, BERLIN = "Asia/Kolkata", "Europe/Berlin"
DIGITS = 6
CLOSED: list[str] = [""] * 7
EVENINGS = ["18:00-26:00"] * 7
TWICE = ["11:00-15:00 18:00-23:00"] * 7


def opened(zone: str, week: list[str], holidays: list[list[str]], moments: list[str]) -> JSON:
    """Return of each moment whether such hours are open."""
    other = tuple((date.fromisoformat(day), spans(text)) for day, text in holidays)
    hours = Hours(zone, tuple(map(spans, week)), other)
    return [hours.is_open(instant(each, zone, date(2026, 11, 27))) for each in moments]


def explain_opened(args: Case, got: JSON, expected: JSON) -> str:
    """Say which moment is wrong."""
    _, week, holidays, moments = args
    assert isinstance(moments, list) and isinstance(expected, list)
    answers = got if isinstance(got, list) and len(got) == len(moments) else [got] * len(moments)
    wrong = [
        f"{moment} is {'open' if right else 'closed'}, not {answer}"
        for moment, right, answer in zip(moments, expected, answers, strict=True)
        if answer != right
    ]
    return f"week {week}, holidays {holidays}: {wrong[0] if wrong else got}"


def in_a_day(rng: Random) -> Iterator[Case]:
    yield KOLKATA, TWICE, [], ["10:59", "11:00", "14:59", "15:00", "18:00", "22:59", "23:00"]
    yield KOLKATA, CLOSED, [], ["12:00", "00:00"]
    yield KOLKATA, ["04:00-06:00"] * 7, [], ["03:59", "05:00", "06:00"]
    yield KOLKATA, TWICE, [], [_moment(rng) for _ in range(8)]


def over_midnight(rng: Random) -> Iterator[Case]:
    yield KOLKATA, EVENINGS, [], ["17:59", "18:00", "23:59", "00:00", "01:59", "02:00"]
    friday = ["", "", "", "", "20:00-28:00", "", ""]
    days = ["2026-11-27T03:00", "2026-11-27T21:00", "2026-11-28T03:59", "2026-11-28T04:00"]
    yield KOLKATA, friday, [], days
    yield KOLKATA, ["00:00-24:00"] * 7, [], ["00:00", "12:00", "23:59"]
    yield KOLKATA, EVENINGS, [], [_moment(rng) for _ in range(8)]


def holidays(rng: Random) -> Iterator[Case]:
    off, late = [["2026-11-28", ""]], [["2026-11-28", "21:00-27:00"]]
    saturday = ["2026-11-28T01:00", "2026-11-28T19:00", "2026-11-28T22:00", "2026-11-29T01:00",
                "2026-11-29T02:30", "2026-11-29T19:00"]  # fmt: skip
    yield KOLKATA, EVENINGS, off, saturday
    yield KOLKATA, EVENINGS, late, saturday
    yield KOLKATA, CLOSED, late, [_moment(rng, 28) for _ in range(6)]


def clocks_change(rng: Random) -> Iterator[Case]:
    autumn = ["22:00-26:30"] * 7
    moments = ["2026-10-25T01:59+02:00", "2026-10-25T02:15+02:00", "2026-10-25T02:45+02:00",
               "2026-10-25T02:15+01:00", "2026-10-25T03:00+01:00"]  # fmt: skip
    yield BERLIN, autumn, [], moments
    yield BERLIN, ["22:00-27:00"] * 7, [], moments
    spring = ["2026-03-29T01:59+01:00", "2026-03-29T03:15+02:00", "2026-03-29T04:00+02:00"]
    yield BERLIN, ["22:00-27:00"] * 7, [], spring
    span = f"{clock(rng.randrange(20, 24) * 60)}-{clock(rng.randrange(25, 29) * 60)}"
    yield BERLIN, [span] * 7, [], moments + spring


def _moment(rng: Random, day: int | None = None) -> str:
    return f"2026-11-{day or rng.randint(23, 29)}T{clock(rng.randrange(24 * 60))}"


def believed(votes: list[list[int]], usual: float) -> JSON:
    """Return what to expect of each [votes, sum in tenths]."""
    return [round(shrunken(Rating(*each), usual), DIGITS) for each in votes]


def usually(votes: list[list[int]]) -> JSON:
    """Return the mean of the means."""
    return round(usual_tenths(Rating(*each) for each in votes), DIGITS)


def few_votes(rng: Random) -> Iterator[Case]:
    yield [[1, 50], [1000, 46_000]], 35.0
    yield [[0, 0]], 35.0
    yield [[7, 350]], 35.0
    yield [_rating(rng, rng.randint(1, 9)) for _ in range(4)], 35.0


def other_usual(rng: Random) -> Iterator[Case]:
    yield [[0, 0], [1, 50], [2, 20]], 41.5
    yield [_rating(rng, rng.randint(10, 2_000)) for _ in range(4)], rng.randint(25, 45)


def means(rng: Random) -> Iterator[Case]:
    yield ([[1, 20], [1000, 46_000]],)
    yield ([[0, 0], [4, 160]],)
    yield ([[0, 0]],)
    yield ([_rating(rng, rng.randint(1, 99)) for _ in range(6)],)


def _rating(rng: Random, votes: int) -> list[int]:
    return [votes, sum(10 * rng.randint(1, 5) for _ in range(votes))]


STAGES = {
    "open-hours": [
        Stage("spans of a day, and the day is the restaurant's", in_a_day, opened,
              explain=explain_opened),
        Stage("over midnight", over_midnight, opened, explain=explain_opened),
        Stage("dates that are different", holidays, opened, explain=explain_opened),
        Stage("nights in which the clocks change", clocks_change, opened, explain=explain_opened),
    ],
    "shrunken-rating": [
        Stage("one vote, and a thousand", few_votes, believed),
        Stage("where another mean is usual", other_usual, believed),
        Stage("the usual: each restaurant counts once", means, usually, needs=()),
    ],
}  # fmt: skip
