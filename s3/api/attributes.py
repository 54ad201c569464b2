"""GetObjectAttributes: what is known of an object, and of its parts, without the bytes.

    x-amz-object-attributes: ETag,ObjectParts     x-amz-max-parts, x-amz-part-number-marker: a page

Parts are told of when they have checksums, as S3 does; RGW tells of all. Page: docs/s3/objects.md
"""

from collections.abc import Callable
from email.utils import formatdate

from s3 import checksums, encryption
from s3.api.objects import asked_version
from s3.errors import Refused
from s3.http import Response, is_number
from s3.markup import Pair, render
from s3.records import Version
from s3.service import Call

ATTRIBUTES = ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")
PARTS_MAX = 1_000


def get_object_attributes(call: Call) -> Response:
    """Return the attributes that `x-amz-object-attributes` names, without the bytes."""
    wanted = {each.strip() for each in call.headers.get("x-amz-object-attributes", "").split(",")}
    wanted -= {""}
    if not wanted or wanted - {*ATTRIBUTES}:
        raise Refused("InvalidArgument", f"x-amz-object-attributes: choose from {ATTRIBUTES}")
    version = asked_version(call)
    encryption.check_read(call, version)
    pairs: dict[str, Pair] = {
        "ETag": ("ETag", version.etag),
        "Checksum": ("Checksum", checksum_pairs(version)),
        "ObjectParts": ("ObjectParts", _part_pairs(call, version)),
        "StorageClass": ("StorageClass", version.storage_class or "STANDARD"),
        "ObjectSize": ("ObjectSize", version.size_bytes),
    }
    body = render(
        "GetObjectAttributesResponse", [pairs[each] for each in ATTRIBUTES if each in wanted]
    )
    headers = {"Last-Modified": formatdate(version.modified_ms / 1000, usegmt=True)}
    if call.bucket.versioning:
        headers["x-amz-version-id"] = version.id
    return Response(headers=headers, body=body)


def checksum_pairs(version: Version) -> list[Pair] | None:
    """Return the object's checksum as XML; None without one."""
    if not version.checksum:
        return None
    found = version.checksum
    return [
        (f"Checksum{found['algorithm']}", found["value"]),
        ("ChecksumType", found.get("type", checksums.FULL)),
    ]


def _part_pairs(call: Call, version: Version) -> list[Pair] | None:
    if not version.multipart:
        return None
    limit = _number(call, "x-amz-max-parts", PARTS_MAX)
    marker = _number(call, "x-amz-part-number-marker", 0)
    numbered = [(part.get("number", index), part) for index, part in enumerate(version.parts, 1)]
    later = [(number, part) for number, part in numbered if number > marker]
    page = later[:limit]
    pairs: list[Pair] = [
        ("PartsCount", version.multipart),
        ("PartNumberMarker", marker),
        ("NextPartNumberMarker", page[-1][0] if page else 0),
        ("MaxParts", limit),
        ("IsTruncated", len(later) > limit),
    ]
    for number, part in page:
        sums: list[Pair] = [
            (f"Checksum{name}", value) for name, value in part.get("sums", {}).items()
        ]
        if sums or call.service.profile == "rgw":
            pairs.append(("Part", [("PartNumber", number), ("Size", part["size"]), *sums]))
    return pairs


def _number(call: Call, header: str, default: int) -> int:
    text = call.headers.get(header, str(default))
    if not is_number(text):
        raise Refused("InvalidArgument", f"{header} is {text!r}: no whole number")
    return min(int(text), PARTS_MAX) if default else int(text)


OPERATIONS: dict[str, Callable[[Call], Response]] = {"GetObjectAttributes": get_object_attributes}
