"""PutObject, GetObject, HeadObject, DeleteObject(s). Page: docs/s3/objects.md"""

from collections.abc import Iterable
from dataclasses import replace

from chapters.errors import Definite
from s3 import (
    checksums,
    conditions,
    description,
    encryption,
    lock,
    reading,
    receiving,
    small,
    versions,
)
from s3.api.shown import object_headers, write_headers
from s3.auth import acl
from s3.errors import Refused
from s3.http import Response, is_number
from s3.markup import Pair, parse, raw_text, render, text_of
from s3.metadata.transaction import Transaction
from s3.records import Version
from s3.service import Call
from s3.storage.blobs import Blob

DELETE_MAX = 1_000
_ON_NOT_MODIFIED = {"ETag", "Last-Modified"}
_OVERRIDES = {  # what a signed reader may have said otherwise
    "response-content-type": "Content-Type",
    "response-content-language": "Content-Language",
    "response-expires": "Expires",
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
}


def put_object(call: Call) -> Response:
    """Store the body as a new version; acknowledged when it cannot be lost any more."""
    blank = described_version(call)
    _refuse_early(call, blank.key)
    cipher = encryption.for_write(call)
    received = receiving.receive(call, cipher)
    made = put_received(call, blank, received)
    return Response(headers=write_headers(call, made))


def described_version(call: Call) -> Version:
    """Return what the request's headers say of the object to be. Raises before a byte is read."""
    return Version(
        key=description.check_key(call.request.key),
        id="",
        order="",
        modified_ms=call.now_ms,
        owner=acl.owner_of_object(call),
        headers=description.kept_headers(call.headers),
        meta=description.user_metadata(call.headers),
        tags=description.header_tags(call.headers),
        storage_class=description.storage_class(call),
        acl=acl.of_object(call),
        lock=lock.of_request(call),
    )


def put_received(call: Call, blank: Version, received: receiving.Received) -> Version:
    """Make the received bytes a version; they are deleted again if that is refused."""
    whole = replace(
        blank,
        size_bytes=received.size_bytes,
        etag=received.etag,
        parts=[{"size": received.size_bytes, "blob": received.blob}],
        checksum=received.checksum | ({"type": checksums.FULL} if received.checksum else {}),
        encryption=received.encryption,
    )
    try:
        return versions.put(
            call,
            whole,
            lambda old: conditions.check_write(old, call.headers),
            lambda: Transaction(received.writes),
        )
    except Definite:
        small.take_back(call.service, Blob.from_json(received.blob))
        raise


def _refuse_early(call: Call, key: str) -> None:
    """Look at the conditions before the body is read: 5 GiB for a 412 would be a pity."""
    if conditions.is_conditional(call.headers):
        old = versions.current(call.service.metadata, call.bucket.name, key)
        conditions.check_write(old.version if old else None, call.headers)


def get_object(call: Call) -> Response:
    """Return the object's bytes, or a range of them."""
    version, headers, span, status = _looked_up(call)
    body = reading.body_of(call, version, *span) if version.size_bytes else b""
    return Response(status, headers, body)


def head_object(call: Call) -> Response:
    """Return what GetObject would, without the bytes."""
    _, headers, _, status = _looked_up(call)
    return Response(status, headers)


def _looked_up(call: Call) -> tuple[Version, dict[str, str], reading.Span, int]:
    """Return the version that is asked for, its headers, the span of bytes and the status."""
    version = asked_version(call)
    headers = object_headers(call, version)
    shown = {name: text for name, text in headers.items() if name in _ON_NOT_MODIFIED}
    conditions.check_read(version, call.headers, shown)
    span, status = _span(call, version, headers)
    encryption.check_read(call, version)
    headers["Content-Length"] = str(span[1] - span[0])
    if status == 206:
        headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{version.size_bytes}"
    headers |= _overridden(call)
    return version, headers, span, status


def asked_version(call: Call) -> Version:
    """Return the version of the request that may be read. Raises what `find` and `visible` raise."""
    wanted = call.query.get("versionId", "")
    try:
        found = versions.find(call.service.metadata, call.bucket.name, call.request.key, wanted)
    except Refused as error:
        if call.service.profile == "rgw":  # which says that it is not a marker that hides it
            error.headers["x-amz-delete-marker"] = "false"
        raise
    return versions.visible(found, wanted)


def _span(call: Call, version: Version, headers: dict[str, str]) -> tuple[reading.Span, int]:
    if (text := call.query.get("partNumber")) is not None:
        if "range" in call.headers:
            raise Refused("InvalidRequest", "Range and partNumber exclude each other")
        if not is_number(text) or not 1 <= int(text) <= 10_000:
            raise Refused("InvalidArgument", f"partNumber is {text!r}; it must be 1 to 10000")
        return _part_span(call, version, int(text), headers), 206
    span = reading.asked_range(call.headers.get("range"), version.size_bytes)
    return (span, 206) if span else ((0, version.size_bytes), 200)


