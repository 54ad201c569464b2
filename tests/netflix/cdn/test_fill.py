"""Placement and fill: what moves, what is kept and brought, and what the origin sends then."""

import json
import os
import time
import urllib.request
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.cache.lru import Lru
from chapters.errors import UsageError
from chapters.log import Log
from chapters.sim.disk import SimDisk
from netflix.cdn import story
from netflix.cdn.body import Body
from netflix.cdn.day import WAYS, last_day
from netflix.cdn.edge import Edge
from netflix.cdn.fill import Wanted, plan, wanted
from netflix.cdn.fleet import Fleet
from netflix.cdn.placement import HEADROOM, copies, moved, place
from netflix.cdn.popularity import HALF_LIFE_MS, HOURS_MAX, SELDOM, Popularity
from netflix.cdn.tonight import expected
from netflix.errors import Unreachable
from netflix.events.event import Event
from netflix.events.windows import HOUR_MS, Told
from netflix.scene.imagined import title
from tests.netflix.cdn.asking import get, signed

WEIGHTS = st.dictionaries(
    st.sampled_from([f"e{n}" for n in range(9)]), st.floats(0.5, 4), min_size=2
)
PLAYS = st.dictionaries(st.sampled_from([f"t{n}" for n in range(30)]), st.floats(0, 100))
FILES = st.lists(
    st.builds(Wanted, st.text("abc", min_size=1), st.floats(0, 9), st.integers(1, 50)),
    unique_by=lambda each: each.path,
    max_size=12,
)


# Placement.


@given(PLAYS, WEIGHTS)
def test_no_edge_carries_more_than_its_part_of_one_title(plays, edges):
    total = sum(plays.values()) or 1.0
    for name, kept in place(plays, edges).items():
        assert 1 <= len(kept) == len(set(kept)) <= len(edges)
        is_everywhere = len(kept) == len(edges)
        assert is_everywhere or plays[name] / total / len(kept) * HEADROOM <= 1 / len(edges) + 1e-9


@given(PLAYS, WEIGHTS, st.integers(0, 8))
def test_when_an_edge_leaves_only_what_it_had_moves(plays, edges, which):
    gone = sorted(edges)[which % len(edges)]
    left = {name: weight for name, weight in edges.items() if name != gone}
    before, after = place(plays, edges), place(plays, left)
    for name, kept in after.items():
        assert set(kept) - set(before[name]) <= set(kept[len(set(before[name]) - {gone}) :])
        if gone not in before[name]:
            assert not set(kept) - set(before[name])
    assert moved(before, after) <= sum(gone in kept for kept in before.values())


def test_an_edge_of_twice_the_weight_keeps_twice_as_many():
    found = place(dict.fromkeys(map(str, range(3000)), 1.0), {"a": 2.0, "b": 1.0, "c": 1.0})
    counts = {name: sum(name in kept for kept in found.values()) for name in "abc"}
    assert counts["a"] == pytest.approx(1500, rel=0.08)
    assert counts["b"] == pytest.approx(750, rel=0.12)


def test_copies_stay_between_one_and_all():
    assert [copies(share, 8) for share in (0, 0.01, 0.1, 0.5, 1)] == [1, 1, 2, 6, 8]


# Popularity.


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 50))), st.randoms())
def test_it_makes_no_difference_in_which_order_hours_are_told(told, rng):
    latest = {(hour, revision): count for hour, revision, count in told}
    words = [Told(h * HOUR_MS, r, {"a": count}) for (h, r), count in latest.items()]
    found = []
    for _ in range(2):
        own = Popularity()
        for each in words:
            own.hear(each)
        found.append(own.predict(41 * HOUR_MS, ["a"])["a"])
        rng.shuffle(words)
    assert found[0] == pytest.approx(found[1])


def test_a_play_of_a_half_life_ago_counts_half():
    own = Popularity()
    own.hear(Told(0, 0, {"a": 64, "gone": 9}))
    for times in range(5):
        found = own.predict(times * HALF_LIFE_MS, ["a", "b"])
        assert found == {"a": pytest.approx(SELDOM + 64 / 2**times), "b": SELDOM}


