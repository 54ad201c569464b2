"""Policies: equal to a library's on real traces, never better than the oracle, never over their room."""

import lzma
import os
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.cache import belady
from chapters.cache.lru import Lru
from chapters.cache.policies import POLICIES, hit_ratio, named
from chapters.cache.sketch import COUNT_MAX, Sketch
from chapters.cache.story import demo, with_scan, zipf
from chapters.errors import UsageError
from chapters.sim.chance import Chance

DATA = Path(os.environ.get("KIT_DATA", Path(__file__).parents[4] / "shared" / "data"))
PEERS = {
    "fifo": "FIFO",
    "lru": "LRU",
    "lfu": "LFU",
    "arc": "ARC",
    "s3-fifo": "S3FIFO",
    "w-tinylfu": "WTinyLFU",
}
REQUESTS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4)), max_size=120)


def real_trace(name):
    path = DATA / "netflix" / "cache" / f"{name}.trace.xz"
    if not path.is_file():
        pytest.skip(f"KIT_DATA: there is no {path.name} under {DATA}")
    keys = array("i", lzma.decompress(path.read_bytes()))
    keys.byteswap()
    return keys.tolist()


def peer_hit_ratio(policy, capacity, trace):
    peers = pytest.importorskip("libcachesim", reason="libcachesim is not installed")
    cache, request = getattr(peers, PEERS[policy])(capacity), peers.Request()
    request.obj_size = 1
    hits = 0
    for key in trace:
        request.obj_id = key
        hits += cache.get(request)
    return hits / len(trace)


@pytest.mark.parametrize("policy", [name for name in PEERS if name != "w-tinylfu"])
@pytest.mark.parametrize("share", [0.01, 0.1])
def test_a_policy_hits_as_often_as_a_librarys_on_a_real_trace(policy, share):
    trace = real_trace("web12")
    capacity = int(len(set(trace)) * share)
    mine = hit_ratio(named(policy)(capacity), trace)
    assert mine == pytest.approx(peer_hit_ratio(policy, capacity, trace), abs=0.005)


@pytest.mark.slow
@pytest.mark.parametrize("policy", PEERS)
@pytest.mark.parametrize("share", [0.01, 0.1])
def test_a_policy_hits_as_often_as_a_librarys_on_further_traces(policy, share):
    for trace in (
        real_trace("web07"),
        real_trace("web12"),
        zipf(Chance(1).stream("z"), 20_000, 200_000),
    ):
        capacity = int(len(set(trace)) * share)
        mine, peers = (
            hit_ratio(named(policy)(capacity), trace),
            peer_hit_ratio(policy, capacity, trace),
        )
        if policy == "w-tinylfu":  # our sketch is finer and has a doorkeeper: up to 0.01 more hits
            assert peers - 0.005 <= mine <= peers + 0.012
        else:
            assert mine == pytest.approx(peers, abs=0.005)


@given(st.sampled_from(sorted(POLICIES)), REQUESTS, st.integers(1, 20))
def test_a_cache_is_never_over_its_capacity_and_tells_what_goes(name, requests, capacity):
    here = {}
    cache = named(name)(capacity, lambda key: here.pop(key, None))
    for key, size in requests:
        size = 1 + key % 4
        was_here = key in here
        assert cache.request(key, size) == was_here
        if key in cache:
            here[key] = size
        else:
            here.pop(key, None)
        assert cache.used == sum(here.values()) <= capacity
        assert all(each in cache for each in here)


@given(
    st.sampled_from(sorted(POLICIES)), st.lists(st.integers(0, 15), max_size=150), st.integers(1, 8)
)
def test_no_policy_beats_the_oracle(name, trace, capacity):
    hits = sum(map(named(name)(capacity).request, trace))
    assert hits <= belady.hits(trace, capacity)


@given(st.lists(st.integers(0, 9), max_size=100), st.integers(1, 6))
def test_lru_holds_the_last_different_keys(trace, capacity):
    cache = Lru(capacity)
    for place, key in enumerate(trace):
        expected = key in list(dict.fromkeys(reversed(trace[:place])))[:capacity]
        assert cache.request(key) == expected


@given(st.sampled_from(sorted(POLICIES)), st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_what_is_removed_is_gone_and_not_told(name, trace):
    told = []
    cache = named(name)(5, told.append)
    for key in trace:
        cache.request(key)
    for key in set(trace):
        if key in cache:
            told.clear()
            cache.remove(key)
            assert key not in cache and not told
    assert cache.used == 0


def test_what_is_larger_than_the_cache_stays_out():
    for name in POLICIES:
        cache = named(name)(10)
        assert not cache.request("small", 4) and not cache.request("large", 11)
        assert "large" not in cache and "small" in cache, name


def test_a_scan_empties_lru_and_hardly_touches_s3_fifo():
    trace = with_scan(Chance(3).stream("t"), 1000, 10_000)
    before, scan = trace[:5000], trace[5000:6000]
    popular = sorted(set(before), key=before.count)[-30:]
    left = {}
    for name in ("lru", "s3-fifo"):
        cache = named(name)(100)
        for key in [*before, *scan]:
            cache.request(key)
        left[name] = sum(key in cache for key in popular)
    assert left["lru"] <= 5 and left["s3-fifo"] >= 20


def test_the_oracle_on_a_trace_done_by_hand():
    assert belady.hits(list("abcabdab"), 2) == 4
    assert belady.hits(list("aaaa"), 1) == 3
    assert belady.next_uses(list("aba")) == [2, 3, 3]


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60))
def test_an_estimate_is_never_too_low_before_a_halving(added):
    sketch = Sketch(64)
    for key in added:
        assert not sketch.add(key.encode())
    for key in set(added):
        assert sketch.estimate(key.encode()) >= min(COUNT_MAX, added.count(key))


def test_an_unknown_policy_is_named_with_those_that_there_are():
    with pytest.raises(UsageError, match="there are fifo, lru, lfu, arc, s3-fifo, w-tinylfu"):
        named("random")
    with pytest.raises(UsageError):
        Lru(0)


def test_the_demonstration_ends_with_the_oracle(capsys):
    demo(keys=200, requests=1000)
    assert capsys.readouterr().out.splitlines()[-1].startswith("  the oracle")
