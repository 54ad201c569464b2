"""Event notifications: which events a bucket tells of, and the record that tells it.

    PUT photos/a.jpg ──► s3:ObjectCreated:Put ──► rules: events, prefix, suffix ──► the ARNs to tell

Here a topic, a queue and a function are all a file of JSON lines, named for the last part of the ARN:
`arn:aws:sqs:us-east-1:1:uploads` is `events/uploads.jsonl`. Source: Amazon S3 user guide, "Event message
structure" (version 2.1). Page: docs/s3/configs.md
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from urllib.parse import quote_plus
from xml.etree.ElementTree import Element

from s3.cors import like
from s3.errors import Refused
from s3.markup import parse, raw_text, text_of
from s3.records import Facts, Version
from s3.service import Call

RULES_MAX = 100
ID_MAX = 255
KINDS = {
    "TopicConfiguration": "Topic",
    "QueueConfiguration": "Queue",
    "CloudFunctionConfiguration": "CloudFunction",
}
EVENTS = (
    "ObjectCreated:*", "ObjectCreated:Put", "ObjectCreated:Post", "ObjectCreated:Copy",
    "ObjectCreated:CompleteMultipartUpload", "ObjectRemoved:*", "ObjectRemoved:Delete",
    "ObjectRemoved:DeleteMarkerCreated", "ObjectTagging:*", "ObjectTagging:Put",
    "ObjectTagging:Delete", "ObjectAcl:Put", "LifecycleTransition", "LifecycleExpiration:*",
    "LifecycleExpiration:Delete", "LifecycleExpiration:DeleteMarkerCreated",
)  # fmt: skip
_CREATED = {"PostObject": "Post", "CopyObject": "Copy",
            "CompleteMultipartUpload": "CompleteMultipartUpload"}  # fmt: skip
_CHANGED = {"PutObjectTagging": "ObjectTagging:Put", "DeleteObjectTagging": "ObjectTagging:Delete",
            "PutObjectAcl": "ObjectAcl:Put", "LifecycleTransition": "LifecycleTransition"}  # fmt: skip
_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:\w*:(?:[\w.-]+[:/])*([A-Za-z0-9_][\w.-]{0,79})")
_BRIDGE = "arn:kit:events:::eventbridge"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom to tell of which events. Event patterns hold at most one `*`."""

    id: str
    arn: str
    events: tuple[str, ...] = ("*",)
    prefix: str = ""
    suffix: str = ""

    def matches(self, event: str, key: str) -> bool:
        """Return whether this rule wants to know of `event` about `key`."""
        is_about = key.startswith(self.prefix) and key.endswith(self.suffix)
        return is_about and any(like(each, event) for each in self.events)

    def overlaps(self, other: "Rule") -> bool:
        """Return whether some event about some key could be for both."""
        pairs = [(mine, its) for mine in self.events for its in other.events]
        return (
            any(like(mine, its) or like(its, mine) for mine, its in pairs)
            and (self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix))
            and (self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix))
        )


@lru_cache(maxsize=256)
def rules_from(text: str) -> list[Rule]:
    """Return the rules of a document that was kept."""
    return read_rules(parse(text.encode(), "NotificationConfiguration"))


def read_rules(document: Element) -> list[Rule]:
    """Return the rules. Raises `MalformedXML`, `InvalidArgument`."""
    elements = [each for each in document if each.tag in KINDS]
    if len(elements) > RULES_MAX:
        raise Refused("InvalidArgument", f"A bucket may have {RULES_MAX} notifications")
    rules = [_rule(each) for each in elements]
    named = [rule.id for rule in rules if rule.id]
    if len({*named}) != len(named):
        raise Refused("InvalidArgument", "Same ID used for multiple configurations")
    if any(first.overlaps(second) for first, second in combinations(rules, 2)):
        raise Refused("InvalidArgument", "Two notifications overlap in events, prefix and suffix")
    if document.find("EventBridgeConfiguration") is not None:
        rules.append(Rule("eventbridge", _BRIDGE))
    return rules


def _rule(element: Element) -> Rule:
    arn = text_of(element, KINDS[element.tag])
    file_of(arn)
    events = [(each.text or "").strip() for each in element.findall("Event")]
    id = text_of(element, "Id", "")
    if not events or len(id) > ID_MAX:
        raise Refused(
            "MalformedXML", "A notification names events, and has an Id of 255 characters"
        )
    for event in events:
        if event.removeprefix("s3:") not in EVENTS:
            raise Refused(
                "InvalidArgument", f"The event is not supported for notifications: {event}"
            )
    names = _key_filters(element)
    return Rule(
        id,
        arn,
        tuple(event.removeprefix("s3:") for event in events),
        names.get("prefix", ""),
        names.get("suffix", ""),
    )


def _key_filters(element: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in element.iterfind("Filter/S3Key/FilterRule"):
        name = text_of(each, "Name").lower()
        if name not in ("prefix", "suffix") or name in found:
            raise Refused("InvalidArgument", "A filter has one prefix and one suffix at most")
        found[name] = raw_text(each, "Value")
    return found


def file_of(arn: str) -> str:
    """Return the file that stands for a target. Raises `InvalidArgument` for what is no ARN."""
    match = _ARN.fullmatch(arn)
    if match is None:
        raise Refused("InvalidArgument", f"The ARN is not well formed: {arn!r}")
    return f"{match[1]}.jsonl"


def event_of(operation: str, deed: str, version: Version) -> str | None:
    """Return what happened, as S3 names it; `deed` is written, removed or changed."""
    if deed == "changed":
        return _CHANGED.get(operation)
    if deed == "written" and not version.is_marker:
        return "ObjectCreated:" + _CREATED.get(operation, "Put")
    family = operation if operation == "LifecycleExpiration" else "ObjectRemoved"
    return f"{family}:" + ("Delete" if deed == "removed" else "DeleteMarkerCreated")


def record(call: Call, event: str, version: Version, time: str, sequencer: str) -> Facts:
    """Return the record that tells of an event, without the rule that wants to know."""
    bucket = call.bucket
    told: Facts = {"key": quote_plus(version.key, safe="/"), "sequencer": sequencer}
    if event.startswith(("ObjectCreated", "ObjectTagging")):
        told |= {"size": version.size_bytes, "eTag": version.etag}
    if bucket.versioning:
        told["versionId"] = version.id
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region or call.service.region,
        "eventTime": time,
        "eventName": event,
        "userIdentity": {"principalId": call.who.id or "anonymous"},
        "requestParameters": {"sourceIPAddress": call.request.remote},
        "responseElements": {"x-amz-request-id": call.id, "x-amz-id-2": call.id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": bucket.owner},
                "arn": f"arn:aws:s3:::{bucket.name}",
            },
            "object": told,
        },
    }
