"""Reports: read strictly, kept safely, and summed up the same however they come."""

import json
from dataclasses import replace
from itertools import pairwise
from random import Random
from threading import Lock

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.log import Log
from chapters.portal.answers import BODY_BYTES_MAX
from chapters.sim import Chance, Crashed, SimDisk
from netflix.breaking.events import late_events
from netflix.events import wire
from netflix.events.errors import BadEvent, BatchTooLong
from netflix.events.event import Event
from netflix.events.generated import Weather, arrivals, evening
from netflix.events.intake import BATCH_MAX, Intake, events
from netflix.events.quality import quality
from netflix.events.sessions import REPORTS_MAX, Session, Sessions, by_title, stitch
from netflix.events.windows import HOUR_MS, LATENESS_MS, Windows

START = Event("s1", 0, "start", 1_000, "ada", "harbour", waited_ms=400)
GOOD = {"session": "s1", "number": 0, "kind": "start", "at_ms": 5, "profile": "ada", "title": "t"}


def progress(number, played_ms=20_000, **more):
    at_ms = START.at_ms + number * 20_000
    return replace(
        START, number=number, kind="progress", at_ms=at_ms, waited_ms=0, played_ms=played_ms, **more
    )


def summed(reports):
    sessions = Sessions()
    for report in reports:
        sessions.add(report)
    return sessions.summaries()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": -1}, "'number' is -1"),
        ({"number": 1.5}, "'number' is 1.5"),
        ({"played_ms": True}, "'played_ms' is True"),
        ({"kind": "pause"}, "'pause' is not one of start, progress, end"),
        ({"title": ""}, "'title' is ''"),
        ({"session": "x" * 65}, "1 to 64 letters"),
        ({"colour": 1}, "'colour' is not known"),
        ({"at_ms": 10**16}, "'at_ms' is"),
    ],
)
def test_an_event_that_makes_no_sense_is_refused_in_one_line(change, said):
    with pytest.raises(BadEvent, match=said) as refused:
        Event.from_json(GOOD | change)
    assert refused.value.status == 400 and "\n" not in str(refused.value)


def test_an_event_survives_its_way_to_the_log_and_back():
    assert Event.from_json(json.loads(progress(3, stalls=1).to_bytes())) == progress(3, stalls=1)


@pytest.mark.parametrize("batch", [None, 3, "text", {"session": "s"}, ["text"], [None]])
def test_what_is_no_list_of_events_is_refused_and_nothing_is_kept(batch):
    log = Log(disk=SimDisk(rng=Random(1)))
    with pytest.raises(BadEvent):
        Intake(log).take(batch)
    assert log.last == 0


def test_one_bad_event_refuses_its_whole_batch_and_a_batch_has_a_bound():
    log = Log(disk=SimDisk(rng=Random(1)))
    with pytest.raises(BadEvent):
        Intake(log).take([GOOD, GOOD | {"number": "x"}])
    with pytest.raises(BatchTooLong):
        Intake(log).take([GOOD] * (BATCH_MAX + 1))
    assert log.last == 0 and Intake(log).take([GOOD] * BATCH_MAX) == BATCH_MAX


def test_what_was_answered_is_there_after_a_power_failure_at_any_write():
    for cut in range(40):
        disk = SimDisk(rng=Chance(cut).stream("disk"))
        disk.crash_after(cut)
        taken = 0
        try:
            intake = Intake(Log(disk=disk))
            for number in range(10):
                taken += intake.take([GOOD | {"number": number}])
        except Crashed:
            pass
        disk.crash()
        assert [each.number for each in events(Log(disk=disk))][:taken] == list(range(taken))


def test_the_route_answers_with_how_many_it_has_or_why_not():
    app = Flask(__name__)
    app.register_blueprint(wire.blueprint(Log(disk=SimDisk(rng=Random(1))), Lock()))
    client = app.test_client()
    assert client.post("/api/events", json=[GOOD]).get_json() == {"taken": 1}
    bad = client.post("/api/events", data="no json")
    assert bad.status_code == 400 and bad.get_json() == {"error": "send a JSON list of events"}
    long = client.post("/api/events", data=b" " * (BODY_BYTES_MAX + 1))
    assert long.status_code == 413
    (row,) = client.get("/api/quality?by=title").get_json()
    assert (row["what"], row["sessions"], row["never_began"]) == ("t", 1, 1.0)
    assert client.get("/api/quality?by=weather").status_code == 400


