"""What a PUT says of its object besides the bytes: headers, user metadata, tags, class.

    Content-Type, Cache-Control, …    kept, and given back as they came
    x-amz-meta-<name>: <text>         user metadata, up to 2 KiB in all
    x-amz-tagging: a=1&b=2            up to 10 tags
    x-amz-storage-class: STANDARD_IA

The same for PutObject, CopyObject, CreateMultipartUpload and the browser's form, which is why it is
in one place. Page: docs/s3/objects.md
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from s3.errors import Refused
from s3.service import Call

META = "x-amz-meta-"
META_BYTES_MAX = 2 * 1024
KEY_BYTES_MAX = 1_024
TAGS_MAX, TAG_KEY_MAX, TAG_VALUE_MAX = 10, 128, 256
KEPT = ("content-type", "cache-control", "content-disposition", "content-encoding",
        "content-language", "expires", "x-amz-website-redirect-location")  # fmt: skip
CONTENT_TYPE = "binary/octet-stream"


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that are given back with the object; aws-chunked is not one of them."""
    kept = {name: headers[name] for name in KEPT if name in headers}
    if "aws-chunked" in (coding := kept.get("content-encoding", "")):
        others = [each.strip() for each in coding.split(",") if each.strip() != "aws-chunked"]
        kept["content-encoding"] = ", ".join(others)
    return {name: text for name, text in kept.items() if text}


def user_metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """Return `x-amz-meta-` headers without that prefix. Raises `MetadataTooLarge`."""
    meta = {name[len(META) :]: text for name, text in headers.items() if name.startswith(META)}
    size = sum(
        len(name.encode()) + len(text.encode("latin-1", "replace")) for name, text in meta.items()
    )
    if size > META_BYTES_MAX:
        raise Refused("MetadataTooLarge", Size=size, MaxSizeAllowed=META_BYTES_MAX)
    return meta


def header_tags(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of `x-amz-tagging`. Raises `InvalidTag`, `InvalidArgument`."""
    text = headers.get("x-amz-tagging", "")
    pairs = parse_qsl(text, keep_blank_values=True)
    return checked_tags(pairs)


def checked_tags(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return tags as a mapping. Raises `InvalidTag` for long, doubled or reserved ones."""
    if len(pairs) > TAGS_MAX:
        raise Refused("InvalidTag", f"An object may have {TAGS_MAX} tags; these are {len(pairs)}")
    tags: dict[str, str] = {}
    for name, value in pairs:
        if not 1 <= len(name) <= TAG_KEY_MAX or len(value) > TAG_VALUE_MAX:
            raise Refused("InvalidTag", f"The tag {name[:40]!r} is too long or has no name")
        if name in tags:
            raise Refused("InvalidTag", f"The tag {name!r} is there twice", TagKey=name)
        tags[name] = value
    return tags


def storage_class(call: Call) -> str:
    """Return the asked storage class; "" for STANDARD. Raises `InvalidStorageClass`."""
    name = call.headers.get("x-amz-storage-class", "STANDARD")
    if name not in call.service.storage_classes:
        raise Refused("InvalidStorageClass", StorageClassRequested=name)
    return "" if name == "STANDARD" else name


def check_key(key: str) -> str:
    """Return `key` if an object may have it. Raises `KeyTooLongError`, `InvalidArgument`."""
    size = len(key.encode())
    if size > KEY_BYTES_MAX:
        raise Refused("KeyTooLongError", Size=size, MaxSizeAllowed=KEY_BYTES_MAX)
    if "\0" in key:
        raise Refused("InvalidArgument", "A key may not hold the character 0")
    return key
