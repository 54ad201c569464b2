"""The control plane: who may watch what, how many at once, where they were, and with which key."""

import json
import random

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from chapters.log import Log
from chapters.portal.answers import BODY_BYTES_MAX
from chapters.sim import Chance, Crashed, SimDisk, VirtualClock
from chapters.sim.clock import S
from netflix.catalogue import Profile, TitleId
from netflix.cdn.signing import Signer
from netflix.cdn.steering import EdgeState
from netflix.control import wire
from netflix.control.accounts import account_of
from netflix.control.advice import Advisor
from netflix.control.bookmarks import REWRITE_MIN, Bookmark, Bookmarks
from netflix.control.entitlement import Rights
from netflix.control.licence import unpadded
from netflix.control.service import SESSIONS_MAX, Control
from netflix.control.streams import LEASE_S, Streams
from netflix.errors import Refused
from netflix.package.keys import ContentKey
from netflix.scene.imagined import title

SECRET = b"a secret of the tests"


class Stage:
    """A control plane with three titles, two edges and a clock that stands still."""

    def __init__(self, rights=None):
        rng = random.Random(1)
        key = ContentKey.derive(SECRET, "locked")
        self.titles = [
            title(rng),
            title(rng, "other"),
            title(rng, "locked", key_id=key.key_id.hex()),
        ]
        self.clock, self.alive = VirtualClock(), ["edge-1", "edge-2"]
        self.clock.advance(1_000_000 * S)
        self.log = Log(disk=SimDisk(rng=rng))
        self.control = Control(
            clock=self.clock,
            rng=rng,
            library=lambda: self.titles,
            edges=self.states,
            distance_ms={"edge-1": 30.0, "edge-2": 5.0},
            signer=Signer(SECRET),
            secret=SECRET,
            bookmarks=Bookmarks(self.log),
            rights=rights,
        )
        app = Flask(__name__)
        app.register_blueprint(wire.blueprint(self.control))
        self.client = app.test_client()

    def states(self):
        heard_s = self.clock.now_ns() / S
        return [EdgeState(name, f"http://{name}", 0.0, heard_s) for name in self.alive]

    def post(self, path, **facts):
        answer = self.client.post(path, data=json.dumps(facts))
        return answer.status_code, answer.get_json()

    def play(self, what="colony", who="ada", **more):
        return self.post("/api/play", title=what, profile=who, **more)


@pytest.fixture
def stage():
    return Stage()


def test_play_gives_ranked_signed_addresses_and_what_may_be_played(stage):
    status, offer = stage.play()
    assert status == 200 and [each["name"] for each in offer["edges"]] == ["edge-2", "edge-1"]
    path = offer["edges"][0]["url"].removeprefix("http://edge-2")
    assert Signer(SECRET).check(f"{path}/master.m3u8", now_s=1_000_000) == "/colony/master.m3u8"
    assert offer["rungs"] == ["v144", "v240", "v360", "v720"] and offer["resume_s"] == 0
    assert offer["key_system"] == "" and stage.play("locked")[1]["key_system"] == "org.w3.clearkey"
    assert stage.play(who="alan")[1]["rungs"] == ["v144", "v240"]
    assert stage.play(device={"height_max": 400})[1]["rungs"] == ["v144", "v240", "v360"]


