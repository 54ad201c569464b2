"""Put and GetBucketLogging. Page: docs/s3/configs.md"""

from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

from s3.api.configs import keep
from s3.api.documents import keep_document, read_document, show_document
from s3.errors import Refused
from s3.http import Response
from s3.markup import render, text_of
from s3.service import Call, find_bucket

NAME = "logging"


def get_bucket_logging(call: Call) -> Response:
    """Where the bucket's access log goes; an empty document when there is none."""
    if NAME not in call.bucket.configs:
        return Response(body=render("BucketLoggingStatus", []))
    return show_document(call, NAME, "NoSuchConfiguration")


def put_bucket_logging(call: Call) -> Response:
    """Begin to log requests to this bucket, or stop it."""
    document = read_document(call, "BucketLoggingStatus")
    wanted = document.find("LoggingEnabled")
    if wanted is None:
        keep(call, NAME, None)
        return Response()
    name = text_of(wanted, "TargetBucket")
    text_of(wanted, "TargetPrefix")
    try:
        _, target = find_bucket(call.service.metadata, name)
    except Refused:
        raise Refused(
            "InvalidTargetBucketForLogging",
            "The target bucket for logging does not exist",
            TargetBucket=name,
        ) from None
    if target.owner != call.bucket.owner:
        message = "The target bucket must be of the same owner"
        raise Refused("InvalidTargetBucketForLogging", message, TargetBucket=name)
    if call.service.profile == "rgw":
        _spell_out(wanted)
    return keep_document(call, NAME, document)


def _spell_out(wanted: Element) -> None:
    """Name the usual key format, and leave grants out: in RGW only a policy says who may read logs."""
    for grants in wanted.findall("TargetGrants"):
        wanted.remove(grants)
    if wanted.find("TargetObjectKeyFormat") is None:
        SubElement(SubElement(wanted, "TargetObjectKeyFormat"), "SimplePrefix")


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetBucketLogging": get_bucket_logging,
    "PutBucketLogging": put_bucket_logging,
}
