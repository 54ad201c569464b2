"""Lifecycle: the date rule, validation, and rules that are carried out."""

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3 import lifecycle_run
from s3.api.shown import iso_time
from s3.lifecycle import DAY_MS, Action, Filter, Move, Rule, Standing, Wait, due, expiry, ripe_ms
from s3.lifecycle_run import standings
from s3.records import Version


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def version(key="a", *, at=0, size=1, **more) -> Version:
    return Version(key, "v", f"{at:016x}", at, "me", size_bytes=size, **more)


def test_days_are_counted_from_creation_and_end_at_the_next_midnight():
    # the example of the S3 user guide
    created = ms("2014-01-15T10:30:00")
    assert ripe_ms(created, Wait(3)) == ms("2014-01-19T00:00:00")
    assert ripe_ms(created, Wait(0)) == ms("2014-01-16T00:00:00")


def test_a_noncurrent_version_is_counted_from_when_it_was_replaced():
    # the user guide's other example: replaced on 15 January at 10:30, three days
    old = Standing(version(at=ms("2014-01-01T08:00:00")), ms("2014-01-15T10:30:00"))
    found = expiry([Rule("r", noncurrent=Wait(3))], old)
    assert found == (ms("2014-01-19T00:00:00"), "r")


@given(st.integers(0, 2**42), st.integers(0, 4000))
def test_the_date_is_a_midnight_less_than_a_day_after_the_days_have_passed(created, days):
    found = ripe_ms(created, Wait(days))
    assert found % DAY_MS == 0
    assert 0 <= found - (created + days * DAY_MS) < DAY_MS


def test_a_short_day_is_not_rounded():
    assert ripe_ms(1_234, Wait(3), day_s=2.0) == 7_234


def test_of_several_rules_the_earliest_date_counts():
    rules = [Rule("late", expire=Wait(9)), Rule("soon", expire=Wait(2)), Rule("none")]
    assert expiry(rules, Standing(version())) == (2 * DAY_MS, "soon")


def test_a_rule_does_nothing_to_what_its_filter_leaves_out_or_when_it_is_disabled():
    tagged = Filter("logs/", (("a", "1"),), above_bytes=10, below_bytes=20)
    rule = Rule("r", filter=tagged, expire=Wait(1))
    good = version("logs/x", size=15, tags={"a": "1", "b": "2"})
    assert due([rule], Standing(good), DAY_MS) == Action("expire", "r")
    for other in (
        version("log", size=15, tags={"a": "1"}),
        version("logs/x", size=15),
        version("logs/x", size=10, tags={"a": "1"}),
        version("logs/x", size=20, tags={"a": "1"}),
    ):
        assert due([rule], Standing(other), 10 * DAY_MS) is None
    off = Rule("r", is_enabled=False, expire=Wait(1))
    assert due([off], Standing(version()), 10 * DAY_MS) is None


def test_the_newest_noncurrent_versions_are_kept_whatever_their_age():
    rule = Rule("r", noncurrent=Wait(1, keep=2))
    line = list(standings(version(at=at) for at in (5, 4, 3, 2, 1)))
    kept = [due([rule], each, 9 * DAY_MS) is None for each in line]
    assert kept == [True, True, True, False, False]


def test_a_marker_goes_only_when_nothing_is_left_below_it():
    marker = version(is_marker=True)
    for rule in (Rule("r", drops_markers=True), Rule("r", expire=Wait(1))):
        assert due([rule], Standing(marker, is_alone=False), 9 * DAY_MS) is None
        assert due([rule], Standing(marker), 9 * DAY_MS) == Action("expire", "r")
    assert due([Rule("r", expire=Wait(5))], Standing(marker), DAY_MS) is None


def test_transitions_lead_to_the_last_that_is_due_and_never_back():
    classes = ("STANDARD", "WARM", "COLD")
    rule = Rule("r", moves=(Move(Wait(1), "WARM"), Move(Wait(5), "COLD")))

    def class_after(days, present=""):
        standing = Standing(version(storage_class=present))
        found = due([rule], standing, days * DAY_MS, classes=classes)
        return found.storage_class if found else None

    assert class_after(0) is None
    assert class_after(1) == "WARM"
    assert class_after(1, "WARM") is None
    assert class_after(9) == "COLD"
    assert class_after(1, "COLD") is None