def _part_span(call: Call, version: Version, number: int, headers: dict[str, str]) -> reading.Span:
    """Return where a part lies, and add what is said of parts; RGW gives each its own ETag."""
    is_rgw = call.service.profile == "rgw"
    try:
        span = reading.part_span(version, number)
    except Refused:
        if is_rgw:
            raise Refused("InvalidPart", "The object has no such part", PartNumber=number) from None
        raise
    if version.multipart:
        headers["x-amz-mp-parts-count"] = str(version.multipart)
        part = next(each for each in version.parts if each["number"] == number)
        if is_rgw and "etag" in part:
            headers["ETag"] = f'"{part["etag"]}"'
    return span


def _overridden(call: Call) -> dict[str, str]:
    found = {header: call.query[name] for name, header in _OVERRIDES.items() if name in call.query}
    if found and call.who.is_anonymous:
        raise Refused("InvalidRequest", "Request-specific response headers need a signed request")
    return found


def delete_object(call: Call) -> Response:
    """Remove a version, or put a delete marker on top; deleting what is not there is a success."""
    key, wanted = call.request.key, call.query.get("versionId", "")
    gone = remove(call, key, wanted, conditions_of(call))
    return Response(204, deletion_headers(gone, wanted))


def conditions_of(call: Call) -> dict[str, str]:
    """Return the request's headers that a deletion may depend on."""
    return {name: text for name, text in call.headers.items() if "if-match" in name}


def remove(call: Call, key: str, version_id: str, wanted: dict[str, str]) -> Version | None:
    """Delete under lock and conditions; see `versions.delete`."""
    if wanted and versions.current(call.service.metadata, call.bucket.name, key) is None:
        return None  # where nothing is, a condition is not for a delete marker to be made

    def check(old: Version | None) -> None:
        conditions.check_delete(old, wanted)
        if version_id or not call.bucket.versioning:
            lock.check_removal(call, old)

    return versions.delete(call, key, version_id, check)


def deletion_headers(gone: Version | None, wanted: str) -> dict[str, str]:
    """Return the headers that say what a deletion removed or made."""
    headers = {}
    if gone is not None and gone.is_marker:
        headers["x-amz-delete-marker"] = "true"
    if gone is not None and (wanted or gone.is_marker):
        headers["x-amz-version-id"] = gone.id
    return headers


def delete_objects(call: Call) -> Response:
    """Delete up to 1,000 keys; each has a verdict of its own."""
    document = parse(whole_body(call), "Delete")
    wishes = document.findall("Object")
    if not 1 <= len(wishes) <= DELETE_MAX:
        raise Refused("MalformedXML", f"1 to {DELETE_MAX} objects can be deleted at once")
    quiet = text_of(document, "Quiet", "false").lower() == "true"
    answers: list[Pair] = []
    for wish in wishes:
        key, version_id = raw_text(wish, "Key"), text_of(wish, "VersionId", "")
        wanted = _conditions_in(wish)
        try:
            permit_removal(call, key, version_id)
            gone = remove(call, key, version_id, wanted)
        except Refused as error:
            answers.append(("Error", _failure(key, version_id, error)))
        else:
            if not quiet:
                answers.append(("Deleted", _success(key, version_id, gone)))
    return Response(body=render("DeleteResult", answers))


def permit_removal(call: Call, key: str, version_id: str) -> None:
    """Ask for each key whether it may be deleted. Raises `AccessDenied`."""
    from s3.permissions import permit_object

    permit_object(call, "DeleteObject", key, version_id)


def _conditions_in(wish: object) -> dict[str, str]:
    names = {
        "ETag": "if-match",
        "Size": "x-amz-if-match-size",
        "LastModifiedTime": "x-amz-if-match-last-modified-time",
    }
    found = {header: text_of(wish, tag, "") for tag, header in names.items()}  # type: ignore[arg-type]
    return {header: text for header, text in found.items() if text}


def _failure(key: str, version_id: str, error: Refused) -> list[Pair]:
    return [
        ("Key", key),
        ("VersionId", version_id or None),
        ("Code", error.code),
        ("Message", str(error)),
    ]


def _success(key: str, version_id: str, gone: Version | None) -> list[Pair]:
    pairs: list[Pair] = [("Key", key), ("VersionId", version_id or None)]
    if gone is not None and gone.is_marker:
        pairs += [("DeleteMarker", True), ("DeleteMarkerVersionId", gone.id)]
    return pairs


def whole_body(call: Call, limit: int = 2 * 1024 * 1024) -> bytes:
    """Return a small body, checked against Content-MD5 and checksum headers."""
    promise = receiving.promised(call)
    if promise.size_bytes is not None and promise.size_bytes > limit:
        raise Refused("MalformedXML", f"The document is over {limit} bytes")
    intake = receiving.Intake(call.who.open(call.request), promise)
    return b"".join(_bounded(intake.blocks(), limit))


def _bounded(blocks: Iterable[bytes], limit: int) -> Iterable[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > limit:
            raise Refused("MalformedXML", f"The document is over {limit} bytes")
        yield block


OPERATIONS = {
    "PutObject": put_object,
    "GetObject": get_object,
    "HeadObject": head_object,
    "DeleteObject": delete_object,
    "DeleteObjects": delete_objects,
}
