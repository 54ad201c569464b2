"""CreateBucket, DeleteBucket, HeadBucket, ListBuckets, GetBucketLocation. Page: docs/s3/objects.md"""

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address

from s3.api import usage
from s3.api.multipart import abort_all
from s3.api.objects import whole_body
from s3.api.shown import iso_time, owner_pairs
from s3.auth import acl
from s3.errors import Conflict, Refused
from s3.http import Response, is_number
from s3.markup import Pair, parse, render, text_of
from s3.metadata.keys import after, bucket_key, object_key, upload_key, version_key
from s3.metadata.transaction import Transaction
from s3.records import Bucket, Facts
from s3.service import Call, find_bucket

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_OWNERSHIPS = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")


def check_name(name: str) -> str:
    """Return `name` if a bucket may have it. Raises `InvalidBucketName`."""
    if (
        not _NAME.fullmatch(name)
        or ".." in name
        or ".-" in name
        or "-." in name
        or _is_address(name)
    ):
        raise Refused("InvalidBucketName", BucketName=name)
    return name


def _is_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except AddressValueError:
        return False
    return True


def create_bucket(call: Call) -> Response:
    """Make a bucket. Making one's own again changes nothing, and is refused as `us-east-1` is not."""
    name = check_name(call.request.bucket)
    region = _location(call)
    ownership = _ownership(call)
    has_lock = call.headers.get("x-amz-bucket-object-lock-enabled", "").lower() == "true"
    made = Bucket(
        name=name,
        owner=call.who.id,
        created_ms=call.now_ms,
        versioning="Enabled" if has_lock else "",
        has_lock=has_lock,
        region=region,
        acl=_acl(call, ownership),
        configs={"ownershipControls": ownership} if ownership else {},
        tenant=call.who.user.tenant if call.who.user else "",
    )
    try:
        call.service.metadata.commit(
            Transaction({bucket_key(name): made.to_bytes()}, {bucket_key(name): None})
        )
    except Conflict:
        return _there_already(call, made)
    return Response(headers={"Location": f"/{name}"})


def _acl(call: Call, ownership: str) -> Facts:
    found = acl.from_headers(call.headers, call.who.id, call.who.id, call.service.users)
    if ownership == acl.ENFORCED and found:
        raise Refused("InvalidBucketAclWithObjectOwnership")
    return found


def _there_already(call: Call, made: Bucket) -> Response:
    """Answer for a name that is taken: its owner in us-east-1 is told that all is well."""
    _, old = find_bucket(call.service.metadata, made.name)
    if old.owner != call.who.id:
        raise Refused("BucketAlreadyExists", BucketName=made.name)
    if call.service.region != "us-east-1" or made.acl != old.acl or made.has_lock != old.has_lock:
        is_rgw = call.service.profile == "rgw"
        code = "BucketAlreadyExists" if is_rgw else "BucketAlreadyOwnedByYou"
        raise Refused(code, "You have it already, and made otherwise", BucketName=made.name)
    return Response(headers={"Location": f"/{made.name}"})


def _location(call: Call) -> str:
    body = whole_body(call)
    if not body.strip():
        return ""
    wish = text_of(parse(body, "CreateBucketConfiguration"), "LocationConstraint", "")
    if wish not in ("", call.service.region, "EU" if call.service.region == "eu-west-1" else ""):
        code = (
            "InvalidLocationConstraint"
            if call.service.profile == "rgw"
            else "IllegalLocationConstraintException"
        )
        raise Refused(code, f"{wish!r} is not the region of this store, {call.service.region}")
    return wish


def _ownership(call: Call) -> str:
    wish = call.headers.get("x-amz-object-ownership", "")
    if wish and wish not in _OWNERSHIPS:
        raise Refused(
            "InvalidArgument", f"x-amz-object-ownership is {wish!r}; use one of {_OWNERSHIPS}"
        )
    return wish or ("BucketOwnerEnforced" if call.service.profile == "aws" else "")


def delete_bucket(call: Call) -> Response:
    """Delete an empty bucket; a PUT that comes between looking and deleting wins."""
    name, metadata = call.bucket.name, call.service.metadata
    abort_all(call)
    homes = (object_key(name, ""), version_key(name, "")[:-1], upload_key(name))
    ranges = tuple((home, after(home)) for home in homes)
    if any(metadata.scan(*each, 1) for each in ranges):
        raise Refused("BucketNotEmpty", BucketName=name)
    guards = {bucket_key(name): call.bucket_bytes}
    try:
        metadata.commit(Transaction({bucket_key(name): None}, guards, ranges))
    except Conflict:
        find_bucket(metadata, name)
        raise Refused("OperationAborted", BucketName=name) from None
    return Response(204)


def head_bucket(call: Call) -> Response:
    """Say that the bucket is there, and where; RGW adds how full, if it is asked."""
    headers = {"x-amz-bucket-region": call.bucket.region or call.service.region}
    if call.service.profile == "rgw" and call.query.get("read-stats") == "true":
        headers |= usage.bucket_use(call)
    return Response(headers=headers)


def get_bucket_location(call: Call) -> Response:
    """The region; us-east-1 is written as nothing."""
    region = call.bucket.region or call.service.region
    text = "" if region == "us-east-1" else region
    return Response(body=render("LocationConstraint", text))


def list_buckets(call: Call) -> Response:
    """The caller's own buckets, by name."""
    if call.service.profile == "rgw" and "usage" in call.query and not call.who.is_anonymous:
        return usage.user_quotas(call)
    prefix = call.query.get("prefix", "")
    limit = _limit(call)
    token = call.query.get("continuation-token", "")
    start = max(bucket_key(prefix), bucket_key(token) + b"\0" if token else b"")
    mine: list[Bucket] = []
    more = False
    while not more and (
        batch := call.service.metadata.scan(start, after(bucket_key(prefix)), 1_000)
    ):
        for _, data in batch:
            bucket = Bucket.from_bytes(data)
            if bucket.owner == call.who.id:
                if len(mine) == limit:
                    more = True
                    break
                mine.append(bucket)
        start = batch[-1][0] + b"\0"
    buckets: list[Pair] = [
        ("Bucket", [("Name", each.name), ("CreationDate", iso_time(each.created_ms))])
        for each in mine
    ]
    pairs: list[Pair] = [
        ("Owner", owner_pairs(call, call.who.id)),
        ("Buckets", buckets),
        ("Prefix", prefix or None),
        ("ContinuationToken", mine[-1].name if more else None),
    ]
    return Response(body=render("ListAllMyBucketsResult", pairs))


def _limit(call: Call) -> int:
    text = call.query.get("max-buckets", "10000")
    if not is_number(text) or not 1 <= int(text) <= 10_000:
        raise Refused("InvalidArgument", f"max-buckets is {text!r}; it must be 1 to 10000")
    return int(text)


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "CreateBucket": create_bucket,
    "DeleteBucket": delete_bucket,
    "HeadBucket": head_bucket,
    "ListBuckets": list_buckets,
    "GetBucketLocation": get_bucket_location,
}
