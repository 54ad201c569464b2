"""Signature Version 2: retired, but spoken by old tools; a HMAC-SHA1 over less of the request.

    method, Content-MD5, Content-Type, Date or Expires, x-amz-* headers, resource ──HMAC-SHA1──► Base64

It covers neither the body, nor the host, nor most of the query, and its key is the secret itself: what
Version 4 is for. Source: AWS, "Signing and authenticating REST requests" (legacy). Page: docs/s3/auth.md
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping

from s3.auth.signature import encoded
from s3.http import Request

# The parameters that name another thing than the object or bucket itself, and are therefore covered.
SUBRESOURCES = frozenset({
    "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle",
    "location", "logging", "metrics", "notification", "object-lock", "partNumber", "policy",
    "replication", "requestPayment", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "response-content-language", "response-content-type",
    "response-expires", "restore", "select", "select-type", "storageClass", "tagging", "torrent",
    "uploadId", "uploads", "versionId", "versioning", "versions", "website",
})  # fmt: skip


def sign_v2(secret: str, text: str) -> str:
    """Return the Base64 of the HMAC-SHA1 of `text`."""
    return b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()


def string_to_sign_v2(request: Request, expires: str = "", slash: str = "") -> str:
    """Return what Version 2 signs; `expires` stands in the date's place in a presigned URL.

    Some clients ask for `/bucket` and sign `/bucket/`: that is what `slash` adds.
    """
    headers = request.headers
    date = expires or ("" if "x-amz-date" in headers else headers.get("date", ""))
    lines = [
        request.method,
        headers.get("content-md5", ""),
        headers.get("content-type", ""),
        date,
        *(
            f"{name}:{headers[name].strip()}"
            for name in sorted(headers)
            if name.startswith("x-amz-")
        ),
        _resource(request) + slash + _subresources(request.query),
    ]
    return "\n".join(lines)


def _resource(request: Request) -> str:
    """Return the path with the bucket in front, be that asked by path or by host."""
    by_host = request.bucket and request.path == "/" + request.key
    return encoded(f"/{request.bucket}{request.path}" if by_host else request.path)


def _subresources(query: Mapping[str, str]) -> str:
    pairs = [(name, query[name]) for name in sorted(SUBRESOURCES & query.keys())]
    text = "&".join(f"{name}={value}" if value else name for name, value in pairs)
    return f"?{text}" if text else ""
