"""What RGW tells of use, and S3 does not: how much a bucket holds, and what a user may have.

    HEAD /photos?read-stats=true     x-rgw-object-count: 3, x-rgw-bytes-used: 9
    GET  /?usage                     the user's quotas

Cost: O(versions), read from their records; nobody else's request pays for counting.
Page: docs/s3/profiles.md
"""

from s3.api.walk import PAGE_MAX, Asked, versions_from
from s3.http import Response
from s3.markup import Pair, render
from s3.service import Call

BUCKETS_MAX = 1_000  # what is told; a user may make more
UNLIMITED = -1
_QUOTAS = (
    "QuotaMaxBytes",
    "QuotaMaxObjCount",
    "QuotaMaxBytesPerBucket",
    "QuotaMaxObjCountPerBucket",
)


def bucket_use(call: Call) -> dict[str, str]:
    """Return the headers that tell how much is in the bucket, all versions counted."""
    wanted = Asked(prefix="", delimiter="", limit=PAGE_MAX, encoding="")
    stream = versions_from(call.service.metadata, call.bucket.name, wanted)
    sizes = [version.size_bytes for _, (version, _) in stream(b"", "") if not version.is_marker]
    return {
        "x-rgw-object-count": str(len(sizes)),
        "x-rgw-bytes-used": str(sum(sizes)),
        "x-rgw-quota-max-buckets": str(BUCKETS_MAX),
    }


def user_quotas(call: Call) -> Response:
    """Return what the user may have: but for buckets as much as there is room."""
    quotas: list[Pair] = [(name, UNLIMITED) for name in _QUOTAS]
    summary: list[Pair] = [*quotas, ("QuotaMaxBuckets", BUCKETS_MAX)]
    return Response(body=render("Usage", [("Summary", summary)], namespace=""))
