"""Put and GetBucketNotificationConfiguration. Page: docs/s3/configs.md"""

import json
from collections.abc import Callable
from xml.etree.ElementTree import SubElement

from s3 import notifications
from s3.api.configs import keep
from s3.api.documents import keep_document, read_document, show_document
from s3.http import Response
from s3.markup import render
from s3.metadata.transaction import Transaction
from s3.notifications import Rule
from s3.outbox import event_place, iso
from s3.service import Call

NAME = "notification"


def get_bucket_notification(call: Call) -> Response:
    """The bucket's notifications; an empty document when there are none."""
    if NAME not in call.bucket.configs:
        return Response(body=render("NotificationConfiguration", []))
    return show_document(call, NAME, "NoSuchConfiguration")


def put_bucket_notification(call: Call) -> Response:
    """Replace the bucket's notifications, and send each target a test event. Each gets an Id."""
    document = read_document(call, "NotificationConfiguration")
    rules = notifications.read_rules(document)
    if not rules:
        keep(call, NAME, None)
        return Response()
    for element in document:
        if element.tag in notifications.KINDS and element.find("Id") is None:
            SubElement(element, "Id").text = f"{call.service.rng.getrandbits(128):032x}"
    response = keep_document(call, NAME, document)
    if call.headers.get("x-amz-skip-destination-validation", "").lower() != "true":
        _send_test(call, rules)
    return response


def _send_test(call: Call, rules: list[Rule]) -> None:
    told = {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": iso(call.now_ms),
        "Bucket": call.bucket.name,
        "RequestId": call.id,
        "HostId": call.id,
    }
    arns = {rule.arn: rule.id for rule in rules}
    letter = {"to": [[id, arn] for arn, id in arns.items()], "record": told}
    place = event_place(call, f"{call.service.clock.now_ns():016x}")
    call.service.metadata.commit(Transaction({place: json.dumps(letter).encode()}))


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetBucketNotificationConfiguration": get_bucket_notification,
    "PutBucketNotificationConfiguration": put_bucket_notification,
}
