"""How a version, an owner and a time look in headers and in XML. Page: docs/s3/objects.md"""

from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache

from s3 import checksums, encryption, lifecycle_headers
from s3.description import CONTENT_TYPE, META
from s3.markup import Pair
from s3.records import NULL, Version
from s3.service import Call

SECONDS_MAX = 1_024  # whose text is kept: a page of a thousand objects shows few


def iso_time(ms: int) -> str:
    """Return a time as XML has it: `2026-11-24T20:15:09.123Z`."""
    return f"{_iso_second(ms // 1000)}.{ms % 1000:03d}Z"


@lru_cache(SECONDS_MAX)
def _iso_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:-6]


def http_date(ms: int) -> str:
    """Return a time as headers have it: `Tue, 24 Nov 2026 20:15:09 GMT`."""
    return _http_second(ms // 1000)


@lru_cache(SECONDS_MAX)
def _http_second(second: int) -> str:
    return formatdate(second, usegmt=True)


def object_headers(call: Call, version: Version) -> dict[str, str]:
    """Return the headers of GetObject and HeadObject, but for those of the range."""
    headers = {name.title(): text for name, text in version.headers.items()}
    headers.setdefault("Content-Type", CONTENT_TYPE)
    headers |= {
        "ETag": f'"{version.etag}"',
        "Last-Modified": http_date(version.modified_ms),
        "Accept-Ranges": "bytes",
    }
    headers |= {META + name: text for name, text in version.meta.items()}
    headers |= version_header(call, version) | lock_headers(version)
    headers |= encryption.shown(call, version.encryption)
    if version.tags:
        headers["x-amz-tagging-count"] = str(len(version.tags))
    if version.storage_class:
        headers["x-amz-storage-class"] = version.storage_class
    if version.replication:
        headers["x-amz-replication-status"] = version.replication
    if not call.query.get("versionId"):
        headers |= lifecycle_headers.expiration(call, version)
    if (
        call.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"
        and "range" not in call.headers
    ):
        headers |= checksum_headers(version.checksum)
    return headers


def version_header(call: Call, version: Version) -> dict[str, str]:
    """Return `x-amz-version-id`, once the bucket has had versioning."""
    return {"x-amz-version-id": version.id} if call.bucket.versioning else {}


def lock_headers(version: Version) -> dict[str, str]:
    """Return the headers of an object lock."""
    headers = {}
    if "mode" in version.lock:
        headers["x-amz-object-lock-mode"] = version.lock["mode"]
        headers["x-amz-object-lock-retain-until-date"] = iso_time(version.lock["until_ms"])
    if "hold" in version.lock:
        headers["x-amz-object-lock-legal-hold"] = version.lock["hold"]
    return headers


def checksum_headers(checksum: dict[str, str]) -> dict[str, str]:
    """Return the headers of a stored checksum."""
    if not checksum:
        return {}
    return {
        checksums.header_of(checksum["algorithm"]): checksum["value"],
        "x-amz-checksum-type": checksum.get("type", checksums.FULL),
    }


def write_headers(call: Call, version: Version) -> dict[str, str]:
    """Return the headers that answer a write; RGW has no word for having written the null version."""
    is_unnamed = call.service.profile == "rgw" and version.id == NULL
    return (
        {"ETag": f'"{version.etag}"'}
        | ({} if is_unnamed else version_header(call, version))
        | checksum_headers(version.checksum)
        | encryption.shown(call, version.encryption)
        | lifecycle_headers.expiration(call, version)
    )


def owner_pairs(call: Call, canonical_id: str) -> list[Pair]:
    """Return an owner's id and name as XML."""
    user = call.service.users.by_id(canonical_id)
    return [("ID", canonical_id), ("DisplayName", user.display_name if user else canonical_id)]
