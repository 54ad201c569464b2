"""Notifications: what is told, to whom, in which order, and after a crash."""

import json

import pytest

from chapters.sim.real import RealDisk
from s3 import courier, outbox
from s3.courier import Courier
from s3.errors import Busy

QUEUE = (
    "<QueueConfiguration><Id>{id}</Id><Queue>arn:aws:sqs:us-east-1:1:{name}</Queue>"
    "{events}{filter}</QueueConfiguration>"
)


def rule(name, *events, id="", filter=""):
    listed = "".join(f"<Event>s3:{event}</Event>" for event in events)
    return QUEUE.format(id=id or name, name=name, events=listed, filter=filter)


def configure(store, *rules):
    return store.try_to_configure(
        "box", "notification", "NotificationConfiguration", "".join(rules)
    )


def told(store, name):
    """(event, key) of what the target got, the test event left out."""
    path = store.folder / "events" / f"{name}.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    records = [each["Records"][0] for each in lines if "Records" in each]
    return [(each["eventName"], each["s3"]["object"]["key"]) for each in records]


@pytest.fixture
def box(store):
    store.make_bucket("box")
    return store


def test_a_target_gets_a_test_event_and_then_records(box):
    assert configure(box, rule("up", "ObjectCreated:*", id="mine")).status == 200
    made = box.put("/box/a b", b"four")
    assert box.deliver_events() == 2
    first, second = map(json.loads, (box.folder / "events/up.jsonl").read_text().splitlines())
    assert (first["Event"], first["Bucket"]) == ("s3:TestEvent", "box")
    record = second["Records"][0]
    assert (record["eventVersion"], record["eventSource"]) == ("2.1", "aws:s3")
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["responseElements"]["x-amz-request-id"] == made.headers["x-amz-request-id"]
    assert record["s3"]["configurationId"] == "mine"
    assert record["s3"]["bucket"]["arn"] == "arn:aws:s3:::box"
    stored = record["s3"]["object"]
    assert (stored["key"], stored["size"]) == ("a+b", 4)
    assert f'"{stored["eTag"]}"' == made.headers["ETag"]
    assert box.deliver_events() == 0


def test_each_kind_of_write_has_its_event(box):
    box.configure("box", "versioning", "VersioningConfiguration", "<Status>Enabled</Status>")
    configure(box, rule("all", "ObjectCreated:*", "ObjectRemoved:*", "ObjectTagging:*"))
    put = box.put("/box/a")
    box.ask("PUT", "/box/copy", headers={"x-amz-copy-source": "/box/a"})
    upload = box.ask("POST", "/box/big", uploads="").all("UploadId")[0]
    part = box.ask("PUT", "/box/big", b"part", partNumber="1", uploadId=upload).headers["ETag"]
    listed = f"<Part><PartNumber>1</PartNumber><ETag>{part.strip(chr(34))}</ETag></Part>"
    done = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>"
    assert box.ask("POST", "/box/big", done, uploadId=upload).status == 200
    tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    box.ask("PUT", "/box/a", tags, tagging="")
    box.ask("DELETE", "/box/a", tagging="")
    box.ask("DELETE", "/box/a")
    box.ask("DELETE", "/box/a", versionId=put.headers["x-amz-version-id"])
    many = "<Delete><Object><Key>copy</Key></Object><Object><Key>big</Key></Object></Delete>"
    box.ask("POST", "/box", many, delete="")
    box.deliver_events()
    assert told(box, "all") == [
        ("ObjectCreated:Put", "a"),
        ("ObjectCreated:Copy", "copy"),
        ("ObjectCreated:CompleteMultipartUpload", "big"),
        ("ObjectTagging:Put", "a"),
        ("ObjectTagging:Delete", "a"),
        ("ObjectRemoved:DeleteMarkerCreated", "a"),
        ("ObjectRemoved:Delete", "a"),
        ("ObjectRemoved:DeleteMarkerCreated", "copy"),
        ("ObjectRemoved:DeleteMarkerCreated", "big"),
    ]


