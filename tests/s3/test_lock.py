"""Object lock: who may remove or unlock a version, and when."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3 import lock
from s3.api.shown import iso_time
from s3.errors import Refused
from s3.records import Bucket

DAY_S = 86_400
BYPASS = {"x-amz-bypass-governance-retention": "true"}


@pytest.fixture
def locked(store):
    """A store whose bucket `box` has object lock."""
    store.ask("PUT", "/box", {"x-amz-bucket-object-lock-enabled": "true"})
    return store


def until(store, days: float) -> str:
    return iso_time(store.clock.now_ns() // 10**6 + int(days * DAY_S * 1000))


def retention(mode: str, date: str) -> bytes:
    inner = f"<Mode>{mode}</Mode><RetainUntilDate>{date}</RetainUntilDate>"
    return f"<Retention>{inner}</Retention>".encode()


def put(store, mode: str = "", days: float = 1, hold: str = "", key: str = "a") -> str:
    """Store an object with a lock; return its version id."""
    headers = {lock.MODE: mode, lock.UNTIL: until(store, days)} if mode else {}
    if hold:
        headers[lock.HOLD] = hold
    answer = store.ask("PUT", f"/box/{key}", headers, b"text")
    assert answer.status == 200, answer
    return answer.headers["x-amz-version-id"]


def remove(store, version: str, headers=None):
    return store.ask("DELETE", "/box/a", headers, versionId=version)


def retain(store, mode: str, days: float, headers=None):
    return store.ask("PUT", "/box/a", headers, retention(mode, until(store, days)), retention="")


def configure(store, inner: str, enabled: str = "Enabled"):
    body = f"<ObjectLockConfiguration><ObjectLockEnabled>{enabled}</ObjectLockEnabled>{inner}"
    return store.ask(
        "PUT", "/box", body=(body + "</ObjectLockConfiguration>").encode(), object_lock=""
    )


def rule(inner: str) -> str:
    return f"<Rule><DefaultRetention>{inner}</DefaultRetention></Rule>"


def test_a_version_under_governance_is_removed_only_with_the_bypass(locked):
    version = put(locked, "GOVERNANCE")
    refused = remove(locked, version)
    assert (refused.status, refused.code) == (403, "AccessDenied")
    assert remove(locked, version, BYPASS).status == 204
    assert locked.ask("GET", "/box/a").code == "NoSuchKey"


def test_a_version_under_compliance_is_removed_by_nobody_before_its_date(locked):
    version = put(locked, "COMPLIANCE", days=3)
    assert remove(locked, version, BYPASS).code == "AccessDenied"
    locked.clock.advance(3 * DAY_S - 1)
    assert remove(locked, version).code == "AccessDenied"
    locked.clock.advance(1)
    assert remove(locked, version).status == 204


def test_a_legal_hold_outlasts_every_date_and_bypass(locked):
    version = put(locked, "GOVERNANCE", days=1, hold="ON")
    locked.clock.advance(9 * DAY_S)
    assert remove(locked, version, BYPASS).code == "AccessDenied"
    body = b"<LegalHold><Status>OFF</Status></LegalHold>"
    assert locked.ask("PUT", "/box/a", body=body, legal_hold="").status == 200
    assert remove(locked, version).status == 204


def test_a_marker_may_hide_a_locked_version_and_be_removed_again(locked):
    version = put(locked, "COMPLIANCE")
    marker = locked.ask("DELETE", "/box/a")
    assert (marker.status, marker.headers["x-amz-delete-marker"]) == (204, "true")
    assert locked.ask("GET", "/box/a").code == "NoSuchKey"
    assert remove(locked, marker.headers["x-amz-version-id"]).status == 204
    assert locked.ask("GET", "/box/a").headers["x-amz-version-id"] == version


def test_overwriting_a_locked_version_keeps_it(locked):
    version = put(locked, "COMPLIANCE")
    put(locked)
    assert locked.ask("GET", "/box/a", versionId=version).body == b"text"
    assert remove(locked, version).code == "AccessDenied"


def test_a_bulk_deletion_spares_what_is_locked_and_says_so(locked):
    kept, gone = put(locked, "GOVERNANCE"), put(locked, key="other")
    names = f"<Object><Key>a</Key><VersionId>{kept}</VersionId></Object>"
    names += f"<Object><Key>other</Key><VersionId>{gone}</VersionId></Object>"
    body = f"<Delete>{names}</Delete>".encode()
    answer = locked.ask("POST", "/box", body=body, delete="")
    assert answer.body.count(b"<Deleted>") == answer.body.count(b"<Error>") == 1
    assert b"<Error><Key>a</Key>" in answer.body
    answer = locked.ask("POST", "/box", BYPASS, body, delete="")
    assert answer.body.count(b"<Deleted>") == 2


def test_only_who_may_bypass_governance_can(locked):
    version = put(locked, "GOVERNANCE")
    allow = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": ACTIONS, "Resource": "arn:aws:s3:::box/*"}]}"""
    for actions, status in (
        ('["s3:DeleteObject", "s3:DeleteObjectVersion"]', 403),
        ('["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"]', 204),
    ):
        policy = allow.replace("ACTIONS", actions).encode()
        assert locked.ask("PUT", "/box", body=policy, policy="").status in (200, 204)
        answer = locked.ask("DELETE", "/box/a", BYPASS, user="other", versionId=version)
        assert answer.status == status