def test_without_an_order_of_classes_transitions_lead_anywhere():
    rule = Rule("r", moves=(Move(Wait(1), "WARM"), Move(Wait(5), "STANDARD")))

    def class_after(days, present):
        found = due([rule], Standing(version(storage_class=present)), days * DAY_MS)
        return found.storage_class if found else None

    assert class_after(0, "COLD") is None
    assert class_after(1, "COLD") == "WARM"
    assert class_after(1, "WARM") is None
    assert class_after(9, "WARM") == "STANDARD"
    assert class_after(9, "") is None


@given(st.randoms(use_true_random=False), st.integers(0, 30))
def test_once_due_stays_due(rng: Random, day):
    waits = [Wait(rng.randint(1, 9)) for _ in range(3)]
    rules = [Rule(str(at), expire=wait) for at, wait in enumerate(waits)]
    standing = Standing(version(at=rng.randint(0, DAY_MS)))
    if due(rules, standing, day * DAY_MS):
        assert due(rules, standing, (day + 1) * DAY_MS)


# Rules that are put


def rule(
    actions="<Expiration><Days>1</Days></Expiration>", where="<Prefix/>", id="r", status="Enabled"
):
    name = f"<ID>{id}</ID>" if id else ""
    return f"<Rule>{name}{where}<Status>{status}</Status>{actions}</Rule>"


def put_rules(store, *rules, bucket="box"):
    return store.try_to_configure(bucket, "lifecycle", "LifecycleConfiguration", "".join(rules))


@pytest.fixture
def bucket(store):
    store.make_bucket("box")
    return store


def test_rules_come_back_as_they_were_put_and_unnamed_ones_get_a_name(bucket):
    assert bucket.ask("GET", "/box", lifecycle="").code == "NoSuchLifecycleConfiguration"
    put_rules(bucket, rule(), rule(id="", where="<Filter><Prefix>x</Prefix></Filter>"))
    found = bucket.ask("GET", "/box", lifecycle="")
    assert found.all("ID")[0] == "r" and len(found.all("ID")[1]) == 32
    assert "<Filter><Prefix>x</Prefix></Filter>" in found.text
    assert bucket.ask("DELETE", "/box", lifecycle="").status == 204
    assert bucket.ask("GET", "/box", lifecycle="").status == 404


EXPIRE = "<Expiration>{}</Expiration>"
BAD = {
    "no rules": ([], "MalformedXML"),
    "long id": ([rule(id="a" * 256)], "InvalidArgument"),
    "same id": ([rule(), rule()], "InvalidArgument"),
    "status": ([rule(status="enabled")], "MalformedXML"),
    "no action": ([rule("")], "InvalidRequest"),
    "no filter": ([rule(where="")], "MalformedXML"),
    "both": ([rule(where="<Prefix/><Filter/>")], "MalformedXML"),
    "two conditions": (
        [rule(where="<Filter><Prefix>a</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></Filter>")],
        "MalformedXML",
    ),
    "no size": (
        [rule(where="<Filter><And><ObjectSizeGreaterThan>9</ObjectSizeGreaterThan>"
                    "<ObjectSizeLessThan>10</ObjectSizeLessThan></And></Filter>")],
        "InvalidRequest",
    ),
    "zero days": ([rule(EXPIRE.format("<Days>0</Days>"))], "InvalidArgument"),
    "days in words": ([rule(EXPIRE.format("<Days>two</Days>"))], "MalformedXML"),
    "days and date": (
        [rule(EXPIRE.format("<Days>1</Days><Date>2030-01-01T00:00:00Z</Date>"))], "MalformedXML",
    ),
    "no date": ([rule(EXPIRE.format("<Date>20200101</Date>"))], "MalformedXML"),
    "noon": ([rule(EXPIRE.format("<Date>2030-01-01T12:00:00Z</Date>"))], "InvalidArgument"),
    "tags and markers": (
        [rule(EXPIRE.format("<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>"),
              "<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>")],
        "InvalidRequest",
    ),
    "class": (
        [rule("<Transition><Days>40</Days><StorageClass>ICE</StorageClass></Transition>")],
        "MalformedXML",
    ),
    "too young": (
        [rule("<Transition><Days>29</Days><StorageClass>STANDARD_IA</StorageClass></Transition>")],
        "InvalidArgument",
    ),
    "expires before it moves": (
        [rule(EXPIRE.format("<Days>9</Days>")
              + "<Transition><Days>10</Days><StorageClass>GLACIER</StorageClass></Transition>")],
        "InvalidArgument",
    ),
    "keep": (
        [rule("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
              "<NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>")],
        "InvalidArgument",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "code"), BAD.values(), ids=BAD.keys())
