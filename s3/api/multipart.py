"""Multipart uploads: an object that arrives in up to 10,000 parts, in any order, each sent again if lost.

    CreateMultipartUpload ──► id
    UploadPart 3, 1, 2, 2 again …          each part is stored as it comes; the last of a number counts
    CompleteMultipartUpload [1, 2, 3]      one transaction: the parts become an object, or nothing does

Completing is in `completion.py`. Source: Amazon S3 API reference. Page: docs/s3/upload.md
"""

from collections.abc import Callable

from s3 import checksums, encryption, lifecycle_headers, receiving, small, versions
from s3.api.objects import described_version
from s3.api.shown import checksum_headers, iso_time, owner_pairs
from s3.errors import Conflict, Refused
from s3.http import Response, is_number
from s3.markup import Pair, render
from s3.metadata.keys import after, bucket_key, part_key, upload_key
from s3.metadata.transaction import ATTEMPTS_MAX, Transaction
from s3.records import Part, Upload
from s3.service import Call
from s3.storage.blobs import Blob
from s3.versions import Writes

PART_MAX = 10_000


def create_multipart_upload(call: Call) -> Response:
    """Begin an upload: what its object will be besides its bytes is said now."""
    blank = described_version(call)
    cipher = encryption.for_write(call)
    now_ns = call.service.clock.now_ns()
    upload = Upload(
        key=blank.key,
        id=f"{now_ns:016x}{call.service.rng.getrandbits(64):016x}",
        started_ms=call.now_ms,
        owner=blank.owner,
        initiator=call.who.id or blank.owner,
        headers=blank.headers,
        meta=blank.meta,
        tags=blank.tags,
        acl=blank.acl,
        checksum=_wanted_checksum(call),
        storage_class=blank.storage_class,
        lock=blank.lock,
        encryption=cipher.facts if cipher else {},
    )
    place = upload_key(call.bucket.name, upload.key, upload.id)
    guards = {bucket_key(call.bucket.name): call.bucket_bytes}
    _commit(call, Transaction({place: upload.to_bytes()}, guards))
    pairs: list[Pair] = [("Bucket", call.bucket.name), ("Key", upload.key), ("UploadId", upload.id)]
    headers = encryption.shown(call, upload.encryption)
    headers |= lifecycle_headers.abortion(call, upload.key, upload.started_ms)
    if upload.checksum:
        headers["x-amz-checksum-algorithm"] = upload.checksum["algorithm"]
        headers["x-amz-checksum-type"] = upload.checksum["type"]
    return Response(headers=headers, body=render("InitiateMultipartUploadResult", pairs))


def _wanted_checksum(call: Call) -> dict[str, str]:
    algorithm = call.headers.get("x-amz-checksum-algorithm", "").upper()
    kind = call.headers.get("x-amz-checksum-type", "").upper()
    if not algorithm:
        if kind:
            raise Refused("InvalidRequest", "x-amz-checksum-type needs x-amz-checksum-algorithm")
        return {}
    checksums.new(algorithm)
    usual = checksums.FULL if algorithm == "CRC64NVME" else checksums.COMPOSITE
    kind = kind or usual
    hashes = algorithm.startswith("SHA")
    if kind not in (checksums.FULL, checksums.COMPOSITE) or (
        kind == (checksums.FULL if hashes else checksums.COMPOSITE)
        and (hashes or usual == checksums.FULL)
    ):
        raise Refused("InvalidRequest", f"The {kind} checksum type cannot be used with {algorithm}")
    return {"algorithm": algorithm, "type": kind}


def find_upload(call: Call) -> tuple[bytes, bytes, Upload]:
    """Return (place, record as read, upload) of the request's upload. Raises `NoSuchUpload`."""
    place = upload_key(call.bucket.name, call.request.key, call.query.get("uploadId", "") or "-")
    data = call.service.metadata.get(place)
    if data is None:
        raise Refused("NoSuchUpload", UploadId=call.query.get("uploadId", ""))
    return place, data, Upload.from_bytes(data)


def part_number(call: Call) -> int:
    """Return the part number of the request. Raises `InvalidArgument`."""
    text = call.query.get("partNumber", "")
    if not is_number(text) or not 1 <= int(text) <= PART_MAX:
        raise Refused("InvalidArgument", f"partNumber is {text!r}; it must be 1 to {PART_MAX}",
                      ArgumentName="partNumber", ArgumentValue=text)  # fmt: skip
    return int(text)


def upload_part(call: Call) -> Response:
    """Store one part; sending its number again replaces it."""
    number = part_number(call)
    _, _, upload = find_upload(call)
    cipher = encryption.for_part(call, upload)
    received = receiving.receive(call, cipher, fallback=upload.checksum.get("algorithm"))
    part = keep_part(call, number, received)
    headers = {"ETag": f'"{part.etag}"'} | encryption.shown(call, part.encryption)
    sums = checksum_headers(part.checksum)
    sums.pop("x-amz-checksum-type", None)
    return Response(headers=headers | sums)