def test_who_may_only_write_cannot_lock_but_the_default_applies(locked):
    allow = b"""{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::box/*"}]}"""
    assert locked.ask("PUT", "/box", body=allow, policy="").status in (200, 204)
    for headers in (
        {lock.MODE: "GOVERNANCE", lock.UNTIL: until(locked, 1)},
        {lock.HOLD: "ON"},
    ):
        assert locked.ask("PUT", "/box/a", headers, b"x", user="other").code == "AccessDenied"
    configure(locked, rule("<Mode>GOVERNANCE</Mode><Days>1</Days>"))
    assert locked.ask("PUT", "/box/a", body=b"x", user="other").status == 200
    assert locked.ask("GET", "/box/a", retention="").find("Mode") == "GOVERNANCE"


def test_a_locked_version_keeps_its_key_too(locked):
    put(locked, "GOVERNANCE")
    body = b"<ObjectEncryption><SSE-KMS><KMSKeyArn>aws/s3</KMSKeyArn></SSE-KMS></ObjectEncryption>"
    assert locked.ask("PUT", "/box/a", body=body, encryption="").code == "AccessDenied"
    locked.clock.advance(DAY_S)
    assert locked.ask("PUT", "/box/a", body=body, encryption="").status == 200


def test_retention_is_extended_by_anyone_and_shortened_by_a_bypass(locked):
    put(locked, "GOVERNANCE", days=3)
    assert retain(locked, "GOVERNANCE", 4).status == 200
    assert retain(locked, "GOVERNANCE", 2).code == "AccessDenied"
    assert retain(locked, "COMPLIANCE", 9).code == "AccessDenied"
    assert retain(locked, "GOVERNANCE", 2, BYPASS).status == 200
    found = locked.ask("GET", "/box/a", retention="")
    assert found.find("RetainUntilDate") == until(locked, 2)
    assert retain(locked, "COMPLIANCE", 2, BYPASS).status == 200


def test_retention_for_compliance_moves_only_later(locked):
    put(locked, "COMPLIANCE", days=3)
    assert retain(locked, "COMPLIANCE", 4).status == 200
    assert retain(locked, "COMPLIANCE", 3, BYPASS).code == "AccessDenied"
    assert retain(locked, "GOVERNANCE", 9, BYPASS).code == "AccessDenied"
    assert locked.ask("PUT", "/box/a", BYPASS, b"<Retention/>", retention="").code == "AccessDenied"


def test_a_governance_lock_is_taken_off_by_an_empty_document_with_the_bypass(locked):
    version = put(locked, "GOVERNANCE", hold="OFF")
    assert locked.ask("PUT", "/box/a", body=b"<Retention/>", retention="").code == "AccessDenied"
    assert locked.ask("PUT", "/box/a", BYPASS, b"<Retention/>", retention="").status == 200
    assert locked.ask("GET", "/box/a", retention="").code == "NoSuchObjectLockConfiguration"
    assert locked.ask("GET", "/box/a", legal_hold="").find("Status") == "OFF"
    assert remove(locked, version).status == 204


def test_a_lapsed_retention_binds_nobody(locked):
    put(locked, "COMPLIANCE", days=1)
    locked.clock.advance(DAY_S)
    assert retain(locked, "GOVERNANCE", 1).status == 200


