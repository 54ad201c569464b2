"""A body on its way in: decoded, counted, hashed, encrypted, stored; and refused if it is not as said.

    socket ──► aws-chunked? ──► MD5, SHA-256, CRC … ──► encrypt? ──► blobs.write ──► Received
                                      └── at the end: are they what the headers or trailers promised?

Invariant: a body that fails any check is deleted again, and no metadata ever names it. Memory: a few
blocks of `BLOCK_BYTES`, whatever the object's size. MD5 is here because an ETag is one; it is the
slowest step of a large PUT. Page: docs/s3/upload.md
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chapters.sim.trace import note, span
from s3 import checksums, encryption, small
from s3.auth.chunked import VerifiedBody
from s3.encryption import Cipher
from s3.errors import Refused
from s3.http import Body, is_number
from s3.records import BlobJson, Facts
from s3.service import Call
from s3.small import Writes

BLOCK_BYTES = 1024 * 1024
OBJECT_BYTES_MAX = 5 * 1024**3  # of one PUT; larger objects are uploaded in parts


@dataclass(frozen=True, slots=True)
class Received:
    """What was stored: where, how much, and its digests."""

    blob: BlobJson
    size_bytes: int
    etag: str  # of an object, or part, that was sent in one piece
    checksum: dict[str, str]  # {"algorithm", "value"}, or empty
    encryption: Facts
    writes: Writes  # for the transaction that is going to name the blob


@dataclass(frozen=True, slots=True)
class Promise:
    """What the client said of the body before it sent it."""

    size_bytes: int | None
    md5: bytes | None
    algorithm: str | None
    value: str | None  # None: it comes in the trailer, or the client trusts us to compute it

    @property
    def is_proof(self) -> bool:
        """Whether it tells a whole body from one cut short, which HTTP servers need not."""
        return (self.size_bytes, self.md5, self.value) != (None, None, None)


def promised(call: Call, fallback: str | None = None) -> Promise:
    """Read Content-Length, Content-MD5 and the checksum headers; `fallback` if none is named.

    Raises `MissingContentLength`, `EntityTooLarge`, `InvalidDigest`, `InvalidRequest`.
    """
    headers = call.headers
    size = _announced_bytes(call)
    if size is not None and size > OBJECT_BYTES_MAX:
        raise Refused("EntityTooLarge", ProposedSize=size, MaxSizeAllowed=OBJECT_BYTES_MAX)
    sent = {each: headers[each] for each in checksums.HEADERS if each in headers}
    if len(sent) > 1:
        raise Refused("InvalidRequest", "Expecting a single x-amz-checksum- header")
    trailers = headers.get("x-amz-trailer", "").lower().replace(" ", "").split(",")
    trailing = [each for each in trailers if each.startswith("x-amz-checksum-")]
    if unknown := set(trailing) - checksums.HEADERS.keys():
        raise Refused("InvalidRequest", f"x-amz-trailer names {min(unknown)}: no checksum of S3")
    named = [*sent, *trailing]
    asked = headers.get("x-amz-sdk-checksum-algorithm") or headers.get("x-amz-checksum-algorithm")
    algorithm = checksums.HEADERS[named[0]] if named else (asked or fallback or "").upper() or None
    value = next(iter(sent.values()), None)
    if algorithm and value is not None and call.service.profile != "rgw":
        checksums.decode(value, algorithm)  # RGW compares it as it is, once the body has come
    elif algorithm:
        checksums.new(algorithm)
    return Promise(size, _content_md5(headers.get("content-md5")), algorithm, value)


def _announced_bytes(call: Call) -> int | None:
    decoded = call.headers.get("x-amz-decoded-content-length")
    if decoded is not None and is_number(decoded):
        return int(decoded)
    size = call.request.content_length
    if size is None and "chunked" not in call.headers.get("transfer-encoding", ""):
        raise Refused("MissingContentLength")
    return size


def _content_md5(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise Refused("InvalidDigest", f"Content-MD5 is {text!r}: not the Base64 of 16 bytes")
    return digest


class Intake:
    """The hashes of one body while it passes."""

    def __init__(self, body: Body, promise: Promise) -> None:
        self._body = body
        self._promise = promise
        self.size_bytes = 0
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.sum = checksums.new(promise.algorithm) if promise.algorithm else None

    def blocks(self) -> Iterator[bytes]:
        """Yield the body; raises `Refused` in place of its end if it is not what was promised."""
        while block := self._body.read(BLOCK_BYTES):
            self.size_bytes += len(block)
            if self.size_bytes > OBJECT_BYTES_MAX:
                raise Refused("EntityTooLarge", MaxSizeAllowed=OBJECT_BYTES_MAX)
            self.md5.update(block)
            if self.sum:
                self.sum.update(block)
            yield block
        self._check()

    def _check(self) -> None:
        promise = self._promise
        if promise.size_bytes is not None and self.size_bytes != promise.size_bytes:
            raise Refused(
                "IncompleteBody",
                f"{self.size_bytes} bytes came; {promise.size_bytes} were announced",
            )
        if promise.md5 is not None and self.md5.digest() != promise.md5:
            raise Refused("BadDigest", "Content-MD5 is not the MD5 of the body that came")
        if self.sum and promise.algorithm:
            self._check_sum(promise.algorithm, checksums.encode(self.sum.digest()))
        note("length and digests agree", md5=self.md5.hexdigest()[:8])

    def _check_sum(self, algorithm: str, found: str) -> None:
        name = checksums.header_of(algorithm)
        trailers: dict[str, str] = getattr(self._body, "trailers", {})
        expected = self._promise.value or trailers.get(name)
        if expected is not None and expected != found:
            raise Refused("BadDigest", f"The {algorithm} is {found}; {name} said {expected}")

    @property
    def checksum(self) -> dict[str, str]:
        """The checksum as a record keeps it."""
        if not (self.sum and self._promise.algorithm):
            return {}
        return {"algorithm": self._promise.algorithm, "value": checksums.encode(self.sum.digest())}


def receive(
    call: Call, cipher: Cipher | None, *, fallback: str | None = None, body: Body | None = None
) -> Received:
    """Store the body of the request. Raises `Refused` if it is not as promised, and `Busy`."""
    promise = promised(call, fallback)
    source = body or call.who.open(call.request)
    if not (promise.is_proof or isinstance(source, VerifiedBody)):
        raise Refused("MissingContentLength", "Without a length, a body needs a digest of it")
    return stored(call, Intake(source, promise), cipher)


def stored(call: Call, intake: Intake, cipher: Cipher | None) -> Received:
    """Store what passes the intake."""
    blocks: Iterable[bytes] = intake.blocks()
    with span("body stored") as here:
        blob, writes = small.write(call.service, encryption.sealed(blocks, cipher))
        here.set(size_bytes=intake.size_bytes, blob=blob.id[:8], stripes=blob.stripes)
    return Received(
        blob=blob.to_json(),
        size_bytes=intake.size_bytes,
        etag=encryption.etag_of(intake.md5.digest(), cipher),
        checksum=intake.checksum,
        encryption=cipher.facts if cipher else {},
        writes=writes,
    )