def test_a_session_is_the_sum_of_its_reports():
    reports = [
        START,
        progress(1, kbps=1000),
        progress(3, 10_000, kbps=500, stalled_ms=900, stalls=1),
    ]
    (session,) = summed(reports)
    assert (session.played_ms, session.stalled_ms, session.stalls) == (30_000, 900, 1)
    assert (session.waited_ms, session.kbit, session.missing) == (400, 25_000, 1)
    assert session.ended_ms == 61_000 and session.started


@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 12), max_size=12))
def test_order_and_repetition_change_nothing(rng, again):
    reports = [START, *(progress(number, number) for number in range(1, 13))]
    arrived = [*reports, *(reports[number] for number in again)]
    rng.shuffle(arrived)
    assert summed(arrived) == summed(reports)


def test_a_session_that_reports_without_end_is_bounded():
    sessions = Sessions()
    for number in range(REPORTS_MAX + 5):
        sessions.add(progress(number, 1))
    assert sessions.refused == 5 and sessions.summaries()[0].played_ms == REPORTS_MAX


def session(profile, begun_ms, ended_ms, title="harbour"):
    return Session(f"{profile}{begun_ms}", profile, title, "", begun_ms, ended_ms, 0, 1, 0, 0, 0, 0)


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 500), st.integers(1, 100)), max_size=12
    )
)
def test_viewings_are_as_far_apart_as_the_gap_says_and_hold_every_session(parts):
    sessions = [session(who, begin, begin + length) for who, begin, length in parts]
    viewings = stitch(sessions, gap_ms=50)
    assert sum(each.sessions for each in viewings) == len(sessions)
    for before, after in pairwise(viewings):
        if before.profile == after.profile:
            assert after.begun_ms > before.ended_ms + 50
    for each in sessions:
        inside = [v for v in viewings if v.profile == each.profile and v.begun_ms <= each.begun_ms]
        assert any(each.ended_ms <= viewing.ended_ms for viewing in inside)


def test_titles_are_ranked_by_viewings_then_by_name():
    viewings = stitch([session("a", 0, 1, "x"), session("b", 0, 1, "y"), session("c", 0, 1, "y")])
    assert list(by_title(viewings)) == [("y", 2), ("x", 1)]


@given(st.lists(st.tuples(st.integers(0, 20 * HOUR_MS), st.integers(0, 9 * HOUR_MS)), max_size=40))
def test_every_start_is_in_one_window_or_too_late(parts):
    windows, latest = Windows(), {}
    for at_ms, delay_ms in sorted(parts, key=sum):
        for told in windows.add("t", at_ms, at_ms + delay_ms):
            assert told.revision == latest.get(told.begin_ms, (-1, 0))[0] + 1
            latest[told.begin_ms] = told.revision, told.counts["t"]
    for told in windows.finish():
        latest[told.begin_ms] = told.revision, told.counts["t"]
    assert sum(count for _, count in latest.values()) + windows.too_late == len(parts)


def test_what_comes_within_the_lateness_is_never_too_late():
    windows = Windows()
    list(windows.add("t", HOUR_MS, 2 * HOUR_MS + LATENESS_MS))
    assert windows.too_late == 0


def test_sql_says_what_plain_python_says():
    reports = evening(Random(3), 60, weak_edge="edge-2")
    sessions = summed(event for _, event in arrivals(reports, Random(4), Weather()))
    by_edge = {row.what: row for row in quality(sessions, "edge")}
    assert set(by_edge) == {each.edge for each in sessions}
    for edge, row in by_edge.items():
        own = [each for each in sessions if each.edge == edge]
        begun = sorted(each.waited_ms for each in own if each.started)
        played, stalled = sum(e.played_ms for e in own), sum(e.stalled_ms for e in own)
        assert row.sessions == len(own)
        assert row.never_began == pytest.approx(1 - len(begun) / len(own))
        assert row.start_p50_ms == begun[-(-len(begun) // 2) - 1]
        assert row.rebuffer_ratio == pytest.approx(stalled / (played + stalled))
        assert row.mean_kbps == pytest.approx(sum(each.kbit for each in own) * 1000 / played)
    assert by_edge["edge-2"].rebuffer_ratio == max(row.rebuffer_ratio for row in by_edge.values())


def test_quality_of_nobody_and_by_something_unknown():
    assert quality([]) == []
    with pytest.raises(UsageError, match="there are all, edge, title, hour"):
        quality([], by="weather")


def test_the_fault_holds_within_the_lateness_and_says_so_beyond_it():
    assert late_events(viewers=80).held
    beyond = late_events(viewers=80, late_hours=20)
    held = {each.promise: each.held for each in beyond.verdicts}
    assert not held["every play is counted in its hour"]
    assert held["none vanishes without being counted as too late"]
