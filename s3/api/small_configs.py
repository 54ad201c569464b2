"""Request payment, website and acceleration: configurations that say little and are kept as they come.

    requestPayment   Requester: strangers must say x-amz-request-payer, or are refused
    website          kept and given back; no website is served
    accelerate       kept and given back; there is only one way to this store

Page: docs/s3/configs.md
"""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from s3.api.configs import keep
from s3.api.documents import keep_document, read_document, show_document
from s3.errors import Refused
from s3.http import Response
from s3.markup import render, text_of
from s3.service import Call

PAYER = "x-amz-request-payer"
_FREE = {"Preflight", "CreateBucket", "PostObject"}  # of a form the sender is not known yet


def get_request_payment(call: Call) -> Response:
    """Who pays for requests."""
    payer = call.bucket.configs.get("requestPayment", "BucketOwner")
    return Response(body=render("RequestPaymentConfiguration", [("Payer", payer)]))


def put_request_payment(call: Call) -> Response:
    """Say who pays for requests."""
    payer = text_of(read_document(call, "RequestPaymentConfiguration"), "Payer")
    if payer not in ("BucketOwner", "Requester"):
        raise Refused("MalformedXML", f"Payer is {payer!r}; it must be BucketOwner or Requester")
    keep(call, "requestPayment", payer if payer == "Requester" else None)
    return Response()


def charged(call: Call) -> dict[str, str]:
    """Return the header that says that the requester pays. Raises `AccessDenied` if it will not."""
    if not call.request.bucket or call.operation in _FREE:
        return {}
    is_own = call.who.id == call.bucket.owner
    if is_own or call.bucket.configs.get("requestPayment") != "Requester":
        return {}
    told = call.headers.get(PAYER) or call.query.get(PAYER)
    if call.who.is_anonymous or told != "requester":
        raise Refused("AccessDenied", f"This is a Requester Pays bucket: send {PAYER}: requester")
    return {"x-amz-request-charged": "requester"}


def get_website(call: Call) -> Response:
    """The bucket's website configuration."""
    return show_document(call, "website", "NoSuchWebsiteConfiguration")


def put_website(call: Call) -> Response:
    """Keep a website configuration."""
    document = read_document(call, "WebsiteConfiguration")
    everywhere, index = document.find("RedirectAllRequestsTo"), document.find("IndexDocument")
    if everywhere is not None and len(document) > 1:
        raise Refused("MalformedXML", "RedirectAllRequestsTo goes with nothing else")
    if everywhere is not None:
        _check_protocol(everywhere)
        text_of(everywhere, "HostName")
    elif index is None:
        raise Refused("InvalidArgument", "A value for IndexDocument Suffix must be provided")
    elif not text_of(index, "Suffix") or "/" in text_of(index, "Suffix"):
        raise Refused("InvalidArgument", "The IndexDocument Suffix is not well formed")
    for redirect in document.iterfind("RoutingRules/RoutingRule/Redirect"):
        _check_protocol(redirect)
    return keep_document(call, "website", document)


def _check_protocol(element: Element) -> None:
    protocol = text_of(element, "Protocol", "http")
    if protocol not in ("http", "https"):
        raise Refused("InvalidRequest", f"Protocol is {protocol!r}; it can be http or https")


def delete_website(call: Call) -> Response:
    """Forget the website configuration."""
    return keep(call, "website", None)


def get_accelerate(call: Call) -> Response:
    """Enabled, Suspended, or nothing if it was never said."""
    status = call.bucket.configs.get("accelerate")
    return Response(body=render("AccelerateConfiguration", [("Status", status)]))


def put_accelerate(call: Call) -> Response:
    """Say whether transfers are to be accelerated."""
    status = text_of(read_document(call, "AccelerateConfiguration"), "Status")
    if status not in ("Enabled", "Suspended"):
        raise Refused("MalformedXML", f"Status is {status!r}; it must be Enabled or Suspended")
    if "." in call.bucket.name:
        raise Refused("InvalidRequest", "A bucket with a dot in its name cannot be accelerated")
    keep(call, "accelerate", status)
    return Response()


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetBucketRequestPayment": get_request_payment,
    "PutBucketRequestPayment": put_request_payment,
    "GetBucketWebsite": get_website,
    "PutBucketWebsite": put_website,
    "DeleteBucketWebsite": delete_website,
    "GetBucketAccelerateConfiguration": get_accelerate,
    "PutBucketAccelerateConfiguration": put_accelerate,
}