def test_retention_of_an_older_version_leaves_the_newer_alone(locked):
    old, new = put(locked), put(locked)
    body = retention("GOVERNANCE", until(locked, 1))
    assert locked.ask("PUT", "/box/a", body=body, retention="", versionId=old).status == 200
    assert remove(locked, old).code == "AccessDenied"
    assert remove(locked, new).status == 204


@pytest.mark.parametrize("period, days", [("<Days>2</Days>", 2), ("<Years>1</Years>", 365)])
def test_a_default_retention_begins_when_the_object_comes(locked, period, days):
    assert configure(locked, rule(f"<Mode>COMPLIANCE</Mode>{period}")).status == 200
    locked.clock.advance(1000)
    version = put(locked)
    head = locked.ask("HEAD", "/box/a").headers
    assert head["x-amz-object-lock-mode"] == "COMPLIANCE"
    assert head["x-amz-object-lock-retain-until-date"] == until(locked, days)
    assert remove(locked, version).code == "AccessDenied"
    locked.clock.advance(days * DAY_S)
    assert remove(locked, version).status == 204


def test_a_default_retention_reaches_copies_and_uploads_and_yields_to_headers(locked):
    put(locked)
    configure(locked, rule("<Mode>GOVERNANCE</Mode><Days>2</Days>"))
    assert locked.ask("PUT", "/box/copy", {"x-amz-copy-source": "/box/a"}).status == 200
    assert locked.ask("HEAD", "/box/copy").headers["x-amz-object-lock-mode"] == "GOVERNANCE"
    upload = locked.ask("POST", "/box/parts", uploads="").find("UploadId")
    etag = locked.ask("PUT", "/box/parts", body=b"x", uploadId=upload, partNumber="1").headers[
        "ETag"
    ]
    part = f"<Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>".encode()
    assert locked.ask("POST", "/box/parts", body=body, uploadId=upload).status == 200
    assert locked.ask("HEAD", "/box/parts").headers["x-amz-object-lock-mode"] == "GOVERNANCE"
    put(locked, "COMPLIANCE", days=1)
    assert locked.ask("HEAD", "/box/a").headers["x-amz-object-lock-mode"] == "COMPLIANCE"


@pytest.mark.parametrize(
    "headers",
    [
        {lock.MODE: "GOVERNANCE"},
        {lock.UNTIL: "2100-01-01T00:00:00Z"},
        {lock.MODE: "governance", lock.UNTIL: "2100-01-01T00:00:00Z"},
        {lock.MODE: "GOVERNANCE", lock.UNTIL: "2001-01-01T00:00:00Z"},
        {lock.MODE: "GOVERNANCE", lock.UNTIL: "soon"},
        {lock.HOLD: "on"},
    ],
)
def test_lock_headers_that_make_no_sense_are_refused(locked, headers):
    answer = locked.ask("PUT", "/box/a", headers, b"x")
    assert (answer.status, answer.code) == (400, "InvalidArgument")


@pytest.mark.parametrize(
    "body, code",
    [
        (retention("governance", "2100-01-01T00:00:00Z"), "MalformedXML"),
        (retention("GOVERNANCE", "soon"), "MalformedXML"),
        (b"<Retention><Mode>GOVERNANCE</Mode></Retention>", "MalformedXML"),
        (retention("GOVERNANCE", "2001-01-01T00:00:00Z"), "InvalidArgument"),
    ],
)
def test_a_retention_that_makes_no_sense_is_refused(locked, body, code):
    put(locked)
    answer = locked.ask("PUT", "/box/a", body=body, retention="")
    assert (answer.status, answer.code) == (400, code)


@pytest.mark.parametrize(
    "inner, code",
    [
        (rule("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"), "MalformedXML"),
        (rule("<Mode>GOVERNANCE</Mode>"), "MalformedXML"),
        (rule("<Mode>governance</Mode><Days>1</Days>"), "MalformedXML"),
        ("<Rule/>", "MalformedXML"),
        (rule("<Mode>GOVERNANCE</Mode><Days>0</Days>"), "InvalidRetentionPeriod"),
        (rule("<Mode>GOVERNANCE</Mode><Years>-1</Years>"), "InvalidRetentionPeriod"),
        (rule("<Mode>GOVERNANCE</Mode><Days>36501</Days>"), "InvalidRetentionPeriod"),
    ],
)
def test_a_default_that_makes_no_sense_is_refused(locked, inner, code):
    answer = configure(locked, inner)
    assert (answer.status, answer.code) == (400, code)
    assert configure(locked, "", enabled="Disabled").code == "MalformedXML"


