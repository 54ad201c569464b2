"""The two ends of access logging: the line of a call, and the objects that lines end up in.

Page: docs/s3/configs.md
"""

import io
from collections import defaultdict

from s3 import encryption, receiving
from s3.access_log import AccessLog, Destination, Fact
from s3.api.objects import put_received
from s3.errand import errand
from s3.errors import Busy, Refused
from s3.http import Request, Response, is_number
from s3.markup import parse, text_of
from s3.records import Bucket, Version
from s3.routes import SUBRESOURCES, level_of
from s3.service import Call, Service, find_bucket

_AUTHENTICATION = {"header": "AuthHeader", "query": "QueryString", "form": "POSTForm"}
_OTHER_NAMES = {
    "CopyObject": "REST.COPY.OBJECT",
    "UploadPart": "REST.PUT.PART",
    "UploadPartCopy": "REST.COPY.PART",
    "CreateMultipartUpload": "REST.POST.UPLOADS",
    "CompleteMultipartUpload": "REST.POST.UPLOAD",
    "AbortMultipartUpload": "REST.DELETE.UPLOAD",
    "ListParts": "REST.GET.UPLOAD",
    "DeleteObjects": "REST.POST.MULTI_OBJECT_DELETE",
    "Preflight": "REST.OPTIONS.PREFLIGHT",
}


def destination_of(bucket: Bucket) -> Destination | None:
    """Return where the bucket's lines go; None if it wants none."""
    text: str | None = bucket.configs.get("logging")
    wanted = parse(text.encode(), "BucketLoggingStatus").find("LoggingEnabled") if text else None
    if wanted is None:
        return None
    return Destination(
        bucket.name,
        text_of(wanted, "TargetBucket"),
        text_of(wanted, "TargetPrefix", ""),
        wanted.find("TargetObjectKeyFormat/PartitionedPrefix") is not None,
    )


def note(
    service: Service, request: Request, call: Call | None, id: str, response: Response, error: str
) -> None:
    """Hold a line about a request that was answered, if its bucket wants one."""
    bucket = _bucket_of(service, request, call)
    destination = destination_of(bucket) if bucket else None
    if bucket is not None and destination is not None:
        fact = _fact(service, request, call, bucket, id, response, error)
        service.access_log.add(destination, fact.line())


def _bucket_of(service: Service, request: Request, call: Call | None) -> Bucket | None:
    if not request.bucket:
        return None
    try:
        return call.bucket if call else find_bucket(service.metadata, request.bucket)[1]
    except Refused:
        return None


def _fact(
    service: Service, request: Request, call: Call | None, bucket: Bucket, id: str,
    response: Response, error: str,
) -> Fact:  # fmt: skip
    now_ms = service.now_ms()
    target = request.path + ("?" + request.raw_query if request.raw_query else "")
    began_ms = call.now_ms if call else now_ms
    version, _, way = call.who.auth_type.partition("-") if call else ("", "", "")
    length = response.headers.get("Content-Length", "")
    sent = int(length) if is_number(length) and request.method != "HEAD" else None
    return Fact(
        owner=bucket.owner,
        bucket=bucket.name,
        at_ms=began_ms,
        remote=request.remote,
        requester=call.who.id if call else "",
        id=id,
        operation=operation_name(request, call.operation if call else ""),
        key=request.key,
        uri=f"{request.method} {target} HTTP/1.1",
        status=response.status,
        error=error,
        sent_bytes=sent,
        object_bytes=_object_bytes(request, response),
        total_ms=now_ms - began_ms,
        referer=request.headers.get("referer", ""),
        agent=request.headers.get("user-agent", ""),
        version_id=request.query.get("versionId", ""),
        signature={"v4": "SigV4", "v2": "SigV2", "post": "SigV4"}.get(version, ""),
        authentication=_AUTHENTICATION.get(way, ""),
        host=request.host,
    )


def _object_bytes(request: Request, response: Response) -> int | None:
    """Return the size of the object that was sent or received, as far as the headers tell."""
    ranged = response.headers.get("Content-Range", "").rpartition("/")[2]
    length = ranged or response.headers.get("Content-Length", "")
    if request.method == "PUT":
        sent = request.headers
        length = sent.get("x-amz-decoded-content-length") or sent.get("content-length", "")
    return int(length) if is_number(length) and request.key and response.status < 300 else None


def operation_name(request: Request, operation: str) -> str:
    """Return the operation as access logs write it: `REST.GET.OBJECT`, `REST.PUT.VERSIONING`."""
    if operation in _OTHER_NAMES:
        return _OTHER_NAMES[operation]
    level = level_of(request)
    sub = min(SUBRESOURCES[level] & request.query.keys(), default=level)
    return f"REST.{request.method}.{sub.upper().replace('-', '_')}"


class LogDelivery:
    """Writes the lines that wait into objects of their target buckets."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @property
    def _log(self) -> AccessLog:
        return self._service.access_log

    def deliver(self) -> int:
        """Write an object for each bucket that was asked for something; return how many."""
        lines: dict[Destination, list[str]] = defaultdict(list)
        for destination, line in self._log.take():
            lines[destination].append(line)
        return sum(self._write(destination, found) for destination, found in lines.items())

    def _write(self, destination: Destination, lines: list[str]) -> int:
        try:
            self._store(destination, "".join(line + "\n" for line in lines).encode())
        except Busy:  # later, then
            for line in lines:
                self._log.add(destination, line)
            return 0
        except Refused:  # the target is gone: nobody to give them to
            return 0
        return 1

    def _store(self, destination: Destination, data: bytes) -> None:
        service, now_ms = self._service, self._service.now_ms()
        _, target = find_bucket(service.metadata, destination.bucket)
        salt = f"{service.rng.getrandbits(64):016X}"
        key = destination.key(target.owner, service.region, now_ms, salt)
        call = errand(service, "DeliverLog", destination.bucket, key)
        promise = receiving.Promise(len(data), None, None, None)
        received = receiving.stored(
            call, receiving.Intake(io.BytesIO(data), promise), encryption.for_write(call)
        )
        blank = Version(key, "", "", now_ms, target.owner, headers={"content-type": "text/plain"})
        put_received(call, blank, received)