def test_rules_that_make_no_sense_are_refused(bucket, rules, code):
    found = put_rules(bucket, *rules)
    assert (found.status, found.code) == (400, code)


# Rules that are carried out


def test_an_object_expires_on_its_day_and_not_before(bucket):
    put_rules(bucket, rule(EXPIRE.format("<Days>2</Days>"), "<Prefix>tmp/</Prefix>"))
    bucket.put("/box/tmp/a")
    bucket.put("/box/keep")
    bucket.days_pass(2)
    assert bucket.run_lifecycle() == 0  # 14:13 on that day; midnight is to come
    bucket.days_pass(0.5)
    assert bucket.run_lifecycle() == 1
    assert bucket.keys("box") == ["keep"]


def test_the_bytes_of_an_expired_object_are_let_go(bucket):
    put_rules(bucket, rule())
    bucket.put("/box/a", b"bytes")
    bucket.days_pass(2)
    bucket.run_lifecycle()
    assert len(bucket.service.metadata.scan(b"g/", b"g/\xff", 10)) == 1


def test_headers_say_when_an_object_expires_and_by_which_rule(bucket):
    put_rules(bucket, rule(id="my rule"))
    said = 'expiry-date="Wed, 23 Sep 2026 00:00:00 GMT", rule-id="my%20rule"'
    assert bucket.put("/box/a").headers["x-amz-expiration"] == said
    for method in ("GET", "HEAD"):
        assert bucket.ask(method, "/box/a").headers["x-amz-expiration"] == said
    put_rules(bucket, rule(where="<Prefix>z</Prefix>"))
    assert "x-amz-expiration" not in bucket.ask("HEAD", "/box/a").headers


def test_a_rule_with_a_date_is_about_all_objects_once_it_has_come(bucket):
    dates = {"past": "2015-01-01", "future": "2030-01-01"}
    put_rules(
        bucket,
        *(
            rule(EXPIRE.format(f"<Date>{date}T00:00:00Z</Date>"), f"<Prefix>{name}</Prefix>", name)
            for name, date in dates.items()
        ),
    )
    bucket.put("/box/past")
    bucket.put("/box/future")
    assert bucket.run_lifecycle() == 1
    assert bucket.keys("box") == ["future"]


NONCURRENT = (
    "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>"
)
MARKERS = EXPIRE.format("<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>")


def test_in_a_versioned_bucket_an_expired_object_is_hidden_not_deleted(store):
    store.make_bucket("box", versioned=True)
    put_rules(store, rule())
    store.put("/box/a")
    store.days_pass(2)
    assert store.run_lifecycle() == 1
    assert store.versions("box") == [("DeleteMarker", "a"), ("Version", "a")]
    store.days_pass(9)
    assert store.run_lifecycle() == 0  # the marker has a version below it


def test_old_versions_go_and_then_the_marker_that_stands_alone(store):
    store.make_bucket("box", versioned=True)
    put_rules(store, rule(NONCURRENT + MARKERS, "<Prefix>a</Prefix>"))
    for key in ("a", "z"):
        store.put(f"/box/{key}")
        store.put(f"/box/{key}")
        store.ask("DELETE", f"/box/{key}")
    store.days_pass(2)
    assert store.run_lifecycle() == 2
    assert store.run_lifecycle() == 1
    assert {key for _, key in store.versions("box")} == {"z"}


def test_a_locked_version_stays(store):
    store.ask("PUT", "/box", headers={"x-amz-bucket-object-lock-enabled": "true"})
    put_rules(store, rule(NONCURRENT))
    until = iso_time(store.service.now_ms() + 10 * DAY_MS)
    lock = {"x-amz-object-lock-mode": "GOVERNANCE", "x-amz-object-lock-retain-until-date": until}
    assert store.ask("PUT", "/box/a", b"x", lock).status == 200
    store.put("/box/a")
    store.days_pass(5)
    assert store.run_lifecycle() == 0
    store.days_pass(6)
    assert store.run_lifecycle() == 1