def keep_part(call: Call, number: int, received: receiving.Received) -> Part:
    """Make what was received a part, in place of an earlier one of that number."""
    part = Part(
        number=number,
        size_bytes=received.size_bytes,
        etag=received.etag,
        modified_ms=call.service.now_ms(),
        blob=received.blob,
        checksum=received.checksum,
        encryption=received.encryption,
    )
    for _ in range(ATTEMPTS_MAX):
        try:
            place, data, upload = find_upload(call)
        except Refused:
            small.take_back(call.service, Blob.from_json(received.blob))
            raise
        where = part_key(upload.id, number)
        old = call.service.metadata.get(where)
        writes: Writes = {where: part.to_bytes(), **received.writes}
        if old is not None:
            versions.discard_blob(Part.from_bytes(old).blob, writes)
        try:
            call.service.metadata.commit(Transaction(writes, {place: data, where: old}))
            return part
        except Conflict:
            continue
    raise Refused("OperationAborted", "Others upload the same part; try again")


def parts_of(call: Call, upload: Upload) -> list[tuple[bytes, bytes, Part]]:
    """Return (place, record as read, part) of all parts, by number."""
    start = part_key(upload.id)
    entries = call.service.metadata.scan(start, after(start), PART_MAX)
    return [(place, data, Part.from_bytes(data)) for place, data in entries]


def list_parts(call: Call) -> Response:
    """The parts that have come so far."""
    _, _, upload = find_upload(call)
    limit, marker = _number(call, "max-parts", 1_000), _number(call, "part-number-marker", 0)
    later = [part for _, _, part in parts_of(call, upload) if part.number > marker]
    page = later[: min(limit, 1_000)]
    pairs: list[Pair] = [
        ("Bucket", call.bucket.name),
        ("Key", upload.key),
        ("UploadId", upload.id),
        ("Initiator", owner_pairs(call, upload.initiator)),
        ("Owner", owner_pairs(call, upload.owner)),
        ("StorageClass", upload.storage_class or "STANDARD"),
        ("PartNumberMarker", marker),
        ("NextPartNumberMarker", page[-1].number if page else 0),
        ("MaxParts", min(limit, 1_000)),
        ("IsTruncated", len(later) > len(page)),
        ("ChecksumAlgorithm", upload.checksum.get("algorithm")),
        ("ChecksumType", upload.checksum.get("type")),
    ]
    pairs += [("Part", _part_pairs(part)) for part in page]
    return Response(body=render("ListPartsResult", pairs))


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not is_number(text):
        raise Refused("InvalidArgument", f"{name} is {text!r}: no whole number")
    return int(text)


def _part_pairs(part: Part) -> list[Pair]:
    pairs: list[Pair] = [
        ("PartNumber", part.number),
        ("LastModified", iso_time(part.modified_ms)),
        ("ETag", f'"{part.etag}"'),
        ("Size", part.size_bytes),
    ]
    if part.checksum:
        pairs.append((f"Checksum{part.checksum['algorithm']}", part.checksum["value"]))
    return pairs


def abort_multipart_upload(call: Call) -> Response:
    """Forget an upload and its parts."""
    for _ in range(ATTEMPTS_MAX):
        place, data, upload = find_upload(call)
        try:
            abort(call, place, data, upload)
            return Response(204)
        except Conflict:
            continue
    raise Refused("OperationAborted", "Parts keep coming in; stop sending them first")


def abort(call: Call, place: bytes, data: bytes, upload: Upload) -> None:
    """Drop an upload, then its parts: once it is gone no part can be added. Raises `Conflict`."""
    call.service.metadata.commit(Transaction({place: None}, {place: data}))
    while parts := parts_of(call, upload):
        writes: Writes = {}
        for where, _, part in parts:
            writes[where] = None
            versions.discard_blob(part.blob, writes)
        call.service.metadata.commit(Transaction(writes))


def abort_all(call: Call) -> None:
    """Drop every upload of the bucket."""
    home = upload_key(call.bucket.name)
    while entries := call.service.metadata.scan(home, after(home), 1_000):
        for place, data in entries:
            abort(call, place, data, Upload.from_bytes(data))


def _commit(call: Call, transaction: Transaction) -> None:
    try:
        call.service.metadata.commit(transaction)
    except Conflict:
        raise Refused("OperationAborted") from None


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "CreateMultipartUpload": create_multipart_upload,
    "UploadPart": upload_part,
    "ListParts": list_parts,
    "AbortMultipartUpload": abort_multipart_upload,
}
