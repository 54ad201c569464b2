"""The smallest request that Amazon's model of S3 allows for an operation, and what it is about.

A model says which members of a request are required, and what those require in turn; a value is the
word of that name (`Bucket`, `Key`, `UploadId`), else the first of its choices, else "text". Where that
is no request that makes sense, `MORE` adds what does.
Source: service-2.json, which comes with botocore. Page: docs/s3/operations.md
"""

import json
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

Words = dict[str, str]

KMS_KEY = "kit-key-1"  # one that the server makes
LATER = datetime(2099, 1, 1, tzinfo=UTC)
DEPTH_MAX = 12  # of shapes in shapes; filters may hold themselves

# What the smallest request leaves out, or cannot know, although the operation is about it.
_RULE = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "a"}}
_LIFECYCLE = {
    "LifecycleConfiguration": {
        "Rules": [{"Prefix": "a", "Status": "Enabled", "Expiration": {"Days": 1}}]
    }
}
_GET_ALL = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
MORE: dict[str, dict[str, Any]] = {
    "CreateBucket": {"ObjectOwnership": "ObjectWriter"},  # or ACLs would be refused
    "CopyObject": {"Key": "b"},
    "PutBucketAcl": {"ACL": "private"},
    "PutObjectAcl": {"ACL": "private"},
    "PutObject": {"Body": b"data"},
    "UploadPart": {"Body": b"data"},
    "CompleteMultipartUpload": {
        "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": md5(b"data").hexdigest()}]}
    },
    "PutBucketAbac": {"AbacStatus": {"Status": "Enabled"}},
    "PutBucketAccelerateConfiguration": {"AccelerateConfiguration": {"Status": "Enabled"}},
    "PutBucketCors": {
        "CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    },
    "PutBucketLifecycle": _LIFECYCLE,
    "PutBucketLifecycleConfiguration": _LIFECYCLE,
    "PutBucketPolicy": {
        "Policy": json.dumps({"Statement": [_GET_ALL | {"Resource": "arn:aws:s3:::{Bucket}/*"}]})
    },
    "PutBucketReplication": {
        "ReplicationConfiguration": {
            "Role": "arn:aws:iam::1:role/r",
            "Rules": [_RULE | {
                "Priority": 1,
                "DeleteMarkerReplication": {"Status": "Disabled"},
                "Destination": {"Bucket": "arn:aws:s3:::{Bucket}-to"},
            }],
        }
    },
    "PutBucketVersioning": {"VersioningConfiguration": {"Status": "Enabled"}},
    "PutBucketWebsite": {"WebsiteConfiguration": {"IndexDocument": {"Suffix": "index.html"}}},
    "PutObjectLockConfiguration": {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
    "PutObjectLegalHold": {"LegalHold": {"Status": "ON"}},
    "PutObjectRetention": {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": LATER}},
    "PutPublicAccessBlock": {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}},
    "UpdateObjectEncryption": {
        "ObjectEncryption": {"SSEKMS": {"KMSKeyArn": f"arn:aws:kms:us-east-1:0:key/{KMS_KEY}"}}
    },
}  # fmt: skip


def request_for(operation: Any, words: Words) -> dict[str, Any]:
    """Return the parameters of one of botocore's operation models, as boto3 would take them."""
    shape = operation.input_shape
    required = {} if shape is None else dict(_sample(shape, "", words, 0))
    return required | dict(_filled(MORE.get(operation.name, {}), words))


def _filled(given: Any, words: Words) -> Any:
    """Return `given` with the bucket's name in its texts."""
    if isinstance(given, dict):
        return {name: _filled(value, words) for name, value in given.items()}
    if isinstance(given, list):
        return [_filled(each, words) for each in given]
    return given.replace("{Bucket}", words["Bucket"]) if isinstance(given, str) else given


def _sample(shape: Any, name: str, words: Words, depth: int) -> Any:
    if shape.type_name == "structure":
        wanted = shape.required_members if depth < DEPTH_MAX else []
        members = shape.members
        return {each: _sample(members[each], each, words, depth + 1) for each in wanted}
    if shape.type_name == "list":
        return [_sample(shape.member, shape.member.name, words, depth + 1)]
    if shape.type_name == "map":
        return {"name": "text"}
    return _scalar(shape, name, words)


def _scalar(shape: Any, name: str, words: Words) -> Any:
    samples = {"integer": 1, "long": 1, "boolean": False, "timestamp": LATER, "blob": b"data"}
    if shape.type_name in samples:
        return samples[shape.type_name]
    return words.get(name) or (shape.enum[0] if getattr(shape, "enum", None) else "text")
