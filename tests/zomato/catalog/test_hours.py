"""Hours: by hand, over midnight, on holidays, in nights when clocks change; and minute by minute."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.sim.clock import S
from zomato.catalog.hours import Hours, Span, clock, every_day, instant, spans
from zomato.errors import BadHours

KOLKATA, BERLIN = "Asia/Kolkata", "Europe/Berlin"
FRIDAY = date(2026, 11, 27)


def at(text, zone=KOLKATA):
    return instant(text, zone, FRIDAY)


@pytest.mark.parametrize(
    ("hours", "moment", "is_open"),
    [
        ("11:00-15:00 18:00-26:00", "2026-11-27T10:59", False),
        ("11:00-15:00 18:00-26:00", "2026-11-27T11:00", True),
        ("11:00-15:00 18:00-26:00", "2026-11-27T15:00", False),
        ("11:00-15:00 18:00-26:00", "2026-11-28T01:59", True),
        ("11:00-15:00 18:00-26:00", "2026-11-28T02:00", False),
        ("00:00-24:00", "2026-11-28T00:00", True),
        ("", "2026-11-28T12:00", False),
        ("23:00-47:00", "2026-11-28T22:59", True),
    ],
)
def test_open_and_closed_by_hand(hours, moment, is_open):
    assert every_day(hours, KOLKATA).is_open(at(moment)) is is_open


def test_a_bar_is_open_in_the_night_after_its_day_and_not_in_the_one_before():
    friday = Hours(KOLKATA, (*([()] * 4), spans("20:00-28:00"), (), ()))
    assert not friday.is_open(at("2026-11-27T03:00")) and friday.is_open(at("2026-11-28T03:00"))
    assert not friday.is_open(at("2026-11-29T03:00"))


def test_a_holiday_has_hours_of_its_own_and_the_night_before_still_ends():
    week = every_day("18:00-26:00", KOLKATA).week
    hours = Hours(KOLKATA, week, ((date(2026, 11, 28), ()),))
    assert hours.is_open(at("2026-11-28T01:00")) and not hours.is_open(at("2026-11-28T19:00"))
    assert not hours.is_open(at("2026-11-29T01:00")) and hours.is_open(at("2026-11-29T19:00"))


@pytest.mark.parametrize(
    ("hours", "opens", "closes", "long_h"),
    [  # Europe/Berlin: on 29 March 02:00 is 03:00, on 25 October 03:00 is 02:00 again
        ("22:00-27:00", "2026-03-28T22:00+01:00", "2026-03-29T03:00+02:00", 4),
        ("22:00-27:00", "2026-10-24T22:00+02:00", "2026-10-25T03:00+01:00", 6),
        ("22:00-26:30", "2026-10-24T22:00+02:00", "2026-10-25T02:30+02:00", 4.5),
        ("22:00-26:30", "2026-03-28T22:00+01:00", "2026-03-29T03:30+02:00", 4.5),
    ],
)
def test_a_night_in_which_the_clocks_change_is_one_stretch(hours, opens, closes, long_h):
    own = every_day(hours, BERLIN)
    first, end = at(opens, BERLIN), at(closes, BERLIN)
    assert end - first == long_h * 3600 * S
    assert [
        own.is_open(first + minute * 60 * S) for minute in range(-60, int(long_h * 60) + 60)
    ] == ([False] * 60 + [True] * int(long_h * 60) + [False] * 60)


SPANS = st.lists(st.integers(0, 47 * 60), min_size=2, max_size=6, unique=True).map(
    lambda found: tuple(
        Span(opens, closes)
        for opens, closes in zip(sorted(found)[::2], sorted(found)[1::2], strict=False)
        if opens < 24 * 60 and closes - opens <= 24 * 60
    )
)


@settings(max_examples=60)
@given(st.tuples(*[SPANS] * 7), st.lists(st.integers(0, 7 * 24 * 60 - 1), max_size=20))
def test_open_is_what_a_table_of_all_minutes_of_a_week_says(week, minutes):
    """Without clocks that change: an hour of the week is open if a span covers it, from whichever day."""
    hours = Hours(KOLKATA, week)
    covered = {
        (day * 1440 + minute) % (7 * 1440)
        for day, own in enumerate(week)
        for span in own
        for minute in range(span.opens_min, span.closes_min)
    }
    monday = datetime(2026, 11, 23, tzinfo=UTC) - timedelta(hours=5, minutes=30)
    for minute in minutes:
        moment = int((monday + timedelta(minutes=minute)).timestamp()) * S
        assert hours.is_open(moment) == (minute in covered)


@settings(max_examples=60)
@given(st.tuples(*[SPANS] * 7), st.integers(0, 370 * 24 * 60))
def test_what_is_told_of_the_next_change_comes_true(week, minute):
    hours = Hours(BERLIN, week)
    now = at("2026-01-01T00:00", BERLIN) + minute * 60 * S
    closes, opens = hours.closes_ns(now), hours.opens_ns(now)
    assert (closes is not None) == hours.is_open(now)
    if closes is not None and closes < now + 6 * 86_400 * S:
        assert hours.is_open(closes - 1) and not hours.is_open(closes)
    if opens is not None:
        assert opens > now and hours.is_open(opens)
        if closes is None:
            assert not hours.is_open(opens - 1)


def test_spans_that_meet_at_midnight_close_when_the_last_one_does():
    hours = every_day("00:00-02:00 18:00-24:00", KOLKATA)
    assert hours.closes_ns(at("19:00")) == at("2026-11-28T02:00")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("18:00-02:00", "18:00-02:00 ends before it begins; over midnight it is written 26:00"),
        ("11:00-11:00", "11:00-11:00 ends before it begins; over midnight it is written 35:00"),
        ("25:00-26:00", "opens at 25:00; that must be 00:00 to 23:59"),
        ("10:00-34:01", "10:00-34:01 is longer than a day"),
        ("11:00-15:00 14:00-18:00", "11:00-15:00 and 14:00-18:00 overlap"),
        ("18:00-23:00 11:00-15:00", "overlap, or are not in order"),
        ("11-15", "'11-15' is no span; write 11:00-23:00"),
        ("11:00-12:60", "is no span"),
        (" ".join(f"{h:02}:00-{h:02}:30" for h in range(13)), "13 spans in a day; at most 12"),
    ],
)
def test_hours_that_cannot_be_are_refused_in_one_line(text, said):
    with pytest.raises(BadHours, match=said) as caught:
        every_day(text, KOLKATA)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "x" * 500])
def test_a_zone_that_is_not_there_is_refused(zone):
    with pytest.raises(BadHours, match="there is no time zone"):
        every_day("11:00-15:00", zone)


def test_a_week_has_seven_days():
    with pytest.raises(BadHours, match="hours for 6 days; a week has 7"):
        Hours(KOLKATA, ((),) * 6)


@pytest.mark.parametrize("text", ["", "9", "21:30pm", "25:00", "2026-11-31T10:00", "now", "٢١:٣٠"])
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(BadHours, match="is no time; write 21:30, or 2026-11-27T21:30"):
        at(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_year_far_away_is_refused(text):
    with pytest.raises(BadHours, match="it must be 1971 to 2099"):
        at(text)


def test_an_instant_is_on_the_clock_of_the_zone_or_on_the_one_it_names():
    assert at("21:30") == at("2026-11-27T16:00+00:00") == at("2026-11-27T16:00:00Z")
    assert clock(26 * 60 + 5) == "26:05"
