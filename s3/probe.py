"""Each operation of Amazon's own model of S3, asked for once: what the store does, and what it refuses.

    botocore's model ──► the smallest request that it allows ──► a store ──► done, refused, or elsewhere
      116 operations          after those that it needs             in simulation

Each operation has a bucket of its own, in which those it needs were done first: a policy is put before
it is read. Invariant: an operation counts as done only if the store took the request for that very one
and answered 2xx; a request that it took for another operation is a failure of the store.
Source: service-2.json, which comes with botocore. Page: docs/s3/operations.md
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qsl, unquote

from chapters.errors import UsageError
from s3.errors import Refused
from s3.http import Request, locate
from s3.routes import operation_of
from s3.scene.store import Store
from s3.smallest import KMS_KEY, Words, request_for

VERDICTS = {
    "done": "are done:",
    "refused": "are refused:",
    "elsewhere": "are not of a store like this one; those that can be told are answered 501:",
    "mistaken": "are taken for another operation:",
}
NAME_COLUMNS = 48

Ask = Callable[[str, str, dict[str, str], dict[str, str], bytes], tuple[int, bytes]]
"""Send (method, path, query, headers, body), signed; return the status and the body."""

# What is not of a store like this one, and why.
ELSEWHERE = {
    "directory buckets only": ("CreateSession", "RenameObject"),
    "needs Amazon's tables": (
        "CreateBucketMetadataConfiguration", "CreateBucketMetadataTableConfiguration",
        "DeleteBucketMetadataConfiguration", "DeleteBucketMetadataTableConfiguration",
        "GetBucketMetadataConfiguration", "GetBucketMetadataTableConfiguration",
        "UpdateBucketMetadataAnnotationTableConfiguration",
        "UpdateBucketMetadataInventoryTableConfiguration",
        "UpdateBucketMetadataJournalTableConfiguration",
        "DeleteObjectAnnotation", "GetObjectAnnotation", "ListObjectAnnotations",
        "PutObjectAnnotation",
    ),
    "closed to Amazon's new customers": ("SelectObjectContent", "GetObjectTorrent"),
}  # fmt: skip
REASONS = {name: reason for reason, names in ELSEWHERE.items() for name in names}

# Those are asked of another host, and their requests cannot be told from others here.
OTHER_HOSTS = {
    "ListDirectoryBuckets": "is asked of the directory buckets' host",
    "WriteGetObjectResponse": "is asked of a function's access point",
}

# Old names for requests that a newer operation sends too.
SAME = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
}

# What must have been done before, where it is more than the Put of a Get.
NEEDS = {
    "AbortMultipartUpload": ("CreateMultipartUpload",),
    "CompleteMultipartUpload": ("CreateMultipartUpload", "UploadPart"),
    "GetBucketPolicyStatus": ("PutBucketPolicy",),
    "GetBucketReplication": ("PutBucketVersioning",),
    "ListMultipartUploads": ("CreateMultipartUpload",),
    "ListParts": ("CreateMultipartUpload", "UploadPart"),
    "RestoreObject": ("PutObject",),
    "UploadPart": ("CreateMultipartUpload",),
    "UploadPartCopy": ("PutObject", "CreateMultipartUpload"),
    "CopyObject": ("PutObject",),
    "PutBucketReplication": ("PutBucketVersioning",),
}
LOCKED = ("ObjectLock", "Retention", "LegalHold")  # of these the bucket is made with object lock


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one operation."""

    name: str
    verdict: str  # "done", "refused", "elsewhere" or "mistaken"
    status: int
    told: str  # the code, the reason, or the operation that the store took it for


def operations(ask: Ask) -> Iterator[Found]:
    """Yield what the store behind `ask` does with each operation. Raises `UsageError` without botocore."""
    model, serializer = _botocore()
    for number, name in enumerate(sorted(model.operation_names)):
        yield Bucket(f"probe-{number}", ask, model, serializer).try_out(name)


def _botocore() -> tuple[Any, Any]:
    try:
        loaders, models = import_module("botocore.loaders"), import_module("botocore.model")
        serialize = import_module("botocore.serialize")
    except ImportError:
        raise UsageError("Amazon's model of S3 comes with botocore: pip install botocore") from None
    model = loaders.Loader().load_service_model("s3", "service-2")
    return models.ServiceModel(model, "s3"), serialize.create_serializer("rest-xml", False)


