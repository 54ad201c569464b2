"""Limits that learn, priorities, hedges, a cache in zones, a region that is lost, chaos by the calendar."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.sim.clock import MS, S, VirtualClock
from netflix.errors import Refused, Unreachable
from netflix.resilience import app as chaos_app
from netflix.resilience import evcache, story
from netflix.resilience.chaos import BEGINS, ENDS, Group, victims
from netflix.resilience.evcache import EvCache
from netflix.resilience.hedge import ENOUGH, REMEMBERED, Hedger, Recent
from netflix.resilience.limits import (
    FORGET,
    LIMIT_MAX,
    LIMIT_MIN,
    WINDOW,
    Fixed,
    Gradient,
    Limiter,
    Sample,
    Vegas,
)
from netflix.resilience.regions import REGIONS, Region, outage, shares
from netflix.resilience.shed import Gate, Priority, admits, threshold
from netflix.resilience.surge import SURGE_FROM_S, SURGE_TO_S, Surge
from netflix.resilience.tail import tail
from netflix.resilience.wire import guard, priority_of

SAMPLES = st.lists(
    st.builds(Sample, st.floats(1, 1e9), st.integers(0, 2000), st.booleans()), max_size=60
)

# Limits.


@given(SAMPLES, st.sampled_from([Vegas, Gradient]))
def test_a_limit_stays_within_bounds_and_does_not_grow_while_half_of_it_is_unused(samples, kind):
    own = kind()
    for sample in samples:
        before = own.limit
        own.update(sample)
        assert LIMIT_MIN <= own.limit <= LIMIT_MAX
        if sample.is_dropped or 2 * sample.in_flight < before:
            assert own.limit <= before


def saturated(own, workers, windows):
    """So many workers, each 10 ms, and always somebody waiting: all take longer in proportion."""
    for _ in range(windows):
        own.update(Sample(max(1.0, own.limit / workers) * 10 * MS, own.limit))
    return own.limit


@pytest.mark.parametrize("workers", [10, 40, 120])
def test_vegas_finds_the_workers_and_stays_there(workers):
    for windows in (60, 3 * FORGET + 50):
        assert workers <= saturated(Vegas(5), workers, windows) <= 1.15 * workers + 4


@pytest.mark.parametrize("workers", [10, 40, 120])
def test_gradient_finds_the_workers_and_then_forgets_what_was_usual(workers):
    own = Gradient(5)
    limits = [saturated(own, workers, 100) for _ in range(5)]
    assert workers <= limits[0] <= 2.3 * workers + 20
    assert limits == sorted(limits)


def test_a_drop_is_not_a_fast_answer():
    own, clock = Vegas(), VirtualClock()
    limiter = Limiter(own, clock=clock)
    for _ in range(WINDOW - 1):
        limiter.leave(limiter.enter(), is_dropped=True)
    assert own.limit < 50 and limiter.in_flight == 0


def test_a_limiter_judges_by_windows_and_by_the_most_that_were_in_flight():
    told, clock = [], VirtualClock()

    class Told(Fixed):
        def update(self, sample):
            told.append(sample)

    limiter = Limiter(Told(9), clock=clock)
    for _ in range(WINDOW // 2):
        began = [limiter.enter(), limiter.enter()]
        clock.advance(10 * MS)
        for each in began:
            limiter.leave(each)
    assert told == [Sample(10 * MS, 2)]


# Shedding.


@given(st.integers(0, 100), st.integers(0, 200), st.integers(1, 200))
def test_whoever_is_more_important_is_let_in_too(priority, in_flight, limit):
    if admits(priority, in_flight, limit):
        assert in_flight < limit and all(admits(p, in_flight, limit) for p in range(priority))
    assert not admits(0, limit, limit) and admits(0, limit - 1, limit)
    assert not admits(Priority.PREFETCH, limit - 1, limit)


def test_the_curve_of_the_source():
    """35 % over: priorities in the mid-90s are served; 80 %: 50; 95 %: 10, roughly."""
    assert 94 <= threshold(0.35) <= 97 and 47 <= threshold(0.8) <= 52 and 9 <= threshold(0.95) <= 15


@pytest.mark.parametrize("seed", range(1, 6))
def test_people_are_served_through_twelve_times_the_prefetch(seed):
    served = {}
    for way in ("none", "limit", "priorities"):
        found = Surge(way, seed=seed).run()
        served[way] = found.counts[Priority.PLAY].availability(SURGE_FROM_S, SURGE_TO_S)
    assert served["none"] < 0.2 and 0.3 < served["limit"] < 0.7 and served["priorities"] >= 0.994


def test_without_a_surge_nobody_sees_the_gate():
    found = Surge("priorities", seed=3, times=1).run()
    assert found.counts[Priority.PLAY].availability() == 1
    assert found.counts[Priority.PREFETCH].availability() > 0.97


def test_paths_have_priorities_and_a_header_can_only_lower_one():
    assert priority_of("/api/play") == priority_of("/api/heartbeat") == Priority.PLAY
    assert priority_of("/api/play", "prefetch;prerender") == Priority.PREFETCH
    assert priority_of("/api/events") == Priority.REPORT
    assert priority_of("/") == priority_of("/poster/x.jpg") == Priority.BROWSE


def test_a_gate_before_an_application():
    own = Flask(__name__)
    limiter = Limiter(Fixed(4), clock=VirtualClock())
    guard(own, Gate(limiter))
    own.add_url_rule("/", "page", lambda: "here")
    own.add_url_rule("/api/play", "play", lambda: 1 // 0)
    client = own.test_client()
    assert client.get("/").status_code == 200 and client.get("/api/play").status_code == 500
    assert limiter.in_flight == 0
    for _ in range(2):
        limiter.enter()
    assert client.get("/", headers={"Sec-Purpose": "prefetch"}).status_code == 503
    assert client.get("/").status_code == 200
    for _ in range(2):
        limiter.enter()
    refused = client.get("/api/play")
    assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
    assert "\n" not in refused.json["error"]
    for _ in range(2):
        limiter.leave(0)
    found = client.get("/api/gate").json
    assert found["shed"] == {"PREFETCH": 1, "PLAY": 1} and found["limit"] == 4


# Hedging.


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), max_size=150), st.floats(0, 1))
def test_everybody_is_answered_once_and_hedges_stay_within_the_budget(rows, share):
    clock, told, sent = VirtualClock(), [], 0

    def send(name, on_answer):
        nonlocal sent
        sent += 1
        clock.call_later(row[name == "b"] * MS, lambda: on_answer(name))

    hedger = Hedger(send, clock=clock, share=share)
    for row in rows:  # noqa: B007 (`send` looks at it)
        hedger.ask(["a", "b"], told.append)
        clock.run()
    assert len(told) == len(rows) and sent == len(rows) + hedger.hedged
    assert hedger.hedged <= share * len(rows) + 10 and hedger.won == told.count("b")


@given(st.lists(st.integers(0, 50), min_size=ENOUGH, max_size=120), st.floats(0, 0.999))
def test_a_quantile_is_that_of_the_last_ones(times, share):
    own = Recent()
    for each in [9] * REMEMBERED + times:
        own.add(each)
    last = sorted(([9] * REMEMBERED + times)[-REMEMBERED:])
    assert own.quantile(share) == last[int(share * REMEMBERED)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hedging_cuts_the_tail_where_slowness_is_bad_luck(seed):
    calm = tail(seed=seed, requests=4000, slow=20, often=0.03, share=0)
    hedged = tail(seed=seed, requests=4000, slow=20, often=0.03, share=0.05)
    assert hedged.quantile_ms(0.99) < 0.5 * calm.quantile_ms(0.99) and hedged.asked_more <= 0.055
    assert calm.asked_more == 0 and len(calm.took_ns) == len(hedged.took_ns) == 4000


# The cache.

ZONES = {"a": ["a1", "a2"], "b": ["b1", "b2"], "c": ["c1"]}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["set", "get", "down", "up", "restart"]),
        st.integers(0, 5),
        st.sampled_from("abc"),
    ),
    max_size=80,
)


@given(STEPS)
def test_a_zone_that_answers_never_says_what_was_replaced(steps):
    cache, latest, down = EvCache(ZONES, clock=VirtualClock()), {}, set()
    nodes = {name: (zone, node) for zone, own in cache.nodes.items() for name, node in own.items()}
    for version, (what, number, zone) in enumerate(steps, 1):
        name = sorted(nodes)[number % len(nodes)]
        if what == "set":
            key = f"k{number}"
            if cache.set(key, b"%d" % version, version, 3600 * S):
                latest[key] = b"%d" % version
            else:
                latest.pop(key, None)
        elif what == "get":
            found, wanted = cache.get(f"k{number}", zone), latest.get(f"k{number}")
            assert found is None or wanted is None or found == wanted
            if wanted is not None and not down:
                assert found in (wanted, None)
        elif what == "restart":
            nodes[name][1].entries.clear()
        else:
            nodes[name][1].is_up = what == "up"
            (down.discard if what == "up" else down.add)(name)


def test_with_everything_up_every_zone_has_every_write():
    cache = EvCache(ZONES, clock=VirtualClock())
    for number in range(200):
        assert cache.set(f"k{number}", b"v", 1, S) == 3
    assert all(cache.get(f"k{number}", zone) == b"v" for number in range(200) for zone in ZONES)
    assert cache.hits == 600 and cache.from_afar == cache.misses == 0


def test_too_much_owed_empties_the_zone(monkeypatch):
    monkeypatch.setattr(evcache, "OWED_MAX", 10)
    cache = EvCache(ZONES, clock=VirtualClock())
    cache.set("k0", b"old", 1, S)
    cache.nodes["c"]["c1"].is_up = False
    for number in range(11):
        cache.set(f"k{number}", b"new", 2, S)
    cache.nodes["c"]["c1"].is_up = True
    assert not cache.owed["c"] and not cache.nodes["c"]["c1"].entries
    assert cache.get("k0", "c") == b"new" and cache.from_afar == 1


def test_a_zone_is_warmed_from_another_with_what_is_still_good():
    clock = VirtualClock()
    cache = EvCache(ZONES, clock=clock)
    cache.set("short", b"v", 1, S)
    cache.set("long", b"v", 1, 9 * S)
    cache.nodes["c"]["c1"].entries.clear()
    clock.advance(2 * S)
    assert cache.warm("c", "a") == 1 and set(cache.nodes["c"]["c1"].entries) == {"long"}


# Regions.


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.tuples(st.floats(0, 99), st.floats(0, 99)), min_size=2
    ),
    st.floats(1, 3),
)
def test_all_of_the_traffic_goes_somewhere_and_nobody_is_overfull_while_another_has_room(
    facts, grown
):
    regions = {name: Region(*each) for name, each in facts.items()}
    lost = min(regions)
    found = shares(lost, regions, grown)
    assert lost not in found and sum(found.values()) == pytest.approx(1)
    room = {name: grown * regions[name].capacity - regions[name].demand for name in found}
    if sum(max(0, each) for each in room.values()) > regions[lost].demand:
        for name, share in found.items():
            assert share * regions[lost].demand <= max(0, room[name]) + 1e-6


def test_the_only_region_has_nowhere_to_go():
    with pytest.raises(Unreachable, match="only region"):
        shares("a", {"a": Region(1, 1)})


def test_leaving_helps_and_leaving_without_shedding_hurts_first():
    stay = outage("us-east", 30, evacuate=False).failed_share
    go, crowd, wait = (
        outage("us-east", 30, **knobs).failed_share
        for knobs in ({}, {"shed": False}, {"shed": False, "scale_first": True})
    )
    total = sum(each.demand for each in REGIONS.values())
    assert stay == pytest.approx(REGIONS["us-east"].demand / total)
    assert go < wait < crowd < stay and go < 0.1 * stay


# Chaos.


@given(st.integers(0, 400), st.integers(0, 50))
def test_chaos_keeps_to_its_hours_and_leaves_somebody(day, seed):
    groups = {
        "edges": Group(["e1", "e2", "e3"]),
        "one": Group(["x"]),
        "out": Group(["a", "b"], 0.0),
    }
    when = datetime(2026, 1, 1) + timedelta(days=day)
    found = victims(groups, when, seed)
    assert found == victims(groups, when, seed)
    assert [name for _, name, _ in found] == ([] if when.weekday() >= 5 else ["edges"])
    for at, _, member in found:
        assert (
            BEGINS <= at.hour < ENDS and at.date() == when.date() and member in ("e1", "e2", "e3")
        )


def test_over_a_year_everybody_has_their_turn():
    groups = {"edges": Group(["e1", "e2", "e3"], 0.5)}
    days = (datetime(2026, 1, 1) + timedelta(days=day) for day in range(365))
    counts = Counter(member for day in days for _, _, member in victims(groups, day, 7))
    assert 90 < sum(counts.values()) < 170 and min(counts.values()) > 20


def test_a_rampage_never_kills_the_last_and_brings_all_back(monkeypatch):
    down, most = set(), []

    def ask(url, posted):
        name = url.rpartition("/")[2]
        if posted is None:
            return [{"name": n, "is_down": n in down, "age_s": 0.1} for n in ("e1", "e2")]
        (down.discard if posted["up"] else down.add)(name)
        most.append(len(down))
        return {}

    monkeypatch.setattr(chaos_app, "ask", ask)
    lines = list(
        chaos_app.rampage("http://h/", kills=3, every_s=0, dead_s=0, seed=Random(1).randrange(9))
    )
    assert len(lines) == 4 and max(most) == 1 and not down
    steps = chaos_app.rampage("http://h", kills=3, every_s=0, dead_s=0, seed=1)
    next(steps)
    steps.close()
    assert not down


def test_the_story_and_what_it_refuses(capsys):
    story.demo()
    assert "people first" in capsys.readouterr().out
    for knobs in ({"times": 0}, {"times": 1000}, {"limit": "none"}):
        with pytest.raises(UsageError):
            story.demo(**knobs)


def test_a_gate_counts_and_refuses_with_503():
    gate = Gate(Limiter(Fixed(1), clock=VirtualClock()))
    gate.enter(Priority.PLAY)
    with pytest.raises(Refused) as refused:
        gate.enter(Priority.PLAY)
    assert refused.value.status == 503 and gate.shed == {0: 1} and gate.let_in == {0: 1}
