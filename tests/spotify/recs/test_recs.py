"""Lists, neighbours and rows: judged in a town whose tastes are known, and on the service's parts."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.batch import executor
from spotify.events.play import Play
from spotify.recs import story
from spotify.recs.home import HOUR_MS, IN_SIGHT, PARTS, ROWS, SOURCE, Rows, part_of
from spotify.recs.together import Together, pairs, sessions, surprise
from spotify.recs.town import town
from spotify.recs.weekly import choose, weekly
from spotify.wire import create


@pytest.fixture(scope="module")
def made():
    return town(np.random.default_rng(7), listeners=120, tracks=240)


@pytest.fixture(scope="module")
def lists(made):
    with executor("serial") as pool:
        return weekly(made.plays, made.artists, {}, pool)


def test_lists_find_more_of_what_comes_next_than_what_most_hear(made, lists):
    shares = {name: story.found(made, own) for name, own in story.ways(made, lists).items()}
    popular, own, oracle = shares.values()
    assert own > 1.25 * popular
    assert own <= oracle


def test_nothing_heard_nor_of_last_week_and_two_of_an_artist(made, lists):
    heard = {(play.user, play.track) for play in made.plays}
    with executor("serial") as pool:
        again = weekly(
            made.plays, made.artists, {who: frozenset(own) for who, own in lists.items()}, pool
        )
    for who, own in lists.items():
        assert len(set(own)) == len(own) == 30
        assert not {(who, track) for track in own} & heard
        assert max(Counter(made.artists[track] for track in own).values()) <= 2
        assert not set(own) & set(again[who])


def test_processes_make_the_same_lists_as_one(made, lists, monkeypatch):
    monkeypatch.setattr("spotify.recs.weekly.CHUNK", 50)
    with executor("processes", workers=2) as pool:
        assert weekly(made.plays, made.artists, {}, pool) == lists


@pytest.mark.slow
def test_a_cluster_makes_the_same_lists_as_one(made, lists, cluster, monkeypatch):
    monkeypatch.setattr("spotify.recs.weekly.CHUNK", 50)
    monkeypatch.setenv("KIT_CLUSTER", cluster.scheduler_address)
    with executor() as pool:
        assert weekly(made.plays, made.artists, {}, pool) == lists


def test_whoever_has_heard_nothing_gets_what_most_hear(made):
    with executor("serial") as pool:
        lists = weekly(made.plays, made.artists, {}, pool, listeners=["new"])
    counts = Counter(play.track for play in made.plays)
    best = [track for track, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]
    assert lists["new"][:5] == choose(best, frozenset(), made.artists)[:5]


def test_nobody_has_heard_anything():
    with executor("serial") as pool:
        assert weekly([], {"t": "a"}, {}, pool) == {}


@given(st.lists(st.integers(0, 40), unique=True), st.sets(st.integers(0, 40)), st.integers(0, 50))
def test_a_list_is_as_long_as_it_can_be(order, out, count):
    artists = {str(n): str(n % 5) for n in range(41)}
    chosen = choose(map(str, order), {str(n) for n in out}, artists, count)
    assert len(chosen) == min(count, len([n for n in order if n not in out]))
    assert len(set(chosen)) == len(chosen) and not set(chosen) & {str(n) for n in out}


def test_pairs_are_counted_both_ways_within_the_window():
    assert pairs([["a", "b", "c", "a"]], window=2) == {
        ("a", "b"): 2, ("b", "a"): 2, ("a", "c"): 2, ("c", "a"): 2, ("b", "c"): 1, ("c", "b"): 1
    }  # fmt: skip


def test_what_is_together_by_chance_is_no_surprise():
    everybody = {(a, b): 5 for a in "abcd" for b in "abcd" if a != b}
    told = surprise(everybody)
    assert all(value == pytest.approx(np.log(60 * 5 / (15 * 15))) for value in told.values())
    assert surprise({("a", "b"): 1, ("b", "a"): 1})["a", "b"] == pytest.approx(np.log(2))


def test_neighbours_are_of_the_same_genre(made):
    together = Together(made.plays, np.random.default_rng(1))
    assert story.alike(made, together) > 0.8
    near = together.near(together.tracks[0], 10)
    assert len(near) == 10 and together.tracks[0] not in near
    assert together.near("nothing", 3) == []


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_tracks_have_few_neighbours(count):
    plays = [Play(f"{n}", "u", f"t{n}", n * 200_000, 180_000) for n in range(count)]
    together = Together(plays, np.random.default_rng(1))
    assert set(together.near("t0", 5)) <= {f"t{n}" for n in range(1, count)}


def test_evenings_are_each_listeners_own():
    plays = [Play(f"{n}", "uv"[n % 2], f"t{n}", n * 200_000, 180_000) for n in range(6)]
    assert list(sessions(plays)) == [["t0", "t2", "t4"], ["t1", "t3", "t5"]]


def test_every_hour_is_in_a_part_of_the_day():
    parts = Counter(part_of(hour * HOUR_MS) for hour in range(48))
    assert parts == {name: 2 * (end - first) for name, (first, end) in PARTS.items()}


def test_learnt_orders_beat_one_for_all_parts_of_the_day():
    shares = story.orders(Random(7), 3000)
    fixed, by_lot, learnt = shares.values()
    assert learnt > 1.05 * fixed > 1.05 * by_lot


def test_a_page_teaches_once():
    rows = Rows(ROWS, rng=Random(1))
    rows.order("u", 0)
    for _ in range(10):
        rows.begun("u", f"{SOURCE}charts")
    counts = rows.counts()["night"]
    assert counts["charts"] == (1, 1.0)
    assert sum(pulls for pulls, _ in counts.values()) in (IN_SIGHT, IN_SIGHT + 1)


def test_the_page_has_rows_once_something_was_heard(house, monkeypatch):
    monkeypatch.setattr("spotify.events.play.COUNTS_MS", 1000)
    door = create(house, []).test_client()
    assert door.get("/api/home?user=ada").json == {"rows": []}
    tracks = list(house.shelf.catalogue().tracks.values())[:3]
    plays = [
        {"id": track.id, "user": "ada", "track": track.id, "at_ms": house.now_ms, "played_ms": 1000}
        for track in tracks
    ]
    assert door.post("/api/plays", json=plays).json["taken"] == 3
    house.make_home()
    rows = {row["name"]: row for row in door.get("/api/home?user=ada").json["rows"]}
    heard = {track.id for track in tracks}
    assert {each["id"] for each in rows["again"]["tracks"]} == heard
    assert not heard & {each["id"] for each in rows["made for you"]["tracks"]}
    assert rows["together"]["tracks"] and rows["charts"]["tracks"]
    source = f"{SOURCE}again"
    again = plays[0] | {"id": "other", "at_ms": house.now_ms, "source": source}
    assert door.post("/api/plays", json=[again]).json["taken"] == 1
    assert any(own["again"] == (1, 1.0) for own in house.home.rows.counts().values())
    assert door.get("/api/home?user=nobody").status_code == 404
