"""Put, Get and DeleteBucketLifecycle(Configuration), and the headers that announce what will happen.

Page: docs/s3/lifecycle.md
"""

from collections.abc import Callable
from xml.etree.ElementTree import SubElement

from s3.api.configs import keep
from s3.api.documents import keep_document, read_document, show_document
from s3.errors import Refused
from s3.http import Response
from s3.lifecycle_rules import Manner, read_rules
from s3.service import Call

NAME = "lifecycle"
SMALL = "x-amz-transition-default-minimum-object-size"


def get_bucket_lifecycle(call: Call) -> Response:
    """The bucket's rules."""
    response = show_document(call, NAME, "NoSuchLifecycleConfiguration")
    response.headers[SMALL] = "all_storage_classes_128K"
    return response


def put_bucket_lifecycle(call: Call) -> Response:
    """Replace the bucket's rules; one without an ID is given one."""
    service = call.service
    asked = call.headers.get(SMALL, "all_storage_classes_128K")
    if asked != "all_storage_classes_128K":
        raise Refused("NotImplemented", f"{SMALL} can only be all_storage_classes_128K here")
    document = read_document(call, "LifecycleConfiguration")
    read_rules(document, Manner(service.storage_classes, service.profile, service.day_s))
    for rule in document.findall("Rule"):
        name = rule.find("ID")
        if name is None:
            name = SubElement(rule, "ID")
        name.text = (name.text or "").strip() or f"{service.rng.getrandbits(128):032x}"
    response = keep_document(call, NAME, document)
    response.headers[SMALL] = asked
    return response


def delete_bucket_lifecycle(call: Call) -> Response:
    """Remove the rules; what they deleted stays deleted."""
    return keep(call, NAME, None)


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetBucketLifecycleConfiguration": get_bucket_lifecycle,
    "PutBucketLifecycleConfiguration": put_bucket_lifecycle,
    "DeleteBucketLifecycle": delete_bucket_lifecycle,
}
