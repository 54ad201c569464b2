"""Put, Get and DeleteBucketReplication. Page: docs/s3/replication.md"""

from collections.abc import Callable
from xml.etree.ElementTree import SubElement

from s3.api.configs import keep
from s3.api.documents import keep_document, read_document, show_document
from s3.errors import Refused
from s3.http import Response
from s3.replication_rules import Rule, read_rules
from s3.service import Call, find_bucket

NAME = "replication"


def get_bucket_replication(call: Call) -> Response:
    """The bucket's rules."""
    return show_document(call, NAME, "ReplicationConfigurationNotFoundError")


def put_bucket_replication(call: Call) -> Response:
    """Replace the bucket's rules; from now on new versions are copied."""
    if call.bucket.versioning != "Enabled":
        raise Refused(
            "InvalidRequest", "Versioning must be 'Enabled' on the bucket to replicate it"
        )
    document = read_document(call, "ReplicationConfiguration")
    rules = read_rules(document)
    for rule in rules:
        _check_target(call, rule)
    for element in document.findall("Rule"):
        if element.find("ID") is None:
            SubElement(element, "ID").text = f"{call.service.rng.getrandbits(128):032x}"
    return keep_document(call, NAME, document)


def _check_target(call: Call, rule: Rule) -> None:
    if rule.bucket == call.bucket.name:
        raise Refused("InvalidRequest", "A bucket cannot be replicated to itself")
    if rule.storage_class not in ("", *call.service.storage_classes):
        raise Refused("MalformedXML", f"There is no storage class {rule.storage_class!r}")
    try:
        _, target = find_bucket(call.service.metadata, rule.bucket)
    except Refused:
        raise Refused("InvalidRequest", "Destination bucket must exist.") from None
    if target.owner != call.bucket.owner:
        raise Refused("AccessDenied", "Buckets replicate to buckets of the same owner only")
    if target.versioning != "Enabled":
        raise Refused("InvalidRequest", "Destination bucket must have versioning enabled.")


def delete_bucket_replication(call: Call) -> Response:
    """Remove the rules; copies that wait are still made."""
    return keep(call, NAME, None)


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetBucketReplication": get_bucket_replication,
    "PutBucketReplication": put_bucket_replication,
    "DeleteBucketReplication": delete_bucket_replication,
}
