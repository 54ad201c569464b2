"""Server-side encryption: every object under a key of its own, and that key under another.

    SSE-S3    AES256          data key wrapped by the store's master key
    SSE-KMS   aws:kms         … by a named key of the key store; the client's context must fit too
    DSSE-KMS  aws:kms:dsse    sealed twice: with a key wrapped by the KMS key, then by the master's
    SSE-C     (three headers) … by the client's key, which is sent with every request and kept by nobody

    PUT   32 random bytes ──► data key ──► segments ──► blobs         and, in the object's record:
                                └─ wrapped ─────────────► facts       {"mode", "by", "key", …}
    GET   facts ──unwrap──► data key ──► open the segments that the range touches

The modes differ in who wraps the data key, and in nothing else. Invariant: a data key is drawn anew for
every object and every part, even when the same part is sent again. An ETag is the MD5 of the plain bytes
under SSE-S3, as clients expect; elsewhere it is no function of the bytes alone, for an MD5 would tell
whoever may list the bucket whether two objects are equal. Source: Amazon S3 user guide, "Protecting
data with encryption"; the layout is in segments.py. Page: docs/s3/encryption.md
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag

from s3 import keys
from s3.encryption import asked, customer, segments
from s3.encryption.asked import DSSE, KMS, SSE, SSE_C, SSE_S3
from s3.encryption.customer import CustomerKey
from s3.encryption.segments import Read
from s3.errors import Refused
from s3.records import Facts, Upload, Version
from s3.service import Call

_MUST_SAY = "The object is encrypted with a key of yours: send it in the three customer- headers"
_NOT_SO = "The object is not encrypted with a key of yours: leave the customer- headers out"


@dataclass(frozen=True, slots=True)
class Cipher:
    """The data key of one object (or part), and the facts that say how to get it again."""

    key: bytes = field(repr=False)
    facts: Facts
    outer: "Cipher | None" = None  # seals what this one has sealed


def for_write(call: Call) -> Cipher | None:
    """Return the cipher that the request's headers, or the bucket's default, ask for.

    Raises `InvalidArgument`, `InvalidEncryptionAlgorithmError`, `KMS.NotFoundException`, and
    `AccessDenied` where the bucket blocks SSE-C.
    """
    facts = asked.of_write(call)
    return _fresh(call, facts) if facts else None


def for_part(call: Call, upload: Upload) -> Cipher | None:
    """Return the cipher of a part of an upload; its data key is its own. Raises `InvalidRequest`."""
    _check_part(call, upload)
    return _fresh(call, upload.encryption) if upload.encryption else None


def for_read(call: Call, facts: Facts) -> Cipher | None:
    """Return the cipher of stored bytes, or None if they are plain."""
    if not facts:
        return None
    outer = for_read(call, facts["outer"]) if "outer" in facts else None
    return Cipher(_data_key(call, facts), facts, outer)


def check_read(call: Call, version: Version) -> None:
    """Raise unless the request has the client's key that the version needs, and no other header."""
    for name in (SSE, asked.KEY_ID):
        if name in call.headers:
            raise Refused("InvalidArgument", f"{name} is for writing; leave it out to read")
    if version.encryption.get("mode") == SSE_C:
        _data_key(call, version.encryption)
    elif customer.is_sent(call.headers):
        raise Refused("InvalidRequest", _NOT_SO)


def check_upload(call: Call, upload: Upload) -> None:
    """Raise unless a completion has the key of its upload; without checksums it may have none.

    In the profile "rgw" it must have the key in any case.
    """
    if customer.is_sent(call.headers) or call.service.profile == "rgw":
        _check_part(call, upload)
    elif upload.encryption.get("mode") == SSE_C:
        asked.check_not_blocked(call)
        if upload.checksum:
            raise Refused("InvalidArgument", _MUST_SAY)


def check_source(call: Call, version: Version) -> None:
    """Raise unless the request has the client's key of a copy's source, where it needs one."""
    check_read(_as_reader(call), version)


def source_bytes(call: Call, version: Version, start: int, stop: int) -> Iterator[bytes]:
    """Return the plain bytes of a copy's source."""
    from s3 import reading  # which reads through this module

    return reading.bytes_of(_as_reader(call), version, start, stop)


def sealed(blocks: Iterable[bytes], cipher: Cipher | None) -> Iterable[bytes]:
    """Return `blocks` encrypted, or as they are."""
    if cipher is None:
        return blocks
    return sealed(segments.seal(blocks, cipher.key), cipher.outer)


def opened(
    read: Read, start: int, stop: int, size_bytes: int, cipher: Cipher | None
) -> Iterator[bytes]:
    """Return bytes [start, stop) of an object of `size_bytes`, whose stored bytes `read` gives."""
    if cipher is None:
        return iter(read(start, stop))
    outer, sealed_bytes = cipher.outer, segments.sealed_size(size_bytes)

    def inner(first: int, last: int) -> Iterator[bytes]:
        return opened(read, first, last, sealed_bytes, outer)

    return segments.open_span(inner, start, stop, size_bytes, cipher.key)


