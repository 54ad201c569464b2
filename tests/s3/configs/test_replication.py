"""Replication: new versions arrive, once, in order, whatever happens in between."""

import base64
import hashlib
from contextlib import suppress
from random import Random

import pytest

from s3 import outbox
from s3.errors import Busy
from s3.replication import Replicator

STATUS = "x-amz-replication-status"


def rule(
    bucket="dst", where="<Filter/>", markers="Disabled", priority=1, more="", status="Enabled"
):
    return (
        f"<Rule><Status>{status}</Status><Priority>{priority}</Priority>{where}"
        f"<DeleteMarkerReplication><Status>{markers}</Status></DeleteMarkerReplication>"
        f"<Destination><Bucket>arn:aws:s3:::{bucket}</Bucket>{more}</Destination></Rule>"
    )


def replicate_by(store, *rules, bucket="src"):
    inner = "<Role>arn:aws:iam::1:role/r</Role>" + "".join(rules)
    return store.try_to_configure(bucket, "replication", "ReplicationConfiguration", inner)


@pytest.fixture
def pair(store):
    for name in ("src", "dst"):
        store.make_bucket(name, versioned=True)
    assert replicate_by(store, rule()).status == 200
    return store


def test_a_new_version_is_copied_with_its_id_and_description(pair):
    made = pair.put(
        "/src/a", b"bytes", content_type="text/x", x_amz_meta_m="1", x_amz_tagging="t=1"
    )
    assert pair.ask("HEAD", "/src/a").headers[STATUS] == "PENDING"
    assert pair.ask("GET", "/dst/a").status == 404  # asynchronous
    assert pair.replicate() == 1
    assert pair.ask("HEAD", "/src/a").headers[STATUS] == "COMPLETED"
    copy = pair.ask("GET", "/dst/a")
    assert (copy.body, copy.headers[STATUS]) == (b"bytes", "REPLICA")
    for name in ("ETag", "x-amz-version-id"):
        assert copy.headers[name] == made.headers[name]
    assert (copy.headers["Content-Type"], copy.headers["x-amz-meta-m"]) == ("text/x", "1")
    assert copy.headers["Last-Modified"] == pair.ask("HEAD", "/src/a").headers["Last-Modified"]
    assert pair.ask("GET", "/dst/a", tagging="").all("Value") == ["1"]


def test_the_copy_has_bytes_of_its_own(pair):
    made = pair.put("/src/a", b"bytes")
    pair.replicate()
    pair.ask("DELETE", "/src/a", versionId=made.headers["x-amz-version-id"])
    pair.service.upkeep.sweep()
    pair.clock.ns += 10**12
    assert pair.service.upkeep.sweep() == 1
    assert pair.ask("GET", "/dst/a").body == b"bytes"


def test_an_encrypted_object_opens_with_the_same_key(pair):
    plain, secret = bytes(range(256)) * 1000, bytes(32)
    own = {
        "x-amz-server-side-encryption-customer-algorithm": "AES256",
        "x-amz-server-side-encryption-customer-key": base64.b64encode(secret).decode(),
        "x-amz-server-side-encryption-customer-key-md5": base64.b64encode(
            hashlib.md5(secret, usedforsecurity=False).digest()
        ).decode(),
    }
    kept = pair.ask("PUT", "/src/s3", plain, {"x-amz-server-side-encryption": "AES256"})
    mine = pair.ask("PUT", "/src/own", plain, own)
    assert (kept.status, mine.status) == (200, 200)
    assert pair.replicate() == 2
    assert pair.ask("GET", "/dst/s3").body == plain
    assert pair.ask("GET", "/dst/own", headers=own).body == plain
    assert pair.ask("GET", "/dst/own").status == 400


def test_a_multipart_object_keeps_its_parts(pair):
    upload = pair.ask("POST", "/src/big", uploads="").all("UploadId")[0]
    sizes = [5 * 1024 * 1024, 7]
    tags = [
        pair.ask(
            "PUT", "/src/big", bytes([at]) * size, partNumber=str(at), uploadId=upload
        ).headers["ETag"]
        for at, size in enumerate(sizes, 1)
    ]
    parts = "".join(
        f"<Part><PartNumber>{at}</PartNumber><ETag>{tag.strip(chr(34))}</ETag></Part>"
        for at, tag in enumerate(tags, 1)
    )
    pair.ask(
        "POST",
        "/src/big",
        f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>",
        uploadId=upload,
    )
    assert pair.replicate() == 1
    copy = pair.ask("GET", "/dst/big", partNumber="2")
    assert (copy.body, copy.headers["x-amz-mp-parts-count"]) == (b"\2" * 7, "2")


