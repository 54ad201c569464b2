"""ListObjects, ListObjectsV2, ListObjectVersions and ListMultipartUploads: ranges of the key space.

    prefix "a/", delimiter "/"       a/1.jpg   a/b/2.jpg   a/b/3.jpg   a/c/4.jpg
    ──►  Contents a/1.jpg            CommonPrefixes a/b/  a/c/

Source: Amazon S3 API reference. Page: docs/s3/listing.md
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from s3 import checksums, versions
from s3.api.shown import iso_time, owner_pairs
from s3.api.walk import Asked, Page, asked, objects, page_of, uploads, versions_from
from s3.errors import Refused
from s3.http import Response
from s3.markup import Pair, Xml, escape, fragment, render
from s3.records import NULL, Summary, Upload, Version
from s3.service import Call

BEFORE_ALL = "0"  # sorts before every order, which has sixteen digits


def list_objects(call: Call) -> Response:
    """Version 1: the next page begins behind the `marker`."""
    wanted = asked(call)
    marker = call.query.get("marker", "")
    page = _objects_after(call, wanted, marker)
    next_marker = wanted.encoded(page.last) if page.is_truncated and wanted.delimiter else None
    head: list[Pair] = [
        ("Name", call.bucket.name),
        ("Prefix", wanted.encoded(wanted.prefix)),
        ("Marker", wanted.encoded(marker)),
        ("NextMarker", next_marker),
    ]
    return _answer("ListBucketResult", head, wanted, page, _contents(call, wanted, page, True))


def list_objects_v2(call: Call) -> Response:
    """Version 2: an opaque token continues, and owners are shown only when asked for."""
    wanted = asked(call)
    token, start_after = call.query.get("continuation-token"), call.query.get("start-after", "")
    page = _objects_after(call, wanted, start_after if token is None else _opened(token))
    head: list[Pair] = [
        ("Name", call.bucket.name),
        ("Prefix", wanted.encoded(wanted.prefix)),
        ("StartAfter", wanted.encoded(start_after) if start_after else None),
        ("ContinuationToken", token),
        ("NextContinuationToken", _sealed(page.last) if page.is_truncated else None),
        ("KeyCount", len(page.entries) + len(page.prefixes)),
    ]
    with_owner = call.query.get("fetch-owner", "").lower() == "true"
    return _answer(
        "ListBucketResult", head, wanted, page, _contents(call, wanted, page, with_owner)
    )


def _objects_after(call: Call, wanted: Asked, marker: str) -> Page[Summary]:
    stream = objects(call.service.metadata, call.bucket.name, wanted)
    return page_of(stream, wanted, marker)


def _sealed(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _opened(token: str) -> str:
    try:
        return base64.b64decode(token, b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused("InvalidArgument", "The continuation token provided is incorrect") from None


def _answer(
    root: str, head: list[Pair], wanted: Asked, page: Page[Any], entries: list[Pair]
) -> Response:
    head += [
        ("MaxKeys", wanted.limit),
        ("Delimiter", wanted.encoded(wanted.delimiter) if wanted.delimiter else None),
        ("EncodingType", wanted.encoding or None),
        ("IsTruncated", page.is_truncated),
    ]
    return Response(body=render(root, head + entries + _prefixes(wanted, page.prefixes)))


def _prefixes(wanted: Asked, prefixes: list[str]) -> list[Pair]:
    return [("CommonPrefixes", [("Prefix", wanted.encoded(each))]) for each in prefixes]


def _contents(call: Call, wanted: Asked, page: Page[Summary], with_owner: bool) -> list[Pair]:
    owners = {version.owner: _owner(call, version.owner) for version in page.entries if with_owner}
    return [
        (
            "Contents",
            Xml(
                f"<Key>{escape(wanted.encoded(version.key))}</Key>{_facts(version)}"
                f"{owners.get(version.owner, '')}"
            ),
        )
        for version in page.entries
    ]


def _owner(call: Call, canonical_id: str) -> str:
    return fragment([("Owner", owner_pairs(call, canonical_id))])


def _facts(version: Version | Summary) -> str:
    """Return what all listings say of a version; written by hand, as there are a thousand a page."""
    sums = ""
    if version.checksum:
        kind = version.checksum.get("type", checksums.FULL)
        sums = (
            f"<ChecksumAlgorithm>{version.checksum['algorithm']}</ChecksumAlgorithm>"
            f"<ChecksumType>{kind}</ChecksumType>"
        )
    return (
        f"<LastModified>{iso_time(version.modified_ms)}</LastModified>"
        f"<ETag>&quot;{version.etag}&quot;</ETag><Size>{version.size_bytes}</Size>"
        f"<StorageClass>{version.storage_class or 'STANDARD'}</StorageClass>{sums}"
    )


def list_object_versions(call: Call) -> Response:
    """All versions and delete markers, the newest of each key first."""
    wanted = asked(call)
    key_marker, id_marker = (
        call.query.get("key-marker", ""),
        call.query.get("version-id-marker", ""),
    )
    if id_marker and not key_marker:
        raise Refused("InvalidArgument", "A version-id marker cannot be without a key marker")
    metadata, bucket = call.service.metadata, call.bucket.name
    order = _order_of(call, key_marker, id_marker) if id_marker else ""
    page = page_of(versions_from(metadata, bucket, wanted), wanted, key_marker, order)
    last = page.entries[-1][0] if page.entries else None
    next_id = last.id if last is not None and last.key == page.last else None
    head: list[Pair] = [
        ("Name", bucket),
        ("Prefix", wanted.encoded(wanted.prefix)),
        ("KeyMarker", wanted.encoded(key_marker)),
        ("VersionIdMarker", id_marker),
        ("NextKeyMarker", wanted.encoded(page.last) if page.is_truncated else None),
        ("NextVersionIdMarker", next_id if page.is_truncated else None),
    ]
    entries: list[Pair] = [_version_pairs(call, wanted, *each) for each in page.entries]
    return _answer("ListVersionsResult", head, wanted, page, entries)


def _order_of(call: Call, key: str, version_id: str) -> str:
    """Return where a version stands, be it that it was deleted since the page that ended with it.

    An id begins with the order. That of the null version tells nothing: its key is shown once more.
    """
    try:
        found = versions.find(call.service.metadata, call.bucket.name, key, version_id)
    except Refused:
        return BEFORE_ALL if version_id == NULL else version_id
    return found.version.order


def _version_pairs(call: Call, wanted: Asked, version: Version, is_latest: bool) -> Pair:
    identity: list[Pair] = [
        ("Key", wanted.encoded(version.key)),
        ("VersionId", version.id),
        ("IsLatest", is_latest),
        ("Owner", owner_pairs(call, version.owner)),
    ]
    if version.is_marker:
        return ("DeleteMarker", [*identity, ("LastModified", iso_time(version.modified_ms))])
    return ("Version", Xml(fragment(identity) + _facts(version)))


def list_multipart_uploads(call: Call) -> Response:
    """The uploads that are neither completed nor aborted, by key and time."""
    wanted = asked(call, "max-uploads")
    key_marker, id_marker = call.query.get("key-marker", ""), call.query.get("upload-id-marker", "")
    stream = uploads(call.service.metadata, call.bucket.name, wanted)
    page = page_of(stream, wanted, key_marker, id_marker if key_marker else "")
    last = page.entries[-1] if page.entries else None
    next_id = last.id if last is not None and last.key == page.last else ""
    head: list[Pair] = [
        ("Bucket", call.bucket.name),
        ("KeyMarker", wanted.encoded(key_marker)),
        ("UploadIdMarker", id_marker),
        ("NextKeyMarker", wanted.encoded(page.last) if page.is_truncated else None),
        ("NextUploadIdMarker", next_id if page.is_truncated else None),
        ("Prefix", wanted.encoded(wanted.prefix)),
        ("Delimiter", wanted.encoded(wanted.delimiter) if wanted.delimiter else None),
        ("EncodingType", wanted.encoding or None),
        ("MaxUploads", wanted.limit),
        ("IsTruncated", page.is_truncated),
    ]
    entries: list[Pair] = [("Upload", _upload_pairs(call, wanted, each)) for each in page.entries]
    body = render("ListMultipartUploadsResult", head + entries + _prefixes(wanted, page.prefixes))
    return Response(body=body)


def _upload_pairs(call: Call, wanted: Asked, upload: Upload) -> list[Pair]:
    return [
        ("Key", wanted.encoded(upload.key)),
        ("UploadId", upload.id),
        ("Initiator", owner_pairs(call, upload.initiator)),
        ("Owner", owner_pairs(call, upload.owner)),
        ("StorageClass", upload.storage_class or "STANDARD"),
        ("Initiated", iso_time(upload.started_ms)),
        ("ChecksumAlgorithm", upload.checksum.get("algorithm")),
        ("ChecksumType", upload.checksum.get("type")),
    ]


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "ListObjects": list_objects,
    "ListObjectsV2": list_objects_v2,
    "ListObjectVersions": list_object_versions,
    "ListMultipartUploads": list_multipart_uploads,
}
