"""CopyObject and UploadPartCopy: bytes that go from object to object without the client.

    PUT /photos/b    x-amz-copy-source: /photos/a?versionId=…
    PUT /photos/b?partNumber=3&uploadId=…    x-amz-copy-source-range: bytes=0-5242879

The bytes are read and stored again: two objects never share a blob, so that deleting one is never a
question about the other. Page: docs/s3/objects.md
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import unquote

from s3 import conditions, encryption, reading, receiving, versions
from s3.api import multipart
from s3.api.objects import described_version, put_received
from s3.api.shown import iso_time, write_headers
from s3.errors import Refused
from s3.http import Response, parse_query
from s3.markup import Pair, render
from s3.records import Version
from s3.service import Call, find_bucket

COPY_BYTES_MAX = 5 * 1024**3
_RANGE = re.compile(r"bytes=([0-9]{1,99})-([0-9]{1,99})")


class Piece:
    """Stored bytes as a body: what a copy receives."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks

    def read(self, size: int = -1, /) -> bytes:
        """Return the next block, whatever its size; nothing at the end."""
        return next((block for block in self._blocks if block), b"")


def copy_object(call: Call) -> Response:
    """Copy a whole object, with its description or a new one."""
    source = find_source(call)
    blank = _described(call, source)
    if source.size_bytes > COPY_BYTES_MAX:
        raise Refused("InvalidRequest", "The source is larger than 5 GiB; copy it in parts")
    cipher = encryption.for_write(call)
    received = _copied(call, source, 0, source.size_bytes, cipher, _algorithm(call, source))
    made = put_received(call, blank, received)
    pairs: list[Pair] = [
        ("LastModified", iso_time(made.modified_ms)),
        ("ETag", f'"{made.etag}"'),
    ]
    if made.checksum:
        pairs.append((f"Checksum{made.checksum['algorithm']}", made.checksum["value"]))
        pairs.append(("ChecksumType", made.checksum["type"]))
    headers = write_headers(call, made) | _source_header(call, source)
    del headers["ETag"]
    return Response(headers=headers, body=render("CopyObjectResult", pairs))


def _algorithm(call: Call, source: Version) -> str | None:
    asked = call.headers.get("x-amz-checksum-algorithm", "").upper()
    return asked or source.checksum.get("algorithm")


def locate_source(call: Call) -> tuple[str, str, str]:
    """Return (bucket, key, version id) of `x-amz-copy-source`. Raises `InvalidArgument`."""
    text = call.headers["x-amz-copy-source"]
    path, _, query = text.partition("?")
    bucket, slash, key = unquote(path).removeprefix("/").partition("/")
    if not (bucket and slash and key):
        raise Refused("InvalidArgument", f"x-amz-copy-source is {text!r}: write /bucket/key")
    return bucket, key, parse_query(query).get("versionId", "")


def find_source(call: Call) -> Version:
    """Return the version to copy, if the caller may read it and its conditions hold."""
    from s3.permissions import permit_source

    name, key, version_id = locate_source(call)
    _, bucket = find_bucket(call.service.metadata, name)
    permit_source(call, bucket, key, version_id)
    found = versions.find(call.service.metadata, bucket.name, key, version_id)
    version = _readable(found, version_id)
    conditions.check_copy(version, call.headers)
    encryption.check_source(call, version)
    call.notes["source bucket versioning"] = bucket.versioning
    return version


def _readable(found: versions.Found, version_id: str) -> Version:
    if found.version.is_marker and version_id:
        raise Refused("InvalidRequest", "The source of a copy may not be a delete marker")
    return versions.visible(found, "")


def _described(call: Call, source: Version) -> Version:
    """Return the copy's description: the source's, or with REPLACE the request's."""
    new = described_version(call)
    directive = _directive(call, "x-amz-metadata-directive")
    tagging = _directive(call, "x-amz-tagging-directive")
    if directive == "COPY":
        _refuse_no_change(call, source)
        new = replace(new, headers=source.headers, meta=source.meta)
    if tagging == "COPY":
        new = replace(new, tags=source.tags)
    return new


def _directive(call: Call, header: str) -> str:
    text = call.headers.get(header, "COPY")
    if text not in ("COPY", "REPLACE"):
        raise Refused("InvalidArgument", f"{header} is {text!r}; it must be COPY or REPLACE")
    return text


def _refuse_no_change(call: Call, source: Version) -> None:
    bucket, key, version_id = locate_source(call)
    if (bucket, key) != (call.bucket.name, call.request.key) or version_id:
        return
    changing = ("x-amz-storage-class", "x-amz-website-redirect-location",
                "x-amz-server-side-encryption", "x-amz-server-side-encryption-customer-algorithm",
                "x-amz-tagging-directive", "x-amz-acl")  # fmt: skip
    if (
        not any(name in call.headers for name in changing)
        and "encryption" not in call.bucket.configs
    ):
        raise Refused(
            "InvalidRequest",
            "This copy would change nothing: give it new metadata, a class or an encryption",
        )


def _copied(
    call: Call, source: Version, start: int, stop: int,
    cipher: encryption.Cipher | None, algorithm: str | None,
) -> receiving.Received:  # fmt: skip
    body = Piece(encryption.source_bytes(call, source, start, stop))
    promise = receiving.Promise(stop - start, None, algorithm, None)
    return receiving.stored(call, receiving.Intake(body, promise), cipher)


def _source_header(call: Call, source: Version) -> dict[str, str]:
    has_versions = call.notes.get("source bucket versioning")
    return {"x-amz-copy-source-version-id": source.id} if has_versions else {}


def upload_part_copy(call: Call) -> Response:
    """Make a range of an object a part of an upload."""
    number = multipart.part_number(call)
    _, _, upload = multipart.find_upload(call)
    source = find_source(call)
    start, stop = _range(call, source.size_bytes)
    cipher = encryption.for_part(call, upload)
    received = _copied(call, source, start, stop, cipher, upload.checksum.get("algorithm"))
    part = multipart.keep_part(call, number, received)
    pairs: list[Pair] = [("LastModified", iso_time(part.modified_ms)), ("ETag", f'"{part.etag}"')]
    if part.checksum:
        pairs.append((f"Checksum{part.checksum['algorithm']}", part.checksum["value"]))
    headers = encryption.shown(call, part.encryption) | _source_header(call, source)
    return Response(headers=headers, body=render("CopyPartResult", pairs))


def _range(call: Call, size_bytes: int) -> reading.Span:
    text = call.headers.get("x-amz-copy-source-range")
    if text is None:
        return 0, size_bytes
    match = _RANGE.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]):
        raise Refused(
            "InvalidArgument", f"x-amz-copy-source-range is {text!r}; write bytes=first-last"
        )
    start, stop = int(match[1]), int(match[2]) + 1
    if stop > size_bytes:
        code = "InvalidRange" if call.service.profile == "rgw" else "InvalidArgument"
        raise Refused(code, f"Range {text} is beyond the source's {size_bytes} bytes")
    return start, stop


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "CopyObject": copy_object,
    "UploadPartCopy": upload_part_copy,
}