@pytest.mark.parametrize(
    ("facts", "status", "said"),
    [
        ({"title": "nothing", "profile": "ada"}, 404, "there is no title 'nothing'"),
        ({"title": "colony", "profile": "nobody"}, 404, "there is no profile 'nobody'"),
        ({"title": "adult", "profile": "kid"}, 404, "there is no title"),
        ({"title": "other", "profile": "kid"}, 403, "is for 16 and older"),
        ({"title": "other", "profile": "ada"}, 403, "is not offered in GB"),
        (
            {"title": "locked", "profile": "ada", "device": {"has_keys": False}},
            403,
            "cannot decrypt",
        ),
        (
            {"title": "colony", "profile": "ada", "device": {"codecs": ["av01"]}},
            403,
            "does not decode",
        ),
        ({"title": "colony", "profile": "ada", "device": 7}, 400, '"device" is an object'),
        (
            {"title": "colony", "profile": "ada", "device": {"codecs": "avc1"}},
            400,
            '"codecs" is a list',
        ),
        (
            {"title": "colony", "profile": "ada", "device": {"height_max": -1}},
            400,
            "'height_max' is -1",
        ),
        ({"title": 7, "profile": "ada"}, 400, "'title' is 7"),
        ({"profile": "ada"}, 400, "'title' is None"),
    ],
)
def test_what_may_not_be_played_is_refused_with_its_status_and_one_line(facts, status, said):
    stage = Stage({TitleId("other"): Rights(territories=frozenset({"US"}), age=16)})
    found, answer = stage.post("/api/play", **facts)
    assert found == status and said in answer["error"] and "\n" not in answer["error"]


def test_a_body_that_is_no_object_or_too_large_is_refused(stage):
    assert stage.client.post("/api/play", data="[]").status_code == 400
    assert stage.client.post("/api/play", data="{").status_code == 400
    assert stage.client.post("/api/play", data=b" " * (BODY_BYTES_MAX + 1)).status_code == 413


def test_too_many_streams_are_429_until_one_stops_or_falls_silent(stage):
    first, second = (stage.play(who="grace")[1]["session"] for _ in range(2))
    status, answer = stage.play(who="vincent")
    assert status == 429 and "plays on 2 at once" in answer["error"]
    assert stage.post("/api/stop", session=first)[0] == 200
    assert stage.play(who="vincent")[0] == 200 and stage.play(who="kid")[0] == 429
    stage.clock.advance(LEASE_S * S)
    assert stage.play(who="kid")[0] == 200
    assert stage.post("/api/heartbeat", session=second)[0] == 200  # its lease ran out; one is free
    assert stage.post("/api/stop", session="nothing")[0] == 404


STEP = st.tuples(
    st.sampled_from(["acquire", "renew", "release"]), st.integers(0, 5), st.integers(0, 50)
)


@given(st.lists(STEP, max_size=50))
def test_there_are_never_more_leases_than_streams(steps):
    clock = VirtualClock()
    streams, account = Streams(clock=clock), account_of("grace")
    for what, number, wait_s in steps:
        clock.advance(wait_s * S)
        try:
            getattr(streams, what)(account, f"s{number}")
        except Refused as refused:
            assert refused.status == 429 and len(streams.playing(account)) == account.plan.streams
        assert len(streams.playing(account)) <= account.plan.streams


def test_without_an_edge_nobody_plays_and_no_stream_is_taken(stage):
    stage.alive.clear()
    assert stage.play()[0] == 503
    stage.alive.append("edge-1")
    assert stage.play()[0] == 200 and len(stage.control.streams.playing(account_of("ada"))) == 1


def test_a_licence_is_for_the_sessions_own_title_only(stage):
    session = stage.play("locked")[1]["session"]
    key = ContentKey.derive(SECRET, "locked")

    def ask(who, kids):
        answer = stage.client.post(f"/api/licence?session={who}", data=json.dumps({"kids": kids}))
        return answer.status_code, answer.get_json()

    status, found = ask(session, [unpadded(key.key_id)])
    assert status == 200
    assert found["keys"] == [{"kty": "oct", "kid": unpadded(key.key_id), "k": unpadded(key.key)}]
    assert ask(session, [unpadded(ContentKey.derive(SECRET, "colony").key_id)])[0] == 403
    for kids in ([], ["short"], [7], "x", [unpadded(key.key_id)] * 17):
        assert ask(session, kids)[0] == 400
    assert ask("nobody", [unpadded(key.key_id)])[0] == 404
    assert ask(stage.play("colony")[1]["session"], [unpadded(key.key_id)])[0] == 400


