"""AWS Signature Version 4, as S3 wants it: a request signed by who knows the secret, without sending it.

    secret ─HMAC date─► ─HMAC region─► ─HMAC "s3"─► ─HMAC "aws4_request"─► signing key
                                                                              │
    request ─► canonical request ─SHA-256─► string to sign ──────────HMAC─────┴──► signature

Invariant: whatever is in the canonical request cannot be changed by anybody between the two ends; what
is not in it can. Both ends compute it from the request that they see. S3's flavour: the path is encoded
once, `/` is kept, and `.`, `..` and `//` mean themselves.
Cost: two SHA-256 and one HMAC, four more HMACs when the day's key is not cached.
Source: AWS, "Signature Version 4 for S3" (sig-v4-authenticating-requests). Page: docs/s3/auth.md
"""

import hmac
import re
from calendar import timegm
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from time import gmtime, strftime
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "s3"
TERMINATOR = "aws4_request"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = sha256(b"").hexdigest()

KEYS_CACHED_MAX = 1024  # signing keys: one per (user, day, region)
SECONDS_CACHED_MAX = 256  # and their spellings: many requests carry the same
EXPIRES_MAX_S = 7 * 24 * 3600  # of a presigned URL

_PLAIN = re.compile(r"[A-Za-z0-9/._~-]*")
_TIMESTAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)


def signing_key(secret: str, date: str, region: str, service: str = SERVICE) -> bytes:
    """Return the 32-byte key that signs for one day (`20130524`), region and service.

    Whoever steals it can sign for that day only; the secret cannot be computed from it.
    """
    key = ("AWS4" + secret).encode()
    for word in (date, region, service, TERMINATOR):
        key = hmac.digest(key, word.encode(), "sha256")
    return key


@lru_cache(maxsize=KEYS_CACHED_MAX)
def cached_key(secret: str, date: str, region: str) -> bytes:
    """Return `signing_key` of S3; 4 HMACs the first time, a look-up after that."""
    return signing_key(secret, date, region)


def scope(date: str, region: str) -> str:
    """Return where a signature is valid: day, region and service, and the version's last word."""
    return f"{date}/{region}/{SERVICE}/{TERMINATOR}"


def canonical_request(
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    signed: Iterable[str],
    payload_hash: str,
) -> str:
    """Return the request as both ends write it down: six parts, one after another.

    `path` and `query` are decoded; `headers` have lower-case names, of which `signed` are listed, in
    their order; `payload_hash` is the body's hex SHA-256 or the word that stands for it.
    """
    listed = canonical_headers(headers, signed)
    names = ";".join(signed)
    pairs = canonical_query(query) if query else ""
    return f"{method}\n{encoded(path)}\n{pairs}\n{listed}\n{names}\n{payload_hash}"


def encoded(text: str, safe: str = "/") -> str:
    """Return `text` percent-encoded, all but letters, digits, `-._~` and what is `safe`."""
    if _PLAIN.fullmatch(text) and (safe == "/" or "/" not in text):
        return text
    return quote(text, safe + "~", errors="surrogateescape")


def canonical_query(query: Mapping[str, str]) -> str:
    """Return the parameters encoded and then sorted; one without a value keeps its `=`."""
    pairs = sorted([(encoded(name, ""), encoded(value, "")) for name, value in query.items()])
    return "&".join([f"{name}={value}" for name, value in pairs])


def canonical_headers(headers: Mapping[str, str], signed: Iterable[str]) -> str:
    """Return one line for each signed header, outer spaces gone and inner ones single."""
    return "".join([f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in signed])


def string_to_sign(timestamp: str, where: str, canonical: str) -> str:
    """Return the four lines that are signed; `where` is the `scope`."""
    digest = sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{where}\n{digest}"


def sign(key: bytes, text: str) -> str:
    """Return the HMAC-SHA256 of `text`, in hex."""
    return hmac.digest(key, text.encode(), "sha256").hex()