class Bucket:
    """A bucket for one operation and those that it needs."""

    def __init__(self, name: str, ask: Ask, model: Any, serializer: Any) -> None:
        self._ask = ask
        self._model = model
        self._serializer = serializer
        self._has_lock = False
        self._words: Words = {"Bucket": name, "Key": "a", "CopySource": f"{name}/a"}

    def try_out(self, name: str) -> Found:
        """Do what the operation needs, then the operation."""
        if name in OTHER_HOSTS:
            return Found(name, "elsewhere", 0, OTHER_HOSTS[name])
        self._has_lock = any(each in name for each in LOCKED)
        if "Replication" in name:
            other = Bucket(f"{self._words['Bucket']}-to", self._ask, self._model, self._serializer)
            other.do("CreateBucket", "PutBucketVersioning")
        self.do(*self._before(name))
        status, code, took = self._send(name)
        if took != SAME.get(name, name):
            return Found(name, "mistaken", status, f"taken for {took}")
        if name in REASONS and code == "NotImplemented":
            return Found(name, "elsewhere", status, REASONS[name])
        return Found(name, "done" if status < 300 else "refused", status, code)

    def do(self, *names: str) -> None:
        """Send these operations, whatever comes of it."""
        for name in names:
            self._send(name)

    def _before(self, name: str) -> Iterator[str]:
        if name != "CreateBucket":
            yield "CreateBucket"
        if "Object" in name and name.startswith(("Get", "Head", "Delete", "PutObject", "Update")):
            yield "PutObject"
        yield from NEEDS.get(name, ())
        if name.startswith(("Get", "Delete")):
            put = name.replace("Get", "Put", 1).replace("Delete", "Put", 1)
            yield from sorted({put, f"{put}Configuration"} & {*self._model.operation_names})

    def _send(self, name: str) -> tuple[int, str, str]:
        """Return the status, the code of an error, and what the store takes the request for."""
        method, path, query, headers, body = self._request(name)
        status, answer = self._ask(method, path, query, headers, body)
        self._remember(answer)
        took = taken_for(method, path, query, headers)
        return status, text_in(answer, "Code") if status >= 300 else "", took

    def _request(self, name: str) -> tuple[str, str, Words, Words, bytes]:
        operation = self._model.operation_model(name)
        given = request_for(operation, self._words)
        if name == "CreateBucket":
            given["ObjectLockEnabledForBucket"] = self._has_lock
        made = self._serializer.serialize_to_request(given, operation)
        path, _, sub = made["url_path"].partition("?")
        query = dict(parse_qsl(sub, keep_blank_values=True))
        query |= {key: str(value) for key, value in made["query_string"].items()}
        headers = {key.lower(): str(value) for key, value in made["headers"].items()}
        body = made["body"] if isinstance(made["body"], bytes) else made["body"].encode()
        return made["method"], unquote(path), query, headers, body

    def _remember(self, answer: bytes) -> None:
        if upload := text_in(answer, "UploadId"):
            self._words["UploadId"] = upload


def taken_for(method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Return the operation that the store's table finds in a request; the code where it finds none."""
    bucket, key = locate(path, "", "")
    try:
        return operation_of(
            Request(method, path, dict(query), dict(headers), BytesIO(), bucket, key)
        )
    except Refused as error:
        return error.code


def text_in(document: bytes, tag: str) -> str:
    """Return the text of the first element of that name, or ""."""
    found = re.search(rb"<%b>([^<]*)</%b>" % (tag.encode(), tag.encode()), document)
    return found[1].decode() if found else ""


def in_simulation() -> list[Found]:
    """Ask a store in memory, which is the same every time. Raises `UsageError` without botocore."""
    with Store(7) as store:
        store.keys.create(KMS_KEY)
        client = store.client()

        def ask(
            method: str, path: str, query: Words, headers: Words, body: bytes
        ) -> tuple[int, bytes]:
            found = client.ask(method, path, body, query, **headers)
            return found.status, found.body

        return list(operations(ask))


def table(found: Sequence[Found]) -> Iterator[str]:
    """Yield the lines of a report: how many are done, which, and what became of the others."""
    for verdict, what in VERDICTS.items():
        chosen = [each for each in found if each.verdict == verdict]
        if not chosen:
            continue
        yield f"{len(chosen)} {what}"
        if verdict == "done":
            yield from columns([each.name for each in chosen])
        else:
            for each in chosen:
                answered = f"{each.status} {each.told}" if verdict != "elsewhere" else each.told
                yield f"  {each.name:<{NAME_COLUMNS}}  {answered}"
        yield ""
    yield f"{len(found)} operations in the model of botocore {import_module('botocore').__version__}"


def columns(names: Sequence[str]) -> Iterator[str]:
    """Yield the names, two on a line, read downwards."""
    half = (len(names) + 1) // 2
    for left, right in zip_longest(names[:half], names[half:], fillvalue=""):
        yield f"  {left:<{NAME_COLUMNS - 8}}{right}".rstrip()
