"""Bucket configurations that are one document each: versioning, tagging, CORS, policy and the rest.

They are kept in the bucket's own record, so a change to one is one guarded write, and a request reads
them together with the bucket. Page: docs/s3/configs.md
"""

from collections.abc import Callable
from dataclasses import replace

from s3.api.objects import whole_body
from s3.description import TAG_KEY_MAX, TAG_VALUE_MAX, checked_tags
from s3.errors import Conflict, Refused
from s3.http import Response
from s3.markup import Pair, parse, raw_text, render, text_of
from s3.metadata.keys import bucket_key
from s3.metadata.transaction import ATTEMPTS_MAX, Transaction
from s3.records import Bucket, Facts
from s3.service import Call

BUCKET_TAGS_MAX = 50


def edit_bucket(call: Call, edit: Callable[[Bucket], Bucket]) -> Bucket:
    """Replace the bucket's record by `edit` of it."""
    for _ in range(ATTEMPTS_MAX):
        place, edited = bucket_key(call.bucket.name), edit(call.bucket)
        guards = {place: call.bucket_bytes}
        try:
            call.service.metadata.commit(Transaction({place: edited.to_bytes()}, guards))
            return edited
        except Conflict:
            call.refresh()
    raise Refused("OperationAborted", "Others change this bucket; try again")


def keep(call: Call, name: str, config: object) -> Response:
    """Store a configuration under its name; None removes it."""

    def edit(bucket: Bucket) -> Bucket:
        configs = {key: value for key, value in bucket.configs.items() if key != name}
        if config is not None:
            configs[name] = config
        return replace(bucket, configs=configs)

    edit_bucket(call, edit)
    return Response(204 if config is None else 200)


def kept(call: Call, name: str, missing: str) -> Facts:
    """Return a configuration. Raises `missing` when the bucket has none."""
    found: Facts | None = call.bucket.configs.get(name)
    if found is None:
        raise Refused(missing, BucketName=call.bucket.name)
    return found


def get_bucket_versioning(call: Call) -> Response:
    """Enabled, Suspended, or nothing if it never was."""
    return Response(
        body=render("VersioningConfiguration", [("Status", call.bucket.versioning or None)])
    )


def put_bucket_versioning(call: Call) -> Response:
    """Turn versioning on, or suspend it."""
    document = parse(whole_body(call), "VersioningConfiguration")
    status = text_of(document, "Status", "")
    if status not in ("Enabled", "Suspended"):
        raise Refused(
            "IllegalVersioningConfigurationException", "Status must be Enabled or Suspended"
        )

    def edit(bucket: Bucket) -> Bucket:
        if status == "Suspended" and bucket.has_lock:
            raise Refused("InvalidBucketState", "A bucket with object lock keeps its versions")
        return replace(bucket, versioning=status)

    edit_bucket(call, edit)
    return Response()


def read_tags(body: bytes, count_max: int) -> dict[str, str]:
    """Return the tags of a `Tagging` document. Raises `MalformedXML`, `InvalidTag`."""
    tag_set = parse(body, "Tagging").find("TagSet")
    if tag_set is None:
        raise Refused("MalformedXML", "Tagging has no TagSet")
    pairs = [(raw_text(each, "Key"), raw_text(each, "Value")) for each in tag_set.findall("Tag")]
    if count_max > 10:
        return _many_tags(pairs, count_max)
    return checked_tags(pairs)


def _many_tags(pairs: list[tuple[str, str]], count_max: int) -> dict[str, str]:
    if len(pairs) > count_max or len(dict(pairs)) != len(pairs):
        raise Refused("InvalidTag", f"Tags are distinct and at most {count_max}")
    if any(not 1 <= len(key) <= TAG_KEY_MAX or len(value) > TAG_VALUE_MAX for key, value in pairs):
        raise Refused("InvalidTag", "A tag is too long or has no name")
    return dict(pairs)


def tag_document(tags: dict[str, str]) -> bytes:
    """Return tags as a `Tagging` document, by name: they are a set, however they were sent."""
    found: list[Pair] = [("Tag", [("Key", key), ("Value", tags[key])]) for key in sorted(tags)]
    return render("Tagging", [("TagSet", found)])


def get_bucket_tagging(call: Call) -> Response:
    """The bucket's tags."""
    return Response(body=tag_document(kept(call, "tagging", "NoSuchTagSet")))


def put_bucket_tagging(call: Call) -> Response:
    """Replace the bucket's tags."""
    keep(call, "tagging", read_tags(whole_body(call), BUCKET_TAGS_MAX))
    return Response(204)


def delete_bucket_tagging(call: Call) -> Response:
    """Remove the bucket's tags."""
    return keep(call, "tagging", None)


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetBucketVersioning": get_bucket_versioning,
    "PutBucketVersioning": put_bucket_versioning,
    "GetBucketTagging": get_bucket_tagging,
    "PutBucketTagging": put_bucket_tagging,
    "DeleteBucketTagging": delete_bucket_tagging,
}