def test_lifecycle_tells_of_what_it_deletes(box):
    configure(box, rule("life", "LifecycleExpiration:*"))
    box.configure(
        "box", "lifecycle", "LifecycleConfiguration",
        "<Rule><Prefix/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>",
    )  # fmt: skip
    box.put("/box/a")
    box.days_pass(2)
    box.run_lifecycle()
    box.deliver_events()
    assert told(box, "life") == [("LifecycleExpiration:Delete", "a")]


def test_filters_choose_by_prefix_and_suffix(box):
    parts = (("prefix", "in/"), ("Suffix", ".jpg"))
    rules = "".join(
        f"<FilterRule><Name>{n}</Name><Value>{v}</Value></FilterRule>" for n, v in parts
    )
    configure(
        box,
        rule("jpg", "ObjectCreated:Put", filter=f"<Filter><S3Key>{rules}</S3Key></Filter>"),
        "<TopicConfiguration><Topic>arn:aws:sns:us-east-1:1:gone</Topic><Event>s3:ObjectRemoved:*</Event>"
        "</TopicConfiguration><EventBridgeConfiguration/>",
    )
    for key in ("in/a.jpg", "in/a.png", "out/a.jpg"):
        box.put(f"/box/{key}")
    box.ask("DELETE", "/box/in/a.jpg")
    box.deliver_events()
    assert told(box, "jpg") == [("ObjectCreated:Put", "in/a.jpg")]
    assert told(box, "gone") == [("ObjectRemoved:Delete", "in/a.jpg")]
    assert len(told(box, "eventbridge")) == 4


def test_what_did_not_happen_is_not_told(box):
    configure(box, rule("up", "ObjectCreated:*"))
    box.put("/box/a")
    assert box.ask("PUT", "/box/a", headers={"If-None-Match": "*"}).status == 412
    box.deliver_events()
    assert told(box, "up") == [("ObjectCreated:Put", "a")]


class Tripping(RealDisk):
    """A disk on which nothing can be made durable."""

    def sync(self, name: str) -> None:
        raise Busy("the power failed")


def test_an_event_whose_delivery_failed_is_delivered_again(box):
    configure(box, rule("up", "ObjectCreated:*"))
    box.put("/box/a")
    with pytest.raises(Busy):
        Courier(box.service, disk=Tripping(box.folder / "events")).deliver()
    assert box.deliver_events() == 2
    assert told(box, "up") == [("ObjectCreated:Put", "a")] * 2  # at least once


def test_a_full_outbox_refuses_writes_and_a_full_file_stops_deliveries(box, monkeypatch):
    monkeypatch.setattr(outbox, "WAITING_MAX", 2)
    monkeypatch.setattr(courier, "FILE_BYTES_MAX", 1)
    configure(box, rule("up", "ObjectCreated:*"))
    box.deliver_events()
    for key in ("a", "b"):
        box.put(f"/box/{key}")
    with pytest.raises(Busy):
        box.deliver_events()
    assert box.ask("PUT", "/box/c", b"x").code == "SlowDown"
    assert box.keys("box") == ["a", "b"]
    (box.folder / "events/up.jsonl").write_text("")
    assert box.deliver_events() == 2
    box.put("/box/c")


def test_a_notification_without_an_id_is_given_one(box):
    assert configure(box, rule("up", "ObjectCreated:*").replace("<Id>up</Id>", "")).status == 200
    assert len(box.ask("GET", "/box", notification="").all("Id")[0]) == 32


def test_an_empty_configuration_turns_notifications_off(box):
    configure(box, rule("up", "ObjectCreated:*"))
    assert "up" in box.ask("GET", "/box", notification="").text
    configure(box)
    assert box.ask("GET", "/box", notification="").all("Queue") == []
    box.put("/box/a")
    assert box.deliver_events() == 1  # the test event of before


@pytest.mark.parametrize(
    "bad",
    [
        rule("up", "ObjectEaten:*"),
        rule("up"),
        rule("a", "ObjectCreated:*", id="x") + rule("b", "ObjectCreated:*", id="x"),
        rule("up/..", "ObjectCreated:*"),
        rule("", "ObjectCreated:*"),
        rule("a", "ObjectCreated:*") + rule("b", "ObjectCreated:Put"),
    ],
)
def test_notifications_that_make_no_sense_are_refused(box, bad):
    assert configure(box, bad).status == 400