def test_versions_of_a_key_arrive_in_their_order(pair):
    ids = [pair.put("/src/a", b"%d" % at).headers["x-amz-version-id"] for at in range(5)]
    assert pair.replicate() == 5
    assert pair.ask("GET", "/dst", versions="").all("VersionId") == ids[::-1]
    assert pair.ask("GET", "/dst/a").body == b"4"


def test_delete_markers_are_copied_if_the_rule_says_so_and_deletions_never(pair):
    first = pair.put("/src/a")
    pair.ask("DELETE", "/src/a")
    pair.replicate()
    assert pair.versions("dst") == [("Version", "a")]
    replicate_by(pair, rule(markers="Enabled"))
    pair.ask("DELETE", "/src/a")
    pair.ask("DELETE", "/src/a", versionId=first.headers["x-amz-version-id"])
    pair.replicate()
    assert pair.versions("dst") == [("DeleteMarker", "a"), ("Version", "a")]


def test_a_rule_of_former_times_copies_markers(pair):
    old = rule(where="<Prefix/>").replace("DeleteMarkerReplication", "Ignored")
    assert replicate_by(pair, old).status == 200
    pair.put("/src/a")
    pair.ask("DELETE", "/src/a")
    pair.replicate()
    assert pair.versions("dst") == [("DeleteMarker", "a"), ("Version", "a")]


def test_filters_and_priorities_choose_and_replicas_are_not_copied_on(pair):
    pair.make_bucket("third", versioned=True)
    tag = "<Filter><And><Prefix>p/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>"
    glacier = "<StorageClass>GLACIER</StorageClass>"
    rules = [rule(), rule(where=tag, priority=2, more=glacier), rule("third", tag, priority=3)]
    assert replicate_by(pair, *rules).status == 200
    assert replicate_by(pair, rule("src"), bucket="dst").status == 200  # and back
    pair.put("/src/p/a", x_amz_tagging="k=v")
    pair.put("/src/p/b")
    assert pair.replicate() == 2
    assert pair.replicate() == 0
    assert pair.ask("HEAD", "/dst/p/a").headers["x-amz-storage-class"] == "GLACIER"
    assert "x-amz-storage-class" not in pair.ask("HEAD", "/dst/p/b").headers
    assert pair.keys("third") == ["p/a"]
    assert len(pair.versions("src")) == 2


def test_what_was_there_before_the_rule_stays_alone(store):
    for name in ("src", "dst"):
        store.make_bucket(name, versioned=True)
    store.put("/src/a")
    replicate_by(store, rule())
    assert store.replicate() == 0
    assert STATUS not in store.ask("HEAD", "/src/a").headers


def test_a_target_that_cannot_take_it_fails_for_good(pair):
    pair.configure("dst", "versioning", "VersioningConfiguration", "<Status>Suspended</Status>")
    pair.put("/src/a")
    assert pair.replicate() == 1
    assert pair.ask("HEAD", "/src/a").headers[STATUS] == "FAILED"
    pair.ask("DELETE", "/dst")
    pair.put("/src/b")
    assert pair.replicate() == 1
    assert pair.ask("HEAD", "/src/b").headers[STATUS] == "FAILED"
    pair.make_bucket("dst", versioned=True, user="other")
    pair.put("/src/c")
    pair.replicate()
    assert pair.ask("HEAD", "/src/c").headers[STATUS] == "FAILED"


def test_a_version_deleted_before_its_turn_is_forgotten(pair):
    made = pair.put("/src/a")
    pair.ask("DELETE", "/src/a", versionId=made.headers["x-amz-version-id"])
    assert pair.replicate() == 1
    assert pair.versions("dst") == []


def test_what_fails_for_now_holds_up_later_versions_of_its_key_but_no_other_key(pair, monkeypatch):
    monkeypatch.setattr(pair.service, "small_below_bytes", 0)
    for key, text in (("a", b"1"), ("a", b"2"), ("b", b"3")):
        pair.put(f"/src/{key}", text)
    reads, real = [], pair.service.blobs.read

    def failing_once(*args):
        reads.append(args)
        if len(reads) == 1:
            raise Busy("a node is away")
        return real(*args)

    monkeypatch.setattr(pair.service.blobs, "read", failing_once)
    assert pair.replicate() == 1
    assert pair.keys("dst") == ["b"]
    assert pair.ask("HEAD", "/src/a").headers[STATUS] == "PENDING"
    assert pair.replicate() == 2
    assert pair.ask("GET", "/dst/a").body == b"2"


@pytest.mark.parametrize("commits", range(3))
def test_a_crash_at_any_commit_loses_nothing_and_copies_once(pair, monkeypatch, commits):
    pair.put("/src/a", b"bytes")
    left, real = [commits], pair.service.metadata.commit

    def crashing(transaction):
        if left[0] == 0:
            raise RuntimeError("power failed")
        left[0] -= 1
        real(transaction)

    with monkeypatch.context() as power:
        power.setattr(pair.service.metadata, "commit", crashing)
        with pytest.raises(RuntimeError):
            pair.replicate()
    assert pair.replicate() == 1
    assert pair.versions("dst") == [("Version", "a")]
    assert pair.ask("GET", "/dst/a").body == b"bytes"
    assert pair.ask("HEAD", "/src/a").headers[STATUS] == "COMPLETED"
    assert pair.replicate() == 0


