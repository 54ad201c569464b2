"""Versions: a model of every key's history, kept in step with the store through random changes."""

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

STATES = ("", "Enabled", "Suspended")


@dataclass
class Model:
    """One key's versions, newest first: (id or "null", body or None for a marker)."""

    state: str = ""
    versions: list = field(default_factory=list)

    def add(self, version_id, body):
        if version_id == "null":
            self.versions = [each for each in self.versions if each[0] != "null"]
        self.versions.insert(0, (version_id, body))

    def delete(self, version_id):
        self.versions = [each for each in self.versions if each[0] != version_id]


def set_state(store, state):
    body = f"<VersioningConfiguration><Status>{state}</Status></VersioningConfiguration>"
    assert store.ask("PUT", "/box", body=body.encode(), versioning="").status == 200


def listed(store):
    body = store.ask("GET", "/box", versions="").body.decode()
    found = re.findall(r"<(Version|DeleteMarker)>.*?<VersionId>(.*?)</VersionId>", body, re.S)
    return [(version_id, kind == "DeleteMarker") for kind, version_id in found]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 99)),
        st.tuples(st.just("delete"), st.just(0)),
        st.tuples(st.just("delete version"), st.integers(0, 5)),
        st.tuples(st.sampled_from(STATES[1:]), st.just(0)),
    ),
    max_size=14,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_store_and_the_model_agree_after_every_step(store, steps):
    for _ in range(2):  # what an earlier example left
        for version_id, _ in listed(store) if store.ask("HEAD", "/box").status == 200 else []:
            store.ask("DELETE", "/box/k", versionId=version_id)
    store.ask("DELETE", "/box")
    store.ask("PUT", "/box")
    model = Model()
    for step in steps:
        take(store, model, *step)
        assert listed(store) == [(name, body is None) for name, body in model.versions]
        check_reads(store, model)


def take(store, model, word, number):
    if word in STATES:
        set_state(store, word)
        model.state = word
    elif word == "put":
        put = store.ask("PUT", "/box/k", body=b"%d" % number)
        model.add(put.headers.get("x-amz-version-id", "null"), b"%d" % number)
    elif word == "delete" and model.state:
        gone = store.ask("DELETE", "/box/k")
        assert gone.headers["x-amz-delete-marker"] == "true"
        model.add(gone.headers["x-amz-version-id"], None)
    elif word == "delete":
        store.ask("DELETE", "/box/k")
        model.versions = []
    elif number < len(model.versions):
        version_id = model.versions[number][0]
        assert store.ask("DELETE", "/box/k", versionId=version_id).status == 204
        model.delete(version_id)


def check_reads(store, model):
    got = store.ask("GET", "/box/k")
    current = model.versions[0][1] if model.versions else None
    assert got.code == "NoSuchKey" if current is None else got.body == current
    for version_id, body in model.versions:
        got = store.ask("GET", "/box/k", versionId=version_id)
        assert got.code == "MethodNotAllowed" if body is None else got.body == body


@pytest.fixture
def box(store):
    store.ask("PUT", "/box")
    set_state(store, "Enabled")
    return store


def test_a_deleted_marker_brings_the_object_back(box):
    box.ask("PUT", "/box/k", body=b"1")
    marker = box.ask("DELETE", "/box/k").headers["x-amz-version-id"]
    assert box.ask("GET", "/box/k").headers["x-amz-delete-marker"] == "true"
    box.ask("DELETE", "/box/k", versionId=marker)
    assert box.ask("GET", "/box/k").body == b"1"


def test_versions_stay_in_order_when_the_clock_goes_back(box):
    for number in range(3):
        box.ask("PUT", "/box/k", body=b"%d" % number)
        box.clock._now_ns -= 60 * 10**9
    ids = [name for name, _ in listed(box)]
    assert [box.ask("GET", "/box/k", versionId=name).body for name in ids] == [b"2", b"1", b"0"]


def test_a_version_that_never_was_is_not_found(box):
    box.ask("PUT", "/box/k", body=b"1")
    assert box.ask("GET", "/box/k", versionId="0" * 32).code == "NoSuchVersion"
    assert box.ask("DELETE", "/box/k", versionId="0" * 32).status == 204


def test_what_nobody_can_reach_is_deleted_from_the_disks(store):
    store.ask("PUT", "/box")
    for number in range(3):
        store.ask("PUT", "/box/k", body=b"%d" % number)
    store.service.upkeep.sweep()
    store.clock.advance(120)
    assert store.service.upkeep.sweep() == 2
    assert store.ask("GET", "/box/k").body == b"2"
    assert sum(len(node.shards()) for node in store.service.blobs.cluster.nodes.values()) == 1


def test_a_listing_goes_on_though_what_it_ended_with_was_deleted(box):
    for number in range(8):
        box.ask("PUT", f"/box/k{number % 3}")
    set_state(box, "Suspended")
    box.ask("PUT", "/box/k1")  # whose id is null, and tells no age
    markers = {}
    for _ in range(9):
        page = box.ask("GET", "/box", versions="", max_keys="1", **markers)
        key, version_id = page.find("Key"), page.find("VersionId")
        box.ask("DELETE", f"/box/{key}", versionId=version_id)
        markers = {"key_marker": key, "version_id_marker": version_id}
    assert listed(box) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"if-match": '"other"'},
        {"if-match": "*"},
        {"x-amz-if-match-size": "9"},
        {"x-amz-if-match-last-modified-time": "Thu, 01 Jan 2015 00:00:00 GMT"},
    ],
)
def test_a_conditional_delete_of_nothing_leaves_no_marker(box, condition):
    assert box.ask("DELETE", "/box/k", condition).status == 204
    assert listed(box) == []
    box.ask("PUT", "/box/k", body=b"1")
    refused = box.ask("DELETE", "/box/k", condition)
    assert refused.status == (204 if condition == {"if-match": "*"} else 412)