def test_what_is_remembered_has_a_bound():
    own = Popularity()
    for hour in range(HOURS_MAX + 5):
        own.hear(Told(hour * HOUR_MS, 0, {"a": 1}))
    assert len(own._hours) == HOURS_MAX and min(own._hours) == 5 * HOUR_MS


def test_a_report_that_is_days_late_counts_in_its_hour_and_one_that_came_twice_counts_once(
    tmp_path,
):
    day, now_ms = 24 * HOUR_MS, 40 * 24 * HOUR_MS
    log = Log(disk=SimDisk(rng=Random(1)))
    reports = [
        ("new", now_ms - HOUR_MS, "b"),
        ("old", now_ms - 2 * day, "a"),
        ("old", now_ms - 2 * day, "a"),
        ("ahead", now_ms + 9 * day, "c"),
    ]
    for session, at_ms, name in reports:
        log.append(Event(session, 0, "start", at_ms, "ada", name).to_bytes())
    log.commit()
    found = expected(log, ["a", "b", "c", "d"], tmp_path, now_ms)
    assert found["d"] == SELDOM and found["a"] == pytest.approx(SELDOM + 0.25)
    assert found["c"] == pytest.approx(SELDOM + 1) and SELDOM + 0.9 < found["b"] < SELDOM + 1


def test_a_title_that_was_published_today_is_taken_to_be_popular(tmp_path):
    log = Log(disk=SimDisk(rng=Random(1)))
    log.append(Event("s", 0, "start", 0, "ada", "a").to_bytes())
    log.commit()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "title.json").write_text("{}")
        os.utime(tmp_path / name / "title.json", (0, 0))
    late_ms = 2 * 24 * HOUR_MS
    assert expected(log, ["a", "b"], tmp_path, late_ms)["b"] == SELDOM
    found = expected(log, ["a", "b"], tmp_path, HOUR_MS)
    assert found["b"] == found["a"] > 0.9


# The plan.


@given(FILES, st.integers(1, 200), st.integers(0, 200), st.sets(st.text("abc", min_size=1)))
def test_a_plan_fits_and_leaves_out_only_what_does_not(files, room, night, held):
    found = plan(files, room, held, night)
    size = {each.path: each.size_bytes for each in files}
    used = sum(size[path] for path in found.keep)
    assert used <= room and found.fetch_bytes == sum(map(size.get, found.fetch)) <= night
    assert set(found.fetch) == found.keep - held and len(found.fetch) == len(set(found.fetch))
    for each in files:
        if each.path not in found.keep and each.plays > 0:
            better = sum(
                size[other.path]
                for other in files
                if other.path in found.keep
                and (-other.plays, other.path) < (-each.plays, each.path)
            )
            fits_night = each.path in held or each.size_bytes + found.fetch_bytes <= night
            assert (
                better + each.size_bytes > room or not fits_night or used + each.size_bytes > room
            )


def test_a_titles_files_are_all_wanted_and_shared_by_the_edges_that_keep_it():
    film = title(Random(1), segments=3)
    files = {
        each.path: each for each in wanted([film], {"colony": 8.0}, {"colony": ["a", "b"]}, "a")
    }
    assert files["/colony/title.json"].plays == 4 and files["/colony/a96/2.m4s"].plays == 4
    assert files["/colony/v144/2.m4s"].plays == 1
    assert files["/colony/v720/3.m4s"].size_bytes == film.video[3].segments[2].size_bytes
    assert not wanted([film], {"colony": 8.0}, {"colony": ["b"]}, "a")
    assert not wanted([replace(film, title="other")], {}, {}, "a")


# The shelf.


def edge(shelf_bytes=100):
    return Edge("edge-1", lambda on_evict: Lru(50, on_evict), shelf_bytes)


