"""Edges: one fetch for many, no damaged byte, no path out of the library, no address that nobody signed."""

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.cache.lru import Lru
from chapters.cache.s3fifo import S3Fifo
from chapters.circuit_breaker.breaker import WINDOW, Breaker
from chapters.geo import Place
from chapters.sim.real import WallClock
from netflix.cdn.app import Settings, application
from netflix.cdn.body import Body, kind_of, span
from netflix.cdn.edge import WAITING_MAX, Edge
from netflix.cdn.fleet import Fleet
from netflix.cdn.origin import Origin
from netflix.cdn.signing import SKEW_S, Signer
from netflix.cdn.steering import DEAD_AFTER_S, EdgeState, rank, way_ms
from netflix.cdn.wire import EdgeServer
from netflix.errors import Refused, Unreachable
from tests.netflix.cdn.asking import SECRET, get, signed

CLOCK = WallClock()


def breaker():
    return Breaker(clock=CLOCK, rng=random.Random(1))


def edge(capacity=100_000):
    return Edge("edge-1", lambda on_evict: Lru(capacity, on_evict))


# The edge itself.


@given(
    st.lists(st.tuples(st.sampled_from(["ask", "arrive", "fail"]), st.integers(0, 3)), max_size=60)
)
def test_everybody_who_asks_is_answered_once_and_no_path_is_fetched_twice_at_a_time(steps):
    own, answers, asked, under_way = edge(), [], 0, set()
    for what, number in steps:
        path = f"/t/{number}.m4s"
        if what == "ask":
            asked += 1
            is_mine = own.ask(path, answers.append)
            assert not (is_mine and path in under_way)
            under_way |= {path} if is_mine else set()
        elif path in under_way:
            own.arrived(path, Body.of(b"x" * 9) if what == "arrive" else Unreachable("away"))
            under_way.discard(path)
    for path in sorted(under_way):
        own.arrived(path, Unreachable("away"))
    assert len(answers) == asked == own.counters.asked


def test_a_damaged_file_is_fetched_again_and_never_sent():
    own, answers = edge(), []
    own.keep("/t/1.m4s", Body.of(b"whole"))
    own.damage("/t/1.m4s")
    assert own.ask("/t/1.m4s", answers.append) and not answers
    own.arrived("/t/1.m4s", Body.of(b"whole"))
    assert answers[0].data == b"whole" and own.counters.mended == 1


def test_what_does_not_fit_is_handed_on_and_not_kept():
    own, answers = edge(capacity=10), []
    assert own.ask("/t/1.m4s", answers.append)
    own.arrived("/t/1.m4s", Body.of(bytes(11)))
    assert len(answers[0].data) == 11 and not own.holds("/t/1.m4s") and own.used_bytes == 0
    own.keep("/t/a.m4s", Body.of(bytes(6)))
    own.keep("/t/b.m4s", Body.of(bytes(6)))
    assert not own.holds("/t/a.m4s") and own.titles == ["t"] and own.used_bytes == 6


def test_too_many_who_wait_are_refused():
    own = edge()
    for _ in range(WAITING_MAX):
        own.ask("/t/1.m4s", lambda answer: None)
    with pytest.raises(Refused) as refused:
        own.ask("/t/1.m4s", lambda answer: None)
    assert refused.value.status == 503


@given(st.text(max_size=60), st.integers(0, 10**9))
def test_no_path_that_was_not_signed_is_let_through(path, now_s):
    with pytest.raises(Refused) as refused:
        Signer(SECRET).check(path, now_s=now_s)
    assert refused.value.status == 403


@given(st.integers(1, 10**9), st.integers(-1000, 1000))
def test_an_address_is_good_until_it_expires(expires_s, off):
    path = Signer(SECRET).sign("colony", expires_s=expires_s) + "/v240/1.m4s"
    now_s = expires_s + off
    if off <= SKEW_S:
        assert Signer(SECRET).check(path, now_s=now_s) == "/colony/v240/1.m4s"
    else:
        with pytest.raises(Refused, match="expired"):
            Signer(SECRET).check(path, now_s=now_s)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-9", (0, 10)), ("bytes=90-", (90, 100)), ("bytes=-10", (90, 100)),
        ("bytes=-200", (0, 100)),
        ("bytes=0-999", (0, 100)), ("bytes=5-4", None), ("lines=1-2", None), ("", None), ("bytes=-", None),
    ],
)  # fmt: skip
def test_ranges_are_read_as_the_rfc_says(header, found):
    assert span(header, 100) == found


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_past_the_end_is_416(header):
    with pytest.raises(Refused) as refused:
        span(header, 100)
    assert refused.value.status == 416