def test_where_one_stopped_is_where_one_goes_on(stage):
    session = stage.play()[1]["session"]
    assert stage.post("/api/heartbeat", session=session, position_ms=20_000, at_ms=2000)[1][
        "bookmarked"
    ]
    assert not stage.post("/api/heartbeat", session=session, position_ms=9_000, at_ms=1000)[1][
        "bookmarked"
    ]
    assert stage.play()[1]["resume_s"] == 20.0
    shown = stage.client.get("/api/titles?profile=ada").get_json()
    assert shown["continue"] == [{"title": "colony", "share": pytest.approx(1 / 3)}]
    assert stage.client.get("/api/titles?profile=grace").get_json()["continue"] == []
    for place in (-1, 60_001, "x", 1.5, True):
        status, answer = stage.post(
            "/api/heartbeat", session=session, position_ms=place, at_ms=3000
        )
        assert status == 400 and "\n" not in answer["error"]


def advice(stage, session, **facts):
    told = {"rule": "throughput", "segment": 0, "buffer_s": 0, "now_s": 0}
    return stage.post("/api/advice", session=session, **told | facts)


def test_the_rule_is_asked_and_told(stage):
    session = stage.play()[1]["session"]
    assert advice(stage, session)[1]["rung"] == 0
    got = {"segment": 0, "rung": 0, "size_bits": 4_000_000, "first_byte_s": 0.01, "took_s": 1.0}
    assert advice(stage, session, segment=1, buffer_s=2, downloads=[got])[1]["rung"] == 3
    low = stage.play(who="alan")[1]["session"]
    advice(stage, low)
    assert advice(stage, low, segment=1, buffer_s=2, downloads=[got])[1]["rung"] == 1


def test_a_download_that_would_take_far_too_long_is_broken_off(stage):
    session = stage.play()[1]["session"]
    under_way = {
        "rung": 3,
        "size_bits": 5_000_000,
        "came_bits": 100_000,
        "first_byte_s": 0.01,
        "took_s": 1.0,
    }

    def progress(**facts):
        return stage.post("/api/progress", session=session, buffer_s=4, **under_way | facts)

    assert progress() == (200, {"rung": None})
    advice(stage, session)
    assert progress() == (200, {"rung": 0})
    assert (
        progress(came_bits=4_500_000)
        == progress(rung=0)
        == progress(rung=99)
        == (200, {"rung": None})
    )
    for facts in ({"rung": -1}, {"size_bits": "x"}, {"took_s": None}):
        status, answer = progress(**facts)
        assert status == 400 and "\n" not in answer["error"]
    told = {
        "segment": 0,
        "rung": 3,
        "size_bits": 1,
        "first_byte_s": 0,
        "took_s": 1,
        "abandoned_for": 0,
    }
    assert advice(stage, session, segment=0, downloads=[told])[0] == 200


def test_a_rule_that_fails_breaks_nothing_off(stage, monkeypatch):
    session = stage.play()[1]["session"]
    advice(stage, session)
    rule = stage.control.session(session).advisor._rule
    facts = {
        "rung": 3,
        "size_bits": 9,
        "came_bits": 1,
        "first_byte_s": 0,
        "took_s": 1,
        "buffer_s": 1,
    }
    for found in (
        lambda self, progress: 1 // 0,
        lambda self, progress: 3,
        lambda self, progress: "low",
    ):
        monkeypatch.setattr(type(rule), "abandon", found)
        assert stage.post("/api/progress", session=session, **facts) == (200, {"rung": None})


@pytest.mark.parametrize(
    "facts",
    [{"rule": "luck"}, {"rule": 7}, {"segment": 99}, {"segment": -1}, {"buffer_s": "x"}, {"now_s": None},
     {"downloads": [{}]}, {"downloads": [7]}, {"downloads": {}}, {"downloads": [{"took_s": 0}]}],
)  # fmt: skip
def test_what_a_player_tells_is_checked(stage, facts):
    status, answer = advice(stage, stage.play()[1]["session"], **facts)
    assert status == 400 and "\n" not in answer["error"]


