"""SSE-C: the key that a client sends with every request, and nobody keeps.

    …-customer-algorithm: AES256
    …-customer-key:       the Base64 of 32 bytes
    …-customer-key-MD5:   the Base64 of their MD5, against slips in transit

Invariant: the store keeps nothing that was computed from the key but the data key that it wraps, and that
tells right from wrong: AES-GCM opens it with the same key only. Each message says which header is wrong.
Source: Amazon S3 user guide, "Specifying server-side encryption with customer-provided keys".
Page: docs/s3/encryption.md
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from s3.errors import Refused
from s3.keys import KEY_BYTES

ALGORITHM = "AES256"
OF_OBJECT = "x-amz-server-side-encryption-customer-"
OF_SOURCE = "x-amz-copy-source-server-side-encryption-customer-"
PARTS = ("algorithm", "key", "key-md5")


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """A client's key, for as long as its request takes."""

    secret: bytes = field(repr=False)
    md5: str


def is_sent(headers: Mapping[str, str], prefix: str = OF_OBJECT) -> bool:
    """Return whether any of the three headers is there."""
    return any(prefix + part in headers for part in PARTS)


def sent_key(headers: Mapping[str, str], prefix: str = OF_OBJECT) -> CustomerKey:
    """Return the key of a request. Raises `InvalidArgument`, `InvalidEncryptionAlgorithmError`."""
    algorithm, key, md5 = (headers.get(prefix + part, "") for part in PARTS)
    if not algorithm:
        raise _wrong(prefix, "algorithm", "is missing: it must be AES256")
    if algorithm != ALGORITHM:
        raise Refused(
            "InvalidEncryptionAlgorithmError",
            f"{prefix}algorithm is {algorithm!r}; it must be AES256",
            ArgumentName=prefix + "algorithm",
            ArgumentValue=algorithm,
        )
    if not key:
        raise _wrong(prefix, "key", "is missing")
    secret = _decoded(prefix, key)
    if not md5:
        raise _wrong(prefix, "key-MD5", "is missing")
    digest = hashlib.md5(secret, usedforsecurity=False).digest()
    if not hmac.compare_digest(base64.b64encode(digest), md5.encode()):
        raise _wrong(prefix, "key-MD5", "is not the MD5 of the key that came with it")
    if len(secret) != KEY_BYTES:
        raise _wrong(prefix, "key", f"has {len(secret)} bytes; it must have {KEY_BYTES}")
    return CustomerKey(secret, md5)


def _decoded(prefix: str, key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raise _wrong(prefix, "key", "is no Base64") from None


def _wrong(prefix: str, part: str, problem: str) -> Refused:
    name = prefix + part
    return Refused("InvalidArgument", f"{name} {problem}", ArgumentName=name)