def test_a_configuration_comes_back_as_it_was_put(locked):
    wish = rule("<Mode>GOVERNANCE</Mode><Days>1</Days>")
    assert configure(locked, wish).status == 200
    assert wish.encode() in locked.ask("GET", "/box", object_lock="").body
    assert configure(locked, "").status == 200
    assert b"Rule" not in locked.ask("GET", "/box", object_lock="").body


def test_a_bucket_without_lock_says_so_each_time(store):
    store.ask("PUT", "/box")
    store.ask("PUT", "/box/a", body=b"x")
    assert store.ask("GET", "/box", object_lock="").code == "ObjectLockConfigurationNotFoundError"
    hold = b"<LegalHold><Status>ON</Status></LegalHold>"
    for answer in (
        retain(store, "GOVERNANCE", 1),
        store.ask("GET", "/box/a", retention=""),
        store.ask("PUT", "/box/a", body=hold, legal_hold=""),
        store.ask("GET", "/box/a", legal_hold=""),
        store.ask("PUT", "/box/a", {lock.HOLD: "ON"}, b"x"),
    ):
        assert (answer.status, answer.code) == (400, "InvalidRequest")


def test_a_bucket_gets_its_lock_once_it_keeps_all_versions_and_never_loses_it(store):
    store.ask("PUT", "/box")
    state = "<VersioningConfiguration><Status>{}</Status></VersioningConfiguration>"
    refused = configure(store, "")
    assert (refused.status, refused.code) == (409, "InvalidBucketState")
    store.ask("PUT", "/box", body=state.format("Enabled").encode(), versioning="")
    assert configure(store, "").status == 200
    refused = store.ask("PUT", "/box", body=state.format("Suspended").encode(), versioning="")
    assert (refused.status, refused.code) == (409, "InvalidBucketState")


locks = st.one_of(
    st.just({}),
    st.builds(
        lambda mode, until: {"mode": mode, "until_ms": until},
        st.sampled_from(lock.MODES),
        st.integers(0, 20),
    ),
)


@given(old=locks, wish=locks, now=st.integers(0, 20), bypass=st.booleans())
def test_what_was_promised_for_compliance_always_holds(old, wish, now, bypass):
    """Whatever `changed` allows, a version that compliance protects at a time stays protected then."""
    call = _Asked(now, bypass)
    try:
        new = lock.changed(call, _Locked(old), wish)
    except Refused:
        return
    promised = old.get("mode") == lock.COMPLIANCE and old["until_ms"] > now
    for time in range(now, 25):
        if promised and lock.is_retained(old, time):
            assert lock.is_retained(new, time)
            assert new["mode"] == lock.COMPLIANCE
        if not bypass and lock.is_retained(old, now) and lock.is_retained(old, time):
            assert lock.is_retained(new, time)


class _Locked:
    key, id = "a", "v"

    def __init__(self, found):
        self.lock = found


class _Asked:
    """As much of a call as `lock.changed` asks for; the caller may bypass."""

    def __init__(self, now_ms, bypass):
        self.now_ms, self.headers = now_ms, {lock.BYPASS: "true"} if bypass else {}
        self.who = SimpleNamespace(id="kit")
        self.bucket = Bucket("b", "kit", 0, configs={"ownershipControls": "BucketOwnerEnforced"})


def test_boto3_locks_and_unlocks(client):
    client.create_bucket(Bucket="archive", ObjectLockEnabledForBucket=True)
    date = datetime(2100, 1, 1, tzinfo=UTC)
    made = client.put_object(
        Bucket="archive", Key="a", Body=b"x", ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate=date, ObjectLockLegalHoldStatus="ON",
    )  # fmt: skip
    head = client.head_object(Bucket="archive", Key="a")
    assert head["ObjectLockRetainUntilDate"] == date
    assert (head["ObjectLockMode"], head["ObjectLockLegalHoldStatus"]) == ("GOVERNANCE", "ON")
    client.put_object_legal_hold(Bucket="archive", Key="a", LegalHold={"Status": "OFF"})
    found = client.get_object_retention(Bucket="archive", Key="a")["Retention"]
    assert found == {"Mode": "GOVERNANCE", "RetainUntilDate": date}
    wanted = {"Bucket": "archive", "Key": "a", "VersionId": made["VersionId"]}
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(**wanted)
    client.delete_object(**wanted, BypassGovernanceRetention=True)