def test_a_rule_that_fails_costs_no_picture(stage, monkeypatch):
    session = stage.play()[1]["session"]
    advice(stage, session)
    rule = stage.control.session(session).advisor._rule
    monkeypatch.setattr(type(rule), "choose", lambda self, moment: 1 // 0)
    status, found = advice(stage, session)
    assert status == 200 and found["rung"] == 0 and "ZeroDivisionError" in found["problem"]
    monkeypatch.setattr(type(rule), "choose", lambda self, moment: 17)
    assert "chose rung 17" in advice(stage, session)[1]["problem"]


def test_an_advisor_never_offers_more_than_the_session_may_have(stage):
    from netflix.abr.ladder_of import ladder_of
    from netflix.abr.rule import Moment

    advisor = Advisor("bba", ladder_of(stage.titles[0]), 2)
    assert {advisor.advise(Moment(n, 24.0, 0.0), []).rung for n in range(5)} <= {0, 1}


def test_sessions_are_bounded_and_the_most_silent_goes_first(stage, monkeypatch):
    monkeypatch.setattr("netflix.control.service.SESSIONS_MAX", 3)
    sessions = [stage.play(who="ada")[1]["session"] for _ in range(3)]
    advice(stage, sessions[0])
    stage.play(who="ada")
    assert advice(stage, sessions[0])[0] == 200 and advice(stage, sessions[1])[0] == 404
    assert SESSIONS_MAX > 1000


def bookmark(at_ms, position_ms=50_000, name="colony"):
    return Bookmark(Profile("ada"), TitleId(name), position_ms, 100_000, at_ms)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 100_000)), max_size=20))
def test_the_latest_bookmark_wins_in_any_order(marks):
    kept = Bookmarks(Log(disk=SimDisk(rng=random.Random(1))))
    for at_ms, place in marks:
        kept.put(bookmark(at_ms, place))
    first_of = {}
    for at_ms, place in marks:
        first_of.setdefault(at_ms, place)
    found = kept.of("ada", "colony")
    assert (found is None) == (not marks)
    if found:
        assert found.at_ms == max(first_of) and found.position_ms == first_of[found.at_ms]


def test_a_bookmark_outside_its_title_is_refused():
    kept = Bookmarks(Log(disk=SimDisk(rng=random.Random(1))))
    for place in (-1, 100_001):
        with pytest.raises(Refused, match="it must be 0 to 100000"):
            kept.put(bookmark(1, place))


def test_what_was_answered_is_there_after_a_power_failure_at_any_write():
    for cut in range(45):
        disk = SimDisk(rng=Chance(cut).stream("disk"))
        disk.crash_after(cut)
        known = 0
        try:
            kept = Bookmarks(Log(disk=disk))
            for at_ms in range(1, 12):
                kept.put(bookmark(at_ms))
                known = at_ms
        except Crashed:
            pass
        disk.crash()
        found = Bookmarks(Log(disk=disk)).of("ada", "colony")
        assert known <= (found.at_ms if found else 0) <= known + 1


def test_the_log_is_rewritten_when_most_of_it_counts_no_more():
    disk = SimDisk(rng=random.Random(1))
    log = Log(disk=disk, segment_bytes_max=4096)
    kept = Bookmarks(log)
    kept.put(bookmark(1, name="other"))
    for at_ms in range(2, REWRITE_MIN + 20):
        kept.put(bookmark(at_ms))
    assert log.last + 1 - log.first < REWRITE_MIN
    again = Bookmarks(Log(disk=disk))
    assert (
        again.of("ada", "other").at_ms == 1 and again.of("ada", "colony").at_ms == REWRITE_MIN + 19
    )