@lru_cache(SECONDS_CACHED_MAX)
def to_timestamp(now: float) -> str:
    """Return Unix time `now` as `20130524T000000Z`."""
    return strftime("%Y%m%dT%H%M%SZ", gmtime(now))


@lru_cache(SECONDS_CACHED_MAX)
def from_timestamp(text: str) -> int:
    """Return the Unix time of `20130524T000000Z`. Raises `ValueError` when it is not of that form."""
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError(f"{text!r} is no time like 20130524T000000Z")
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    hour, minute, second = int(text[9:11]), int(text[11:13]), int(text[13:15])
    if not (year and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60):
        raise ValueError(f"{text!r} is no time that there was")
    return timegm((year, month, day, hour, minute, second, 0, 1, 0))


def sign_headers(
    method: str,
    host: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    access_key: str,
    secret_key: str,
    region: str,
    now: float,
    payload_hash: str = UNSIGNED_PAYLOAD,
) -> dict[str, str]:
    """Return `headers` and those that authenticate them; every one of them is signed.

    `payload_hash` is what goes into x-amz-content-sha256: the body's hash, or a word for none.
    """
    timestamp = to_timestamp(now)
    all_headers = {name.lower(): value for name, value in headers.items()}
    all_headers |= {"host": host, "x-amz-date": timestamp, "x-amz-content-sha256": payload_hash}
    signed = sorted(all_headers)
    where = scope(timestamp[:8], region)
    canonical = canonical_request(method, path, query, all_headers, signed, payload_hash)
    key = cached_key(secret_key, timestamp[:8], region)
    signature = sign(key, string_to_sign(timestamp, where, canonical))
    all_headers["authorization"] = (
        f"{ALGORITHM} Credential={access_key}/{where},"
        f"SignedHeaders={';'.join(signed)},Signature={signature}"
    )
    return all_headers


def presign(
    method: str,
    host: str,
    path: str,
    query: Mapping[str, str],
    *,
    access_key: str,
    secret_key: str,
    region: str,
    now: float,
    expires_s: int,
    headers: Mapping[str, str] | None = None,
) -> str:
    """Return path and query of a URL that anybody may use until `expires_s` from `now`.

    `headers` must then be sent as they were signed. The body is not covered.
    """
    timestamp = to_timestamp(now)
    sent = {name.lower(): value for name, value in (headers or {}).items()} | {"host": host}
    signed = sorted(sent)
    where = scope(timestamp[:8], region)
    asked = dict(query) | {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{access_key}/{where}",
        "X-Amz-Date": timestamp,
        "X-Amz-Expires": str(expires_s),
        "X-Amz-SignedHeaders": ";".join(signed),
    }
    canonical = canonical_request(method, path, asked, sent, signed, UNSIGNED_PAYLOAD)
    key = cached_key(secret_key, timestamp[:8], region)
    signature = sign(key, string_to_sign(timestamp, where, canonical))
    return f"{encoded(path)}?{canonical_query(asked)}&X-Amz-Signature={signature}"


def demo(*, seed: int = 7) -> None:
    """Sign one GET step by step, then change one letter of it."""
    secret, when, region = f"a secret of seed {seed}", "20130524T000000Z", "us-east-1"
    headers = {"host": "photos.example.com", "range": "bytes=0-9", "x-amz-date": when}
    where, signatures = scope(when[:8], region), []
    key = signing_key(secret, when[:8], region)
    for path in ("/cat.jpg", "/cap.jpg"):
        canonical = canonical_request("GET", path, {}, headers, sorted(headers), EMPTY_SHA256)
        text = string_to_sign(when, where, canonical)
        signatures.append(sign(key, text))
        if path == "/cat.jpg":
            print("canonical request", canonical, "", "string to sign", text, "", sep="\n")
    print(f"signing key  {key.hex()}   for {where}")
    print(f"signature    {signatures[0]}   of /cat.jpg\n             {signatures[1]}   of /cap.jpg")