def etag_of(md5: bytes, cipher: Cipher | None) -> str:
    """Return the ETag of bytes that have this MD5, 32 hexadecimal digits."""
    if cipher is None or cipher.facts["mode"] == SSE_S3:
        return md5.hex()
    return hmac.new(cipher.key, md5, hashlib.sha256).hexdigest()[: 2 * len(md5)]


def shown(call: Call, facts: Facts) -> dict[str, str]:
    """Return the response headers that say how an object is encrypted."""
    mode = facts.get("mode")
    if mode is None or (mode == SSE_C and not customer.is_sent(call.headers)):
        return {}
    if mode == SSE_C:
        names = ("algorithm", "key-md5")
        sent = {
            customer.OF_OBJECT + name: call.headers[customer.OF_OBJECT + name] for name in names
        }
        return {name.replace("md5", "MD5"): text for name, text in sent.items()}
    headers = {SSE: mode}
    if mode in (KMS, DSSE):
        headers[asked.KEY_ID] = facts["by"]
    if facts.get("bucket_key"):
        headers[asked.BUCKET_KEY] = "true"
    if "context" in facts and asked.CONTEXT in call.headers:
        headers[asked.CONTEXT] = call.headers[asked.CONTEXT]
    return headers


def rewrapped(call: Call, facts: Facts, by: str, bucket_key: bool) -> Facts:
    """Return the facts with the same data key wrapped by the KMS key `by`. Raises `InvalidRequest`."""
    if facts.get("mode") not in (SSE_S3, KMS):
        raise Refused("InvalidRequest", f"Only under {SSE_S3} and {KMS} can the key be exchanged")
    context = facts.get("context", "").encode()
    wrapped = call.service.keys.wrap(by, _data_key(call, facts), context)
    return facts | {"mode": KMS, "by": by, "key": wrapped, "bucket_key": bucket_key}


def _fresh(call: Call, facts: Facts) -> Cipher:
    """Return a cipher as `facts` say, with a data key that nobody has had before."""
    service = call.service
    data_key = service.rng.randbytes(keys.KEY_BYTES)
    mode, context = facts["mode"], facts.get("context", "").encode()
    outer = _fresh(call, {"mode": SSE_S3, "by": keys.MASTER}) if mode == DSSE else None
    if mode == SSE_C:
        secret = customer.sent_key(call.headers).secret
        wrapped = keys.wrap(secret, data_key, context, service.rng)
    else:
        wrapped = service.keys.wrap(facts["by"], data_key, context)
    made = facts | {"key": wrapped} | ({"outer": outer.facts} if outer else {})
    return Cipher(data_key, made, outer)


def _data_key(call: Call, facts: Facts) -> bytes:
    """Return the data key of stored facts. Raises `InvalidRequest`, `AccessDenied`, `InternalError`."""
    context = facts.get("context", "").encode()
    if facts["mode"] != SSE_C:
        return call.service.keys.unwrap(facts["by"], facts["key"], context)
    if not customer.is_sent(call.headers):
        raise Refused("InvalidRequest", _MUST_SAY)
    try:
        return _opened_by(customer.sent_key(call.headers), facts)
    except InvalidTag:
        code = "InvalidArgument" if call.service.profile == "rgw" else "AccessDenied"
        raise Refused(code, "The object was encrypted with another key than this") from None


def _opened_by(key: CustomerKey, facts: Facts) -> bytes:
    return keys.unwrap(key.secret, facts["key"], b"")


def _check_part(call: Call, upload: Upload) -> None:
    """Raise `InvalidRequest` unless the request has the client's key of its upload, and only then."""
    if upload.encryption.get("mode") != SSE_C:
        if customer.is_sent(call.headers):
            raise Refused("InvalidRequest", "The upload was begun without a key of yours")
        return
    asked.check_not_blocked(call)
    if not customer.is_sent(call.headers):
        raise Refused(
            "InvalidRequest", "The upload was begun with a key of yours: send it each time"
        )
    try:
        _opened_by(customer.sent_key(call.headers), upload.encryption)
    except InvalidTag:
        raise Refused("InvalidRequest", "The upload was begun with another key of yours") from None


def _as_reader(call: Call) -> Call:
    """Return the call as the GET of its copy's source: the source's key is the key."""
    others = {name: text for name, text in call.headers.items() if not name.startswith(SSE)}
    taken = {
        customer.OF_OBJECT + part: call.headers[customer.OF_SOURCE + part]
        for part in customer.PARTS
        if customer.OF_SOURCE + part in call.headers
    }
    return replace(call, request=replace(call.request, headers=others | taken))