@pytest.mark.parametrize(
    "path",
    ["/../secret.json", "/colony/../../secret.json", "/.hidden/title.json", "/colony//v240/1.m4s", "/x.exe",
     "/colony/v240/9.m4s", "/colony/\0.m4s", "/", "/colony/v240"],
)  # fmt: skip
def test_the_origin_serves_nothing_but_titles(shelf, path):
    with pytest.raises(Refused) as refused:
        Origin(shelf).fetch(path)
    assert refused.value.status == 404


def test_a_link_out_of_the_library_is_not_followed(shelf, tmp_path):
    (shelf / "colony" / "out.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(Refused):
        Origin(shelf).fetch("/colony/out.json")


def test_what_is_served_has_a_type():
    assert kind_of("/t/1.m4s") == "video/iso.segment"
    assert kind_of("/t/manifest.mpd") == "application/dash+xml"


# Steering.


def state(name, **more):
    return EdgeState(
        name, f"http://{name}", more.pop("load", 0.0), more.pop("heard_s", 100.0), **more
    )


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(90, 100), st.integers(0, 9)), max_size=6))
def test_a_living_edge_is_always_found_and_a_dead_one_never(facts):
    edges = [
        state(f"e{n}", load=load, heard_s=heard, failures=bad)
        for n, (load, heard, bad) in enumerate(facts)
    ]
    alive = {each.name for each in edges if 100 - each.heard_s <= DEAD_AFTER_S}
    if not alive:
        with pytest.raises(Refused, match="no edge answers"):
            rank(edges, "t", distance_ms={}, now_s=100)
    else:
        assert {each.name for each in rank(edges, "t", distance_ms={}, now_s=100)} == alive


def test_the_fleet_tells_what_it_saw_and_its_age(tmp_path):
    clock, told = WallClock(), []
    status = {"pid": 0, "titles": ["colony"], "sent_bytes": 0, "used_bytes": 1, "hit_ratio": 0.5}

    def ask(url, posted):
        told.append((url, posted))
        if "9001" in url:
            raise Unreachable("away")
        return status

    fleet = Fleet(
        {"a": "http://h:9000", "b": "http://h:9001"}, tmp_path / "down", ask=ask, clock=clock
    )
    fleet.look()
    assert [each.name for each in fleet.states()] == ["a"]
    assert fleet.states()[0].titles == {"colony"}
    fleet.throttle(500)
    assert told[-2:] == [
        ("http://h:9000/_/throttle", {"kbps": 500}),
        ("http://h:9001/_/throttle", {"kbps": 500}),
    ]
    fleet.kill("b")
    assert (tmp_path / "down" / "b").exists() and fleet.shown()[1]["is_down"]
    fleet.revive("b")
    assert not fleet.shown()[1]["is_down"]
    with pytest.raises(Refused, match="there are a, b"):
        fleet.kill("c")


# HTTP, with real sockets.


def test_an_edge_serves_what_the_origin_has(servers, shelf):
    _, url = servers
    data = (shelf / "colony/v240/1.m4s").read_bytes()
    status, body, headers = get(signed(url, "/v240/1.m4s"))
    assert (status, body, headers["X-Cache"]) == (200, data, "miss")
    assert (
        headers["Access-Control-Allow-Origin"] == "*"
        and headers["Content-Type"] == "video/iso.segment"
    )
    status, body, again = get(signed(url, "/v240/1.m4s"), Range="bytes=10-19")
    assert (status, body, again["X-Cache"]) == (206, data[10:20], "hit")
    assert again["Content-Range"] == f"bytes 10-19/{len(data)}"
    assert get(signed(url, "/v240/1.m4s"), If_None_Match=headers["ETag"])[:2] == (304, b"")
    assert get(signed(url, "/v240/1.m4s"), method="HEAD")[:2] == (200, b"")
    assert get(signed(url, "/v240/1.m4s"), method="OPTIONS")[0] == 204


