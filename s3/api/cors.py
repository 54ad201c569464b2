"""Put, Get and DeleteBucketCors; the preflight; and the headers on answers to pages from elsewhere.

Page: docs/s3/configs.md
"""

from collections.abc import Callable

from s3 import cors
from s3.api.configs import keep
from s3.api.documents import keep_document, read_document, show_document
from s3.errors import Refused
from s3.http import Request, Response
from s3.service import Call, Service, find_bucket

NAME = "cors"


def get_bucket_cors(call: Call) -> Response:
    """The bucket's rules."""
    return show_document(call, NAME, "NoSuchCORSConfiguration")


def put_bucket_cors(call: Call) -> Response:
    """Replace the bucket's rules."""
    document = read_document(call, "CORSConfiguration")
    cors.read_rules(document)
    return keep_document(call, NAME, document)


def delete_bucket_cors(call: Call) -> Response:
    """Remove the rules: no page from elsewhere may read here."""
    return keep(call, NAME, None)


def preflight(call: Call) -> Response:
    """Tell a browser whether a page may send what it is about to send. Nobody is asked who they are."""
    origin = call.headers.get("origin", "")
    method = call.headers.get("access-control-request-method", "")
    if not origin:
        raise Refused("BadRequest", "Insufficient information. Origin request header needed.")
    if method not in cors.METHODS:
        raise Refused("BadRequest", f"Invalid Access-Control-Request-Method: {method or 'null'}")
    asked = call.headers.get("access-control-request-headers", "")
    names = [name.strip() for name in asked.split(",") if name.strip()]
    text: str | None = call.bucket.configs.get(NAME)
    if text is None:
        raise Refused("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.")
    said = cors.allowed(cors.rules_from(text), origin, method, names)
    if not said:
        raise Refused(
            "AccessForbidden", "CORSResponse: no rule allows this origin, method and these headers"
        )
    return Response(headers=said)


def leave(service: Service, request: Request) -> dict[str, str]:
    """Return the headers that let a page from elsewhere read the answer to its request.

    Some clients name the method that they ask leave for in other requests than a preflight too.
    """
    origin = request.headers.get("origin")
    if not origin or not request.bucket or request.method == "OPTIONS":
        return {}
    try:
        _, bucket = find_bucket(service.metadata, request.bucket)
    except Refused:  # no bucket, or no metadata to ask: then nobody has allowed anything
        return {}
    text: str | None = bucket.configs.get(NAME)
    method = request.headers.get("access-control-request-method", request.method)
    return cors.allowed(cors.rules_from(text), origin, method) if text else {}


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetBucketCors": get_bucket_cors,
    "PutBucketCors": put_bucket_cors,
    "DeleteBucketCors": delete_bucket_cors,
    "Preflight": preflight,
}
