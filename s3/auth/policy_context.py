"""The condition keys of a request: everything that a policy may ask about it.

    who          aws:username  aws:userid  aws:PrincipalArn  aws:PrincipalAccount  s3:authType
    from where   aws:SourceIp  aws:SecureTransport  aws:UserAgent  aws:Referer
    when         aws:CurrentTime  aws:EpochTime
    what         s3:prefix  s3:delimiter  s3:max-keys  s3:VersionId  s3:x-amz-…  s3:RequestObjectTag/…
    about what   s3:ExistingObjectTag/…

Invariant: keys are folded (see patterns.py), and one that the request does not have is absent, not empty.
Source: AWS service authorization reference, "Condition keys for Amazon S3". Page: docs/s3/auth.md
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote

from s3.auth.authenticate import Identity
from s3.auth.patterns import Values, folded
from s3.auth.signature import from_timestamp
from s3.http import Request

_QUERY_KEYS = {
    "prefix": "s3:prefix",
    "delimiter": "s3:delimiter",
    "max-keys": "s3:max-keys",
    "versionId": "s3:versionid",
}
_AUTH_TYPES = {"header": "REST-HEADER", "query": "REST-QUERY-STRING", "form": "POST"}
TAGS_MAX = 64  # more than an object may have; what is beyond is refused by who stores them


def context_of(
    request: Request, who: Identity, *, now: float, tags: Mapping[str, str] | None = None
) -> dict[str, Values]:
    """Return the condition keys of a request; `tags` are those that its object has already."""
    found: dict[str, Values] = {
        "aws:currenttime": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:epochtime": str(int(now)),
        "aws:securetransport": "true" if request.scheme == "https" else "false",
        "aws:principaltype": "Anonymous" if who.is_anonymous else "User",
    }
    if request.remote:
        found["aws:sourceip"] = request.remote
    for header, key in (("user-agent", "aws:useragent"), ("referer", "aws:referer")):
        if header in request.headers:
            found[key] = request.headers[header]
    for name, key in _QUERY_KEYS.items():
        if name in request.query:
            found[key] = request.query[name]
    return found | _of_caller(who) | _of_headers(request, now) | _of_tags(request, tags or {})


def _of_caller(who: Identity) -> dict[str, Values]:
    if who.user is None:
        return {}
    version, _, way = who.auth_type.partition("-")
    return {
        "aws:username": who.user.name,
        "aws:userid": who.user.id,
        "aws:principalarn": who.user.arn,
        "aws:principalaccount": who.user.tenant or who.user.id,
        "s3:authtype": _AUTH_TYPES[way],
        "s3:signatureversion": "AWS" if version == "v2" else "AWS4-HMAC-SHA256",
    }


def _of_headers(request: Request, now: float) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for name, value in request.headers.items():
        if name.startswith("x-amz-"):
            found[f"s3:{name}"] = unquote(value) if name == "x-amz-copy-source" else value
    sent = request.query.get("X-Amz-Date")
    if sent:
        found["s3:signatureage"] = str(int((now - from_timestamp(sent)) * 1000))
    return found


def _of_tags(request: Request, tags: Mapping[str, str]) -> dict[str, Values]:
    found: dict[str, Values] = {f"s3:ExistingObjectTag/{name}": tags[name] for name in tags}
    text = request.headers.get("x-amz-tagging", "")
    try:
        asked = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=TAGS_MAX))
    except ValueError:  # too many to store; the operation will say so
        asked = {}
    if asked:
        found["s3:requestobjecttagkeys"] = list(asked)
        found |= {f"s3:RequestObjectTag/{name}": value for name, value in asked.items()}
    return {folded(key): value for key, value in found.items()}
