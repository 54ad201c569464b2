"""Ranges against a set of bytes; the policy; an evening; a tap from end to end; what a player is told."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import Refused, UsageError
from spotify import wire
from spotify.errors import Unreachable
from spotify.playback.imagined import evening
from spotify.playback.listening import Line
from spotify.playback.policy import (
    DURING_S,
    NEXT_S,
    REQUEST_BYTES_MIN,
    START_S,
    Hearing,
    Held,
    wanted,
)
from spotify.playback.rangeset import RangeSet
from spotify.playback.sparse import SparseFile
from spotify.scene.evening import cast, in_simulation

RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=20)


@given(RANGES, st.integers(0, 60), st.integers(0, 40))
def test_a_range_set_is_a_set_of_bytes(added, first, size):
    found, model = RangeSet(), set()
    for begin, length in added:
        found.add(begin, begin + length)
        model |= set(range(begin, begin + length))
    rows = list(found)
    assert {byte for begin, end in rows for byte in range(begin, end)} == model
    assert all(a[1] < b[0] for a, b in pairwise(rows)) and all(a < b for a, b in rows)
    wanted_ = set(range(first, first + size))
    missing = [
        byte for begin, end in found.missing(first, first + size) for byte in range(begin, end)
    ]
    assert missing == sorted(wanted_ - model)
    assert found.covers(first, first + size) == (wanted_ <= model)
    assert found.size == len(model)


def test_a_range_that_is_none_is_refused():
    with pytest.raises(UsageError, match="5 to 2"):
        RangeSet().add(5, 2)


def test_a_sparse_file_gives_back_what_was_put_in():
    file = SparseFile(100)
    file.put(10, b"abc")
    file.put(13, b"def")
    assert file.has(10, 16) and not file.has(9, 12) and file.read(11, 15) == b"bcde"


@given(
    st.text("01", min_size=1, max_size=80),
    st.integers(0, 79),
    st.booleans(),
    st.integers(1, 90_000),
)
def test_what_is_wanted_is_not_here_and_not_behind(here, at, playing, size):
    at = min(at, len(here) - 1)
    held = Held([size] * len(here), [1.0] * len(here), [each == "1" for each in here])
    found = wanted(Hearing(held, at, float(len(here) - at), playing, 0.05))
    if found is None:
        assert "0" not in here[at:]
        return
    assert at <= found.first < found.end and "1" not in here[found.first : found.end]
    urgent = here[at : at + int(DURING_S if playing else START_S)]
    if "0" in urgent:
        assert found.first == at + urgent.index("0")
        assert size * (found.end - found.first - 1) < REQUEST_BYTES_MIN


def test_the_next_track_is_fetched_when_this_one_is_near_its_end():
    here = Held([16_000] * 60, [1.0] * 60, [True] * 50 + [False] * 10)
    after = Held([16_000] * 60, [1.0] * 60, [False] * 60)
    early = wanted(Hearing(here, 10, 50.0, True, 0.05, after))
    late = wanted(Hearing(here, 31, NEXT_S - 1, True, 0.05, after))
    assert early is not None and early.track == 0
    assert late is not None and late.track == 1 and late.first == 0


def test_the_median_of_2010_is_reached_and_cold_starts_are_told_apart():
    found = evening(seed=7, taps=200)
    assert found.median_ms() < 265 and found.stuttered < 0.01
    assert found.median_ms(cold_only=True) > found.median_ms()
    assert len(found.starts_ms(cold_only=True)) == round(200 * (1 - found.kept))


@pytest.mark.slow
def test_without_prefetch_fewer_starts_are_at_hand():
    line = Line(trip_s=0.4, bps=1e6)
    assert (
        evening(seed=3, taps=60, line=line).kept
        > evening(seed=3, taps=60, line=line, prefetching=False).kept
    )


def test_a_tap_is_heard_though_an_edge_lies_and_another_is_dead():
    stage = cast(11)
    first, second, third = stage.router.edges(stage.album.id)
    one, two, *_ = stage.album.tracks
    path = f"/{stage.album.id}/{one.renditions[0].file}"
    stage.edges[first].keep(path, 0, bytes(64 * 1024))
    stage.listener.kill(second)
    sound = stage.listener.tap(one.id, two.id, "SE")
    head = one.renditions[0].head
    assert sound == stage.files[path][head : head + len(sound)] and len(sound) > 50_000
    assert stage.listener.refused[0] == first and stage.edges[third].counters.requests
    stage.listener.kill(first)
    stage.listener.kill(third)
    with pytest.raises(Unreachable, match="none of"):
        stage.listener.tap(two.id, one.id, "SE")


def test_the_trace_is_the_same_for_a_seed_and_ends_in_sound():
    names = [span.name for span in in_simulation(7).spans]
    assert names == [span.name for span in in_simulation(7).spans]
    assert "sound" in names and any("not what they should be" in name for name in names)


@pytest.fixture
def client(house):
    return wire.create(house, []).test_client()


def test_an_offer_names_everything_and_advice_follows_it(house, client):
    track = next(t for t in house.shelf.catalogue().tracks.values() if t.title == "Low Water")
    offer = client.post(
        "/api/play", json={"user": "ada", "track": track.id, "quality": "high"}
    ).get_json()
    assert len(offer["urls"]) == 3 and offer["samples"] == track.samples
    assert offer["pieces"][0][0] == offer["head"] and len(offer["head_digest"]) == 16
    told = {"track": track.id, "rendition": "web160", "here": "0" * len(offer["pieces"])}
    facts = {"current": told, "at": 0, "left_s": 10, "is_playing": False, "ping_s": 0.05}
    found = client.post("/api/want", json=facts).get_json()
    assert found["track"] == 0 and found["first"] == 0 and found["end"] > 1


@pytest.mark.parametrize(
    ("path", "facts", "status", "said"),
    [
        ("/api/play", {"user": "nobody", "track": "x"}, 404, "no user"),
        ("/api/sign-in", {"user": "nobody"}, 404, "no user"),
        ("/api/play", {"user": "ada", "track": "x"}, 404, "no track"),
        ("/api/play", [], 400, "JSON object"),
        ("/api/want", {}, 400, "current"),
        ("/api/want", {"current": {"track": "x"}, "at": 0}, 404, "no track"),
        ("/api/plays", {}, 400, "list"),
        ("/api/edges/edge-9", {"up": False}, 404, "no edge"),
        ("/api/edges/edge-1", {"up": 1}, 400, "up"),
    ],
)
def test_a_bad_request_is_refused_in_one_line(client, path, facts, status, said):
    answer = client.post(path, json=facts)
    assert answer.status_code == status and said in answer.get_json()["error"]


def test_what_may_not_be_played_says_so_with_a_reason_for_programs(house, client):
    american = next(
        t for t in house.shelf.catalogue().tracks.values() if t.title == "Rain on Copper"
    )
    answer = client.post("/api/play", json={"user": "ada", "track": american.id})
    assert answer.status_code == 403 and answer.get_json()["reason"] == "market"
    with pytest.raises(Refused, match="quality"):
        house.desk.offer(american.id, "US", "best")