class Power:
    """Commits that fail at random: half of them before the transaction is done, half of them after."""

    def __init__(self, metadata, rng):
        self.commit, self.rng = metadata.commit, rng

    def __call__(self, transaction):
        chance = self.rng.random()
        if chance < 0.2:
            raise RuntimeError("power failed before it was done")
        self.commit(transaction)
        if chance < 0.4:
            raise RuntimeError("power failed when it was done")


@pytest.mark.parametrize("seed", range(8))
def test_after_any_crashes_both_buckets_hold_the_same_versions_in_the_same_order(
    pair, monkeypatch, seed
):
    rng = Random(seed)
    replicate_by(pair, rule(markers="Enabled"))
    for _ in range(12):
        if rng.random() < 0.7:
            pair.put(f"/src/{rng.choice('ab')}", rng.randbytes(3))
        else:
            pair.ask("DELETE", f"/src/{rng.choice('ab')}")
        with monkeypatch.context() as failing, suppress(RuntimeError):
            failing.setattr(pair.service.metadata, "commit", Power(pair.service.metadata, rng))
            pair.replicate()
    pair.replicate()
    here, there = (pair.ask("GET", f"/{name}", versions="") for name in ("src", "dst"))
    for tag in ("Key", "VersionId", "IsLatest", "ETag", "LastModified"):
        assert here.all(tag) == there.all(tag)
    assert pair.replicate() == 0


def test_a_copy_that_cannot_be_put_lets_its_bytes_go(pair, monkeypatch):
    monkeypatch.setattr(pair.service, "small_below_bytes", 0)
    pair.put("/src/a", b"bytes")
    gone, real = [], pair.service.blobs.delete
    monkeypatch.setattr(pair.service.blobs, "delete", lambda blob: (gone.append(blob), real(blob)))

    def refusing(transaction):
        raise Busy("no majority")

    with monkeypatch.context() as away:
        away.setattr(pair.service.metadata, "commit", refusing)
        assert pair.replicate() == 0
    assert len(gone) == 1
    assert pair.replicate() == 1


def test_lifecycle_waits_for_the_copy(pair):
    inner = "<Rule><Prefix/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"
    pair.configure("src", "lifecycle", "LifecycleConfiguration", inner)
    pair.put("/src/a")
    pair.days_pass(3)
    assert pair.run_lifecycle() == 0
    pair.replicate()
    assert pair.run_lifecycle() == 1
    assert pair.replicate() == 0  # what a rule hides here stays there
    assert pair.versions("dst") == [("Version", "a")]


def test_a_full_queue_refuses_writes(pair, monkeypatch):
    monkeypatch.setattr(outbox, "WAITING_MAX", 1)
    pair.put("/src/a")
    monkeypatch.setattr(Replicator, "_do", _away)
    pair.replicate()
    assert pair.ask("PUT", "/src/b", b"x").code == "SlowDown"
    assert pair.keys("src") == ["a"]


def _away(self, job):
    raise Busy("the nodes are away")


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([], "MalformedXML"),
        ([rule("none")], "InvalidRequest"),
        ([rule("src")], "InvalidRequest"),
        ([rule("plain")], "InvalidRequest"),
        ([rule("theirs")], "AccessDenied"),
        ([rule(), rule()], "InvalidRequest"),
        ([rule(status="On")], "MalformedXML"),
        ([rule(more="<StorageClass>ICE</StorageClass>")], "MalformedXML"),
        ([rule(more="<AccessControlTranslation/>")], "NotImplemented"),
        (
            [
                rule(
                    where="<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>",
                    markers="Enabled",
                )
            ],
            "InvalidRequest",
        ),
    ],
)
def test_rules_that_make_no_sense_are_refused(pair, rules, code):
    pair.make_bucket("plain")
    pair.make_bucket("theirs", versioned=True, user="other")
    assert replicate_by(pair, *rules).code == code


def test_rules_come_back_and_need_versioning(store):
    store.make_bucket("src")
    store.make_bucket("dst", versioned=True)
    assert replicate_by(store, rule()).code == "InvalidRequest"
    assert store.ask("GET", "/src", replication="").code == "ReplicationConfigurationNotFoundError"
    store.configure("src", "versioning", "VersioningConfiguration", "<Status>Enabled</Status>")
    assert replicate_by(store, rule()).status == 200
    assert store.ask("GET", "/src", replication="").all("Bucket") == ["arn:aws:s3:::dst"]
    assert store.ask("DELETE", "/src", replication="").status == 204
