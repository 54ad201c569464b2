"""Completing an upload: the parts become an object in one transaction, or nothing does.

    stored   1: aa…   2: bb…   3: cc…   7: dd…
    listed   1: aa…   2: bb…   3: cc…               ──►  one record that names three blobs; 7 is let go

The ETag is the MD5 of the parts' MD5s, then "-" and how many: a client that knows its part sizes can
compute it. No byte is copied. Source: Amazon S3 API reference. Page: docs/s3/upload.md
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from xml.etree.ElementTree import Element

from s3 import checksums, conditions, encryption, versions
from s3.api.multipart import PART_MAX, find_upload, parts_of
from s3.api.objects import whole_body
from s3.api.shown import write_headers
from s3.errors import Refused
from s3.http import Response, quoted
from s3.markup import Pair, number_of, parse, render, text_of
from s3.metadata.keys import part_key
from s3.metadata.transaction import Transaction
from s3.records import Facts, Part, Upload, Version
from s3.service import Call
from s3.versions import Writes

PART_BYTES_MIN = 5 * 1024 * 1024  # of every part but the last


def complete_multipart_upload(call: Call) -> Response:
    """Make the listed parts one object."""
    listed = _listed(call, _body(call))
    try:
        place, data, upload = find_upload(call)
    except Refused:
        return _completed_before(call)
    encryption.check_upload(call, upload)
    stored = {part.number: part for _, _, part in parts_of(call, upload)}
    chosen = _chosen(listed, stored)
    made = _assembled(call, upload, chosen)

    def also() -> Transaction:
        writes: Writes = {place: None}
        kept = {part.number for part in chosen}
        for where, _, part in parts_of(call, upload):
            writes[where] = None
            if part.number not in kept:
                versions.discard_blob(part.blob, writes)
        guards = {part_key(upload.id, part.number): part.to_bytes() for part in chosen}
        return Transaction(writes, {place: data, **guards})

    version = versions.put(call, made, lambda old: conditions.check_write(old, call.headers), also)
    return _completed(call, version)


def _body(call: Call) -> bytes:
    """Return the list as it came; checksum headers are of the object to be, not of the list."""
    headers = {name: text for name, text in call.headers.items() if name not in checksums.HEADERS}
    return whole_body(replace(call, request=replace(call.request, headers=headers)))


def _completed_before(call: Call) -> Response:
    """Answer a client that completes again because it lost the first answer."""
    found = versions.current(call.service.metadata, call.bucket.name, call.request.key)
    if found is None or found.version.upload != call.query.get("uploadId"):
        raise Refused("NoSuchUpload", UploadId=call.query.get("uploadId", ""))
    return _completed(call, found.version)


def _completed(call: Call, version: Version) -> Response:
    pairs: list[Pair] = [
        (
            "Location",
            f"{call.request.scheme}://{call.request.host}/{call.bucket.name}/{quoted(version.key)}",
        ),
        ("Bucket", call.bucket.name),
        ("Key", version.key),
        ("ETag", f'"{version.etag}"'),
    ]
    if version.checksum:
        pairs.append((f"Checksum{version.checksum['algorithm']}", version.checksum["value"]))
        pairs.append(("ChecksumType", version.checksum["type"]))
    headers = write_headers(call, version)
    del headers["ETag"]
    return Response(headers=headers, body=render("CompleteMultipartUploadResult", pairs))


def _listed(call: Call, body: bytes) -> list[Element]:
    """Return the parts of the list, in order. Raises `MalformedXML`, `InvalidPartOrder`."""
    parts = parse(body, "CompleteMultipartUpload").findall("Part")
    if not 1 <= len(parts) <= PART_MAX:
        raise Refused("MalformedXML", f"1 to {PART_MAX} parts make an object")
    numbers = [number_of(each, "PartNumber", low=1) for each in parts]
    if call.service.profile == "rgw":  # the last of a number counts, wherever it stands
        last = dict(zip(numbers, parts, strict=True))
        return [last[number] for number in sorted(last)]
    if any(first >= second for first, second in pairwise(numbers)):
        raise Refused("InvalidPartOrder")
    return parts


def _chosen(listed: Iterable[Element], stored: dict[int, Part]) -> list[Part]:
    """Return the stored parts that are listed. Raises `InvalidPart`, `EntityTooSmall`."""
    chosen: list[Part] = []
    for each in listed:
        number = number_of(each, "PartNumber", low=1)
        part = stored.get(number)
        etag = text_of(each, "ETag").strip('"')
        if part is None or part.etag != etag:
            raise Refused("InvalidPart", PartNumber=number, ETag=etag)
        _check_sum(each, part)
        chosen.append(part)
    for part in chosen[:-1]:
        if part.size_bytes < PART_BYTES_MIN:
            raise Refused(
                "EntityTooSmall", PartNumber=part.number, ProposedSize=part.size_bytes,
                MinSizeAllowed=PART_BYTES_MIN, ETag=part.etag,
            )  # fmt: skip
    return chosen


def _check_sum(listed: Element, part: Part) -> None:
    for algorithm in checksums.ALGORITHMS:
        told = text_of(listed, f"Checksum{algorithm}", "")
        if told and part.checksum and told != part.checksum.get("value"):
            raise Refused("InvalidPart", f"Part {part.number} has another {algorithm}")


def _assembled(call: Call, upload: Upload, chosen: list[Part]) -> Version:
    size = sum(part.size_bytes for part in chosen)
    _check_size(call, size)
    return Version(
        key=upload.key,
        id="",
        order="",
        modified_ms=call.now_ms,
        owner=upload.owner,
        size_bytes=size,
        etag=etag_of_parts([part.etag for part in chosen]),
        parts=[_piece(part, has_etag=call.service.profile == "rgw") for part in chosen],
        headers=upload.headers,
        meta=upload.meta,
        tags=upload.tags,
        acl=upload.acl,
        checksum=_whole_checksum(call, upload, chosen),
        storage_class=upload.storage_class,
        lock=upload.lock,
        encryption=upload.encryption,
        multipart=len(chosen),
        upload=upload.id,
    )


def etag_of_parts(etags: Sequence[str]) -> str:
    """Return the ETag of an object that was uploaded in parts: the MD5 of their MD5s, and how many."""
    digests = b"".join(bytes.fromhex(etag) for etag in etags)
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(etags)}"


def _check_size(call: Call, size: int) -> None:
    told = call.headers.get("x-amz-mp-object-size")
    if told is not None and told != str(size):
        raise Refused(
            "InvalidRequest", f"x-amz-mp-object-size is {told}; the parts have {size} bytes"
        )


def _piece(part: Part, *, has_etag: bool) -> Facts:
    piece: Facts = {"size": part.size_bytes, "blob": part.blob, "number": part.number}
    if has_etag:
        piece["etag"] = part.etag
    if part.checksum:
        piece["sums"] = {part.checksum["algorithm"]: part.checksum["value"]}
    if part.encryption:
        piece["encryption"] = part.encryption
    return piece


def _whole_checksum(call: Call, upload: Upload, chosen: list[Part]) -> dict[str, str]:
    """Return the object's checksum from its parts'. Raises `BadDigest` if the client has another."""
    if not upload.checksum:
        return {}
    algorithm, kind = upload.checksum["algorithm"], upload.checksum["type"]
    if any(part.checksum.get("algorithm") != algorithm for part in chosen):
        raise Refused(
            "InvalidRequest", f"A part has no {algorithm} checksum; upload it again with one"
        )
    digests = [checksums.decode(part.checksum["value"], algorithm) for part in chosen]
    if kind == checksums.FULL:
        sizes = [part.size_bytes for part in chosen]
        value = checksums.combined(algorithm, list(zip(digests, sizes, strict=True)))
    else:
        value = checksums.composite(algorithm, digests)
    told = call.headers.get(checksums.header_of(algorithm))
    if told is not None and told not in (value, value.partition("-")[0]):
        raise Refused("BadDigest", f"The {algorithm} of the whole is {value}, not {told}")
    return {"algorithm": algorithm, "type": kind, "value": value}


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "CompleteMultipartUpload": complete_multipart_upload,
}
