"""A bucket's default encryption, and another key for an object that is there already.

    AES256                            a data key each, wrapped by the store's master key
    aws:kms, KMSMasterKeyID           … by a named key; whether there is one shows at the first PUT
    BlockedEncryptionTypes: SSE-C     objects under clients' keys are refused

UpdateObjectEncryption wraps an object's data keys anew and leaves its bytes where they are: some
microseconds, for 5 GiB as for five bytes.

Page: docs/s3/encryption.md
"""

from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import Element

from s3 import encryption, lock, versions
from s3.api.configs import edit_bucket, keep
from s3.api.objects import asked_version, whole_body
from s3.api.shown import version_header
from s3.encryption.asked import ALGORITHMS, CONFIG, SSE_C, SSE_S3, default_of
from s3.errors import Refused
from s3.http import Response
from s3.markup import Pair, parse, render, text_of
from s3.records import Bucket, Facts, Version
from s3.service import Call

_ROOT = "ServerSideEncryptionConfiguration"


def get_bucket_encryption(call: Call) -> Response:
    """The default; in the profile "aws" there always is one."""
    default = default_of(call.bucket, call.service.profile)
    if not default:
        raise Refused("ServerSideEncryptionConfigurationNotFoundError", BucketName=call.bucket.name)
    named: list[Pair] = [("SSEAlgorithm", default["algorithm"])]
    named.append(("KMSMasterKeyID", default.get("key_id") or None))
    rule: list[Pair] = [
        ("ApplyServerSideEncryptionByDefault", named),
        ("BucketKeyEnabled", bool(default.get("bucket_key"))),
    ]
    blocked = call.bucket.configs.get(CONFIG, {}).get("blocked")
    if blocked is not None:
        types: list[Pair] = [("EncryptionType", each) for each in blocked or ["NONE"]]
        rule.append(("BlockedEncryptionTypes", types))
    return Response(body=render(_ROOT, [("Rule", rule)]))


def put_bucket_encryption(call: Call) -> Response:
    """Replace the default; what is blocked stays so unless the document says otherwise."""
    rules = parse(whole_body(call), _ROOT).findall("Rule")
    if len(rules) != 1:
        raise Refused("MalformedXML", "There must be exactly one Rule")
    wish = _default(rules[0]) | _blocked(rules[0])

    def edit(bucket: Bucket) -> Bucket:
        old = bucket.configs.get(CONFIG, {})
        kept = {"blocked": old["blocked"]} if "blocked" in old else {}
        return replace(bucket, configs=bucket.configs | {CONFIG: kept | wish})

    edit_bucket(call, edit)
    return Response()


def _default(rule: Element) -> Facts:
    """Return {"algorithm", "key_id", "bucket_key"}. Raises `MalformedXML`, `InvalidArgument`."""
    applied = rule.find("ApplyServerSideEncryptionByDefault")
    if applied is None:
        return {}
    algorithm = text_of(applied, "SSEAlgorithm")
    key_id = text_of(applied, "KMSMasterKeyID", "")
    if algorithm not in ALGORITHMS:
        raise Refused("MalformedXML", f"SSEAlgorithm is {algorithm!r}; use one of {ALGORITHMS}")
    if algorithm == SSE_S3 and key_id:
        raise Refused("InvalidArgument", f"KMSMasterKeyID is of no use to {SSE_S3}")
    facts: Facts = {"algorithm": algorithm}
    if key_id:
        facts["key_id"] = key_id
    if text_of(rule, "BucketKeyEnabled", "false").lower() == "true":
        facts["bucket_key"] = True
    return facts


def _blocked(rule: Element) -> Facts:
    """Return {"blocked": […]}, or {} if the rule does not say."""
    parent = rule.find("BlockedEncryptionTypes")
    if parent is None:
        return {}
    types = [(each.text or "").strip() for each in parent.findall("EncryptionType")]
    if types not in (["NONE"], [SSE_C]):
        raise Refused("MalformedXML", f"EncryptionType is {types}; it must be NONE or {SSE_C}")
    return {"blocked": [each for each in types if each == SSE_C]}


def delete_bucket_encryption(call: Call) -> Response:
    """Go back to S3's own default."""
    return keep(call, CONFIG, None)


def update_object_encryption(call: Call) -> Response:
    """Put the object's data keys under another KMS key; a locked version stays as it is."""
    wish = parse(whole_body(call), "ObjectEncryption").find("SSE-KMS")
    if wish is None:
        raise Refused("MalformedXML", "ObjectEncryption has no SSE-KMS")
    by = call.service.keys.resolve(text_of(wish, "KMSKeyArn"))
    bucket_key = text_of(wish, "BucketKeyEnabled", "false").lower() == "true"

    def edit(version: Version) -> Version:
        if lock.is_locked(version.lock, call.now_ms):
            raise Refused("AccessDenied", "The version is locked")
        return _with_key(call, version, by, bucket_key)

    found = asked_version(call)
    edited = versions.change(call, found.key, found.id, edit)
    return Response(headers=version_header(call, edited))


def _with_key(call: Call, version: Version, by: str, bucket_key: bool) -> Version:
    def anew(facts: Facts) -> Facts:
        return encryption.rewrapped(call, facts, by, bucket_key)

    parts = [
        part | {"encryption": anew(part["encryption"])} if "encryption" in part else part
        for part in version.parts
    ]
    return replace(version, encryption=anew(version.encryption), parts=parts)


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetBucketEncryption": get_bucket_encryption,
    "PutBucketEncryption": put_bucket_encryption,
    "DeleteBucketEncryption": delete_bucket_encryption,
    "UpdateObjectEncryption": update_object_encryption,
}
