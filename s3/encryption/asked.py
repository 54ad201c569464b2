"""What encryption a write asks for: by its headers, by its bucket's default, or by S3's own.

    x-amz-server-side-encryption: AES256 | aws:kms | aws:kms:dsse      the request says
    x-amz-server-side-encryption-customer-…                            the client brings a key
    neither: the bucket's default; without one SSE-S3, as S3 does since January 2023

In the profile "rgw" a bucket without a default keeps objects as they come. Page: docs/s3/encryption.md
"""

import base64
import binascii
import json
from collections.abc import Mapping

from s3 import keys
from s3.encryption import customer
from s3.errors import Refused
from s3.records import Bucket, Facts
from s3.service import Call

SSE = "x-amz-server-side-encryption"
KEY_ID = f"{SSE}-aws-kms-key-id"
CONTEXT = f"{SSE}-context"
BUCKET_KEY = f"{SSE}-bucket-key-enabled"

SSE_S3, KMS, DSSE, SSE_C = "AES256", "aws:kms", "aws:kms:dsse", "SSE-C"
ALGORITHMS = (SSE_S3, KMS, DSSE)
CONFIG = "encryption"  # the default, among a bucket's configurations


def default_of(bucket: Bucket, profile: str) -> Facts:
    """Return a bucket's default: {"algorithm", "key_id", "bucket_key"}, or nothing."""
    config: Facts = bucket.configs.get(CONFIG, {})
    if "algorithm" in config:
        return config
    return {"algorithm": SSE_S3} if profile == "aws" else {}


def check_not_blocked(call: Call) -> None:
    """Raise `AccessDenied` if the bucket takes no objects under clients' keys."""
    if SSE_C in call.bucket.configs.get(CONFIG, {}).get("blocked", ()):
        raise Refused("AccessDenied", "This bucket blocks encryption with keys of the client's own")


def of_write(call: Call) -> Facts:
    """Return {"mode", "by", "context", "bucket_key"} of an object to be, or nothing for plain bytes."""
    headers = call.headers
    algorithm = headers.get(SSE)
    if customer.is_sent(headers):
        if algorithm is not None:
            raise _wrong(SSE, algorithm, "a key of yours cannot be combined with it")
        check_not_blocked(call)
        customer.sent_key(headers)
        return {"mode": SSE_C}
    default = default_of(call.bucket, call.service.profile)
    if algorithm is not None:
        return _of_headers(call, algorithm, default)
    if KEY_ID in headers:
        raise _wrong(KEY_ID, headers[KEY_ID], f"it needs {SSE}: {KMS}")
    if not default:
        return {}
    return _facts(call, default["algorithm"], default.get("key_id", ""), default)


def _of_headers(call: Call, algorithm: str, default: Facts) -> Facts:
    key_id = call.headers.get(KEY_ID, "")
    if algorithm not in ALGORITHMS:
        raise _wrong(SSE, algorithm, f"it must be one of {', '.join(ALGORITHMS)}")
    if algorithm == SSE_S3 and key_id:
        raise _wrong(KEY_ID, key_id, f"{SSE}: {SSE_S3} has no use for it")
    if algorithm != SSE_S3 and not key_id and call.service.profile == "rgw":
        raise _wrong(KEY_ID, "", "name the key")
    return _facts(call, algorithm, key_id, default)


def _facts(call: Call, mode: str, key_id: str, default: Facts) -> Facts:
    if mode == SSE_S3:
        return {"mode": mode, "by": keys.MASTER}
    facts: Facts = {"mode": mode, "by": call.service.keys.resolve(key_id or keys.DEFAULT)}
    if context := call.headers.get(CONTEXT):
        facts["context"] = read_context(context)
    is_bucket_key = call.headers.get(BUCKET_KEY, str(default.get("bucket_key", False))).lower()
    if mode == KMS and is_bucket_key == "true":
        facts["bucket_key"] = True
    return facts


def read_context(text: str) -> str:
    """Return an encryption context in one spelling. Raises `InvalidArgument`."""
    try:
        pairs = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        pairs = None
    is_map = isinstance(pairs, Mapping) and all(isinstance(each, str) for each in pairs.values())
    if not is_map:
        raise _wrong(CONTEXT, text, "it must be the Base64 of a JSON object of strings")
    return json.dumps(pairs, sort_keys=True, separators=(",", ":"))


def _wrong(name: str, value: str, problem: str) -> Refused:
    message = f"{name} is {value!r}: {problem}"
    return Refused("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)
