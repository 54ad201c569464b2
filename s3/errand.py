"""Calls that the store makes to itself: lifecycle, replication and logs do their work through them.

An errand is on behalf of the bucket's owner, and of nobody else; permissions are not asked again, so
whoever makes one has made sure that the owner wanted it. Page: docs/s3/lifecycle.md
"""

import io

from s3.auth.authenticate import Identity
from s3.http import Request
from s3.service import Call, Service


def errand(service: Service, operation: str, bucket: str, key: str) -> Call:
    """Return a call about `key`. Raises `NoSuchBucket`."""
    request = Request("PUT", f"/{bucket}/{key}", {}, {}, io.BytesIO(), bucket=bucket, key=key)
    id = f"{service.rng.getrandbits(64):016X}"
    call = Call(service, request, operation, Identity(None), id, service.now_ms())
    call.who = Identity(service.users.by_id(call.bucket.owner))
    return call