def test_what_is_on_the_shelf_stays_and_is_served():
    own, answers = edge(), []
    assert own.shelve("/t/1.m4s", Body.of(b"x" * 60)) and not own.shelve(
        "/t/2.m4s", Body.of(b"y" * 60)
    )
    for number in range(20):
        own.ask(f"/t/o{number}.m4s", answers.append)
        own.arrived(f"/t/o{number}.m4s", Body.of(b"z" * 40))
    assert not own.ask("/t/1.m4s", answers.append) and answers[-1].data == b"x" * 60
    assert own.used_bytes == 100 and own.capacity_bytes == 150 and own.shelf == ["/t/1.m4s"]
    assert own.shelve("/t/1.m4s", Body.of(b"n" * 90)) and own.used_bytes == 130
    own.clear_shelf(keep=["/t/9.m4s"])
    assert own.shelf == [] and own.used_bytes == 40


def test_a_damaged_file_on_the_shelf_is_fetched_again():
    own, answers = edge(), []
    own.shelve("/t/1.m4s", Body.of(b"x" * 60))
    own.damage("/t/1.m4s")
    assert own.ask("/t/1.m4s", answers.append) and not answers
    own.arrived("/t/1.m4s", Body.of(b"x" * 60))
    assert answers[0].is_whole and own.counters.mended == 1


# For real: edges behind HTTP are told what to have.


def told(url, posted=None):
    data = json.dumps(posted).encode() if posted is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as answer:
            return json.loads(answer.read())
    except OSError as error:
        raise Unreachable(str(error)) from None


def test_a_fill_over_http_and_then_the_origin_is_not_asked(servers, shelf, tmp_path):
    _, url = servers
    film = title(Random(1), "colony", segments=1)
    data = (shelf / "colony/v240/1.m4s").read_bytes()
    video = replace(
        film.video[0],
        name="v240",
        segments=(replace(film.video[0].segments[0], size_bytes=len(data)),),
    )
    film = replace(film, tracks=(video,))
    fleet = Fleet({"edge-1": url, "edge-2": "http://127.0.0.1:1"}, tmp_path, ask=told, clock=None)
    (row,) = fleet.fill([film], {"colony": 3.0})
    assert row["name"] == "edge-1" and row["had"] == 0 and row["files"] >= 2
    deadline = time.monotonic() + 30
    while told(f"{url}/_/status")["to_fill"] and time.monotonic() < deadline:
        time.sleep(0.01)
    while (
        "/colony/v240/1.m4s" not in told(f"{url}/_/shelf")["shelf"] and time.monotonic() < deadline
    ):
        time.sleep(0.01)
    status, body, headers = get(signed(url, "/v240/1.m4s"))
    assert (status, body, headers["X-Cache"]) == (200, data, "hit")
    assert told(f"{url}/_/status")["filled_bytes"] >= len(data)
    (row,) = fleet.fill([film], {"colony": 3.0})
    assert row["had"] >= 1


def test_a_fill_that_makes_no_sense_is_refused(servers):
    _, url = servers
    for posted in (b"[]", b"{}", b'{"keep": 1, "fetch": []}', b'{"keep": [], "fetch": [7]}'):
        assert get(url + "/_/fill", method="POST", data=posted)[0] == 400


# Days in simulation.


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_placement_does_most_and_the_fill_the_rest(seed):
    knobs = {"seed": seed, "titles": 120, "plays": 2_000, "room": 1.5}
    nearest, placed, filled = (last_day(way, 3, **knobs) for way in WAYS)
    assert nearest.asked_bytes == placed.asked_bytes == filled.asked_bytes
    assert placed.peak_bytes < 0.5 * nearest.peak_bytes
    assert filled.peak_bytes <= 0.2 * nearest.peak_bytes and sum(filled.by_hour) < sum(
        placed.by_hour
    )
    assert filled.night_bytes > 0 == placed.night_bytes


def test_the_story_and_what_it_refuses(capsys):
    story.demo(titles=40, plays=300, days=2)
    assert "filled" in capsys.readouterr().out
    for knobs in ({"days": 0}, {"titles": 0}, {"room": 0}, {"plays": 10**7}, {"premieres": -1}):
        with pytest.raises(UsageError):
            story.demo(**knobs)
