"""What the console shows of buckets and objects, and what it does to them as the store's first user.

Looking reads the metadata, as listings do. Changing goes through `perform`, like a signed request: the
same checks, locks and log lines. Page: docs/s3/console.md
"""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from s3 import versions
from s3.api.walk import Asked, objects, page_of
from s3.auth.authenticate import Identity
from s3.auth.users import User
from s3.console.heat import Heat
from s3.errors import Refused
from s3.gateway import perform
from s3.http import Body, Request, Response
from s3.metadata.keys import after, bucket_key
from s3.records import Bucket, Version
from s3.routes import operation_of
from s3.service import Call, Service, find_bucket

PAGE_MAX = 200  # entries shown at a time
VERSIONS_MAX = 50

Json = dict[str, Any]


def first_user(service: Service) -> User:
    """Return whom the console acts for."""
    return service.users.all[0]


def act(
    service: Service,
    heat: Heat,
    method: str,
    bucket: str,
    key: str = "",
    *,
    body: Body,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Do an operation as the first user, noted like any other request. Raises `Refused`."""
    path = f"/{bucket}/{key}" if key else f"/{bucket}"
    request = Request(
        method, path, dict(query or {}), dict(headers or {}), body, bucket, key, remote="console"
    )
    begun_ns, status = service.clock.now_ns(), 500
    try:
        response = _performed(service, request)
        status = response.status
    except Refused as error:
        status = error.status
        raise
    finally:
        heat.note(request, status, service.clock.now_ns() - begun_ns)
    return response


def _performed(service: Service, request: Request) -> Response:
    user = first_user(service)
    who = Identity(user, user.access_key, "v4-header")
    request_id = f"{service.rng.getrandbits(64):016X}"
    return perform(Call(service, request, operation_of(request), who, request_id, service.now_ms()))


def buckets(service: Service) -> list[Json]:
    """Return the first user's buckets."""
    home = bucket_key("")
    found = [
        Bucket.from_bytes(data) for _, data in service.metadata.scan(home, after(home), PAGE_MAX)
    ]
    mine = [bucket for bucket in found if bucket.owner == first_user(service).id]
    return [
        {"name": bucket.name, "created_ms": bucket.created_ms, "versioning": bucket.versioning}
        for bucket in mine
    ]


def listing(service: Service, bucket: str, prefix: str, marker: str = "") -> Json:
    """Return a level of a bucket: folders and objects behind `marker`. Raises `Refused`."""
    found = own_bucket(service, bucket)
    wanted = Asked(prefix, "/", PAGE_MAX, "")
    page = page_of(objects(service.metadata, bucket, wanted), wanted, marker)
    return {
        "bucket": bucket,
        "prefix": prefix,
        "versioning": found.versioning,
        "folders": page.prefixes,
        "objects": [
            {"key": each.key, "size_bytes": each.size_bytes, "modified_ms": each.modified_ms}
            for each in page.entries
        ],
        "more": page.last if page.is_truncated else "",
    }


def versions_of(service: Service, bucket: str, key: str) -> list[Json]:
    """Return the versions of a key, the newest first. Raises `Refused`."""
    own_bucket(service, bucket)
    newest = versions.current(service.metadata, bucket, key)
    older = islice(versions.older(service.metadata, bucket, key), VERSIONS_MAX)
    found = [*([newest] if newest else []), *older]
    return [version_json(each.version) for each in found]


def own_bucket(service: Service, name: str) -> Bucket:
    """Return a bucket of the first user. Raises `NoSuchBucket`, `AccessDenied`."""
    _, bucket = find_bucket(service.metadata, name)
    if bucket.owner != first_user(service).id:
        raise Refused("AccessDenied", f"{name} belongs to somebody else")
    return bucket


def version_json(version: Version) -> Json:
    """Return what the page shows of a version."""
    return {
        "key": version.key,
        "id": version.id,
        "modified_ms": version.modified_ms,
        "size_bytes": version.size_bytes,
        "etag": version.etag,
        "type": version.headers.get("content-type", ""),
        "storage_class": version.storage_class or "STANDARD",
        "is_marker": version.is_marker,
        "parts": version.multipart,
        "is_encrypted": bool(version.encryption),
        "lock": version.lock,
    }