def test_a_version_that_changed_since_it_was_looked_at_is_left_alone(store, monkeypatch):
    store.make_bucket("box")
    put_rules(store, rule())
    store.put("/box/a", b"old")
    store.days_pass(3)
    looked = lifecycle_run.due

    def late(rules, standing, now_ms, **more):
        found = looked(rules, standing, now_ms, **more)
        store.put("/box/a", b"new")  # somebody writes between the look and the deed
        return found

    monkeypatch.setattr(lifecycle_run, "due", late)
    assert store.run_lifecycle() == 0
    assert store.ask("GET", "/box/a").body == b"new"


ABORT = (
    "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation>"
    "</AbortIncompleteMultipartUpload>"
)


def test_an_upload_that_nobody_completes_is_aborted(bucket):
    put_rules(bucket, rule(ABORT, "<Prefix>up</Prefix>"))
    begun = bucket.ask("POST", "/box/up1", uploads="")
    assert begun.headers["x-amz-abort-date"] == "Thu, 24 Sep 2026 00:00:00 GMT"
    assert begun.headers["x-amz-abort-rule-id"] == "r"
    other = bucket.ask("POST", "/box/z", uploads="")
    assert "x-amz-abort-date" not in other.headers
    upload = begun.all("UploadId")[0]
    bucket.ask("PUT", "/box/up1", b"part", partNumber="1", uploadId=upload)
    assert bucket.run_lifecycle() == 0
    bucket.days_pass(3)
    assert bucket.run_lifecycle() == 1
    assert bucket.ask("GET", "/box", uploads="").all("Key") == ["z"]
    assert bucket.ask("GET", "/box/up1", uploadId=upload).code == "NoSuchUpload"


def test_small_objects_are_not_moved_unless_the_rule_names_sizes(bucket):
    move = "<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>"
    put_rules(bucket, rule(move))
    bucket.put("/box/small")
    bucket.put("/box/large", bytes(200_000))
    bucket.days_pass(2)
    assert bucket.run_lifecycle() == 1
    assert bucket.ask("HEAD", "/box/large").headers["x-amz-storage-class"] == "GLACIER"
    sized = "<Filter><ObjectSizeGreaterThan>0</ObjectSizeGreaterThan></Filter>"
    put_rules(bucket, rule(move, sized))
    assert bucket.run_lifecycle() == 1
    assert bucket.ask("HEAD", "/box/small").headers["x-amz-storage-class"] == "GLACIER"


def test_with_days_of_two_seconds_versions_move_and_then_go(rgw):
    rgw.make_bucket("box", versioned=True)
    moves = "".join(
        f"<NoncurrentVersionTransition><NoncurrentDays>{days}</NoncurrentDays>"
        f"<StorageClass>{name}</StorageClass></NoncurrentVersionTransition>"
        for days, name in ((1, "WARM"), (5, "COLD"))
    )
    end = NONCURRENT.replace(">1<", ">9<")
    assert put_rules(rgw, rule(moves + end)).status == 200
    for _ in range(3):
        rgw.put("/box/a")

    def classes():
        rgw.run_lifecycle()
        return sorted(rgw.ask("GET", "/box", versions="").all("StorageClass"))

    assert classes() == ["STANDARD"] * 3
    rgw.days_pass(2)
    assert classes() == ["STANDARD", "WARM", "WARM"]
    rgw.days_pass(4)
    assert classes() == ["COLD", "COLD", "STANDARD"]
    rgw.days_pass(4)
    assert classes() == ["STANDARD"]


def test_the_rgw_profile_takes_a_prefix_and_a_tag_side_by_side(rgw):
    rgw.make_bucket("box")
    where = "<Filter><Prefix>days1/</Prefix><Tag><Key>tom</Key><Value>sawyer</Value></Tag></Filter>"
    assert put_rules(rgw, rule(where=where)).status == 200
    rgw.put("/box/days1/tom", x_amz_tagging="tom=sawyer")
    rgw.put("/box/days1/huck", x_amz_tagging="huck=finn")
    rgw.days_pass(1)
    assert rgw.run_lifecycle() == 1
    assert rgw.keys("box") == ["days1/huck"]
