"""The models agree with the store, histories hold through bad weather, and the checks can fail."""

from random import Random

import pytest

from chapters.linearizability import Operation, check
from chapters.sim import SimDisk
from s3.consistency import crash_points
from s3.consistency.acts import draw, listed, seen
from s3.consistency.app import record_over_http
from s3.consistency.histories import record
from s3.consistency.model import BucketModel, OneKey
from s3.consistency.story import demo
from s3.scene.one_disk import OneDisk
from s3.scene.store import BUCKET
from s3.scene.wire import Server


@pytest.mark.parametrize("seed", range(6))
def test_the_store_answers_as_the_model_does(seed):
    store, model, rng = OneDisk(seed), BucketModel(), Random(seed)
    store.client.put(f"/{BUCKET}", b"")
    for _ in range(40):
        act = draw(rng, model)
        assert crash_points.perform(store, act, model), act
        store.pause()
        assert crash_points.differences(seen(store.client), model) == ""


@pytest.mark.parametrize("seed", range(4))
def test_listings_show_what_the_model_shows(seed):
    store, model, rng = OneDisk(seed), BucketModel(), Random(seed)
    store.client.put(f"/{BUCKET}", b"")
    for _ in range(25):
        key = "/".join(rng.choice("abé") for _ in range(rng.randint(1, 3)))
        store.client.put(f"/{BUCKET}/{key}", b"x")
        model.keys[key] = ()
        model.apply(crash_points.Act("put", key, b"x"))
    for prefix, delimiter in (("", ""), ("", "/"), ("a", "/"), ("a/", "/"), ("b/", ""), ("zz", "")):
        shown = listed(store.client, prefix=prefix, delimiter=delimiter)
        assert shown == sorted(model.listed(prefix, delimiter)), (prefix, delimiter)


def test_no_crash_point_loses_or_resurrects_anything():
    found = crash_points.explore(11, 300)
    assert found.broken == []
    assert found.points == 300 and found.twice > 20 and found.happened > 20


@pytest.mark.slow
def test_ten_thousand_crash_points_lose_nothing():
    assert crash_points.explore(7, 10_000).broken == []


@pytest.mark.parametrize("prefix", ["raft/", "extent-"])
def test_a_missing_sync_is_noticed(monkeypatch, prefix):
    """Without the sync of the log, or of the extents, crash points lose what was acknowledged."""
    sync = SimDisk.sync

    def sync_all_but(disk, name):
        if not name.startswith(prefix):
            sync(disk, name)

    monkeypatch.setattr(SimDisk, "sync", sync_all_but)
    assert crash_points.explore(7, 120).broken


@pytest.mark.parametrize("seed", range(8))
def test_histories_hold_while_replicas_crash_and_are_cut_off(seed):
    recorded = record(seed)
    assert recorded.verdict.holds, "\n".join(recorded.verdict.lines())
    assert len(recorded.history) > 150


def test_the_weather_is_bad_enough_to_matter():
    assert sum(record(seed).open for seed in range(4)) > 0


@pytest.mark.parametrize("seed", range(4))
def test_the_checker_catches_the_cache_of_before_2020(seed):
    assert record(seed, faults=0, cache_ns=500_000_000).verdict.counterexample


def test_a_recorded_history_is_the_same_for_the_same_seed():
    assert record(5).history == record(5).history


def test_a_create_that_succeeds_twice_is_a_violation():
    history = [
        Operation("a", 0, 1, "k", ("create", "x"), "ok"),
        Operation("b", 2, 3, "k", ("create", "y"), "ok"),
    ]
    assert not check(history, OneKey()).holds


@pytest.mark.parametrize(
    ("state", "act", "answer", "after"),
    [
        (None, ("create", "x"), "ok", "x"),
        ("w", ("create", "x"), "412", "w"),
        (None, ("replace", "w", "x"), "404", None),
        ("w", ("replace", "w", "x"), "ok", "x"),
        ("v", ("replace", "w", "x"), "412", "v"),
        ("w", ("delete",), "ok", None),
    ],
)
def test_one_key_answers_as_s3_does(state, act, answer, after):
    assert OneKey().step(state, act, answer) == (True, after)
    assert OneKey().step(state, act, None)[1] == after


@pytest.mark.slow
def test_a_real_server_gives_a_history_that_holds(tmp_path):
    with Server(tmp_path) as server:
        history = record_over_http(server.port)
    verdict = check(history, OneKey())
    assert len(history) > 150
    assert verdict.holds, "\n".join(verdict.lines())


def test_the_demonstration_says_what_it_found(capsys):
    demo(runs=1, operations=80, points=30)
    told = capsys.readouterr().out
    assert "violated" in told and "0 broken promises" in told