def test_every_refusal_has_its_status_and_one_line(servers):
    _, url = servers
    for path, status in (
        (signed(url, "/v240/9.m4s"), 404),
        (url + "/colony/v240/1.m4s", 403),
        (signed(url, "/v240/1.m4s").replace("colony", "other"), 403),
        (url + "/_/nothing", 404),
    ):
        found, body, _ = get(path)
        assert found == status and "\n" not in json.loads(body)["error"]
    assert get(signed(url, "/v240/1.m4s"), Range="bytes=999999-")[0] == 416
    assert get(signed(url, "/v240/1.m4s"), method="DELETE")[0] == 405
    for body in (b"", b"[]", b'{"kbps": -1}', b'{"kbps": "x"}', b'{"kbps": 1e9}'):
        assert get(url + "/_/throttle", method="POST", data=body)[0] == 400


def test_a_crowd_before_a_cold_file_causes_one_fetch(served):
    fetches, gate = [], threading.Event()

    def fetch(path):
        fetches.append(path)
        gate.wait(30)
        return Body.of(b"segment" * 1000)

    own = Edge("edge-1", lambda on_evict: S3Fifo(1 << 20, on_evict))
    url = served(EdgeServer(own, Signer(SECRET), fetch, clock=CLOCK, breaker=breaker()))
    with ThreadPoolExecutor(32) as crowd:
        waiting = [crowd.submit(get, signed(url, "/v240/1.m4s")) for _ in range(32)]
        while own.counters.asked < 32:
            pass
        gate.set()
        answers = [each.result() for each in waiting]
    assert len(fetches) == 1 and {answer[0] for answer in answers} == {200}
    assert own.counters.misses == 1 and own.counters.joined + own.counters.hits == 31


def test_an_origin_that_is_away_is_502_and_the_next_request_tries_again(served, shelf):
    told = Settings("edge-1", str(shelf), "", secret=SECRET.hex(), origin="http://127.0.0.1:1")
    url = served(application(told))
    for _ in range(2):
        status, body, _ = get(signed(url, "/v240/1.m4s"))
        assert status == 502 and "the origin does not answer" in json.loads(body)["error"]
    assert json.loads(get(url + "/_/status")[1])["failed"] == 2


def test_an_origin_that_never_answers_is_let_alone(served):
    asked = []

    def fetch(path):
        asked.append(path)
        raise Unreachable("the origin does not answer; try again")

    url = served(EdgeServer(edge(), Signer(SECRET), fetch, clock=CLOCK, breaker=breaker()))
    answers = [get(signed(url, f"/v240/{number}.m4s")) for number in range(2 * WINDOW)]
    assert {status for status, _, _ in answers} == {502} and len(asked) < WINDOW
    assert "is let alone" in json.loads(answers[-1][1])["error"]


def test_a_throttled_edge_sends_no_faster_than_it_was_told(servers):
    import time

    _, url = servers
    get(signed(url, "/v240/1.m4s"))
    assert get(url + "/_/throttle", method="POST", data=b'{"kbps": 160}')[0] == 200
    begun = time.monotonic()
    for _ in range(5):
        get(signed(url, "/v240/1.m4s"))
    assert time.monotonic() - begun >= (5 * 10_240 - 16_384) * 8 / 160_000
    get(url + "/_/throttle", method="POST", data=b'{"kbps": 0}')


@pytest.mark.parametrize(
    ("place", "least", "most"),
    [  # round trips between these cities, roughly
        (Place(12.97, 77.59), 1, 5),  # Bengaluru itself
        (Place(13.08, 80.27), 5, 15),  # Chennai
        (Place(1.35, 103.82), 35, 70),  # Singapore
        (Place(50.11, 8.68), 110, 160),  # Frankfurt
    ],
)
def test_the_way_to_an_edge_is_guessed_from_the_map(place, least, most):
    assert least < way_ms(Place(12.97, 77.59), place) < most
