"""Who sent this request, and is it they? Everything after this line may believe `Identity`.

    Authorization: AWS4-HMAC-SHA256 Credential=KEY/20130524/us-east-1/s3/aws4_request,
                   SignedHeaders=host;range;x-amz-date, Signature=f0e8…
    ?X-Amz-Algorithm=…&X-Amz-Credential=…&X-Amz-Signature=…        the same in a URL, to hand on
    Authorization: AWS KEY:signature      ?AWSAccessKeyId=…        Version 2
    nothing                                                        anybody

Invariant: an Identity with a user came with a signature made with that user's secret, over these headers,
this path and this query, at a time that is now (or in a URL that has not expired). Signatures are compared
in constant time. The order of refusals is: what cannot be read, the key, region and time, the signature.
Cost: some 30 µs. Source: as signature.py. Page: docs/s3/auth.md
"""

import hmac
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from s3.auth import signature_v2
from s3.auth.chunked import Chain
from s3.auth.claim import Claim, parse_authorization, parse_query_claim
from s3.auth.payload import check_word, open_body
from s3.auth.signature import (
    ALGORITHM,
    EXPIRES_MAX_S,
    UNSIGNED_PAYLOAD,
    cached_key,
    canonical_request,
    from_timestamp,
    sign,
    string_to_sign,
    to_timestamp,
)
from s3.auth.skew import SKEW_MAX_S, check_skew, sent_at
from s3.auth.users import Credential, User, Users
from s3.errors import Refused
from s3.http import Body, Request

AuthType = Literal["anonymous", "v4-header", "v4-query", "v2-header", "v2-query", "post-form"]

UNSIGNED_HEADERS_ALLOWED = {"x-amz-content-sha256"}  # it is in the canonical request as it is
_NEVER_HOISTED = {
    "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders",
    "x-amz-signature", "x-amz-content-sha256", "x-amz-security-token",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: a user, or nobody in particular; and what is known of the body.

    `service` names a part of the store that acts by itself, such as logging.s3.amazonaws.com; no request
    that comes from outside has one.
    """

    user: User | None
    access_key: str = ""
    auth_type: AuthType = "anonymous"
    signed_headers: tuple[str, ...] = ()
    payload: str = UNSIGNED_PAYLOAD
    chain: Chain | None = None
    service: str = ""

    @property
    def is_anonymous(self) -> bool:
        return self.user is None

    @property
    def id(self) -> str:
        """The canonical id; "" for anybody."""
        return self.user.id if self.user else ""

    def open(self, request: Request) -> Body:
        """Return the request's body decoded and checked while it is read. See chunked.py."""
        return open_body(request, self.payload, self.chain)


def authenticate(request: Request, users: Users, *, now: float, region: str) -> Identity:
    """Return who sent `request`; `now` is Unix time. Nothing of the body is read.

    The x-amz- parameters of a presigned URL are added to the request's headers, which they stand for.
    Raises `Refused`: InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, AccessDenied,
    AuthorizationHeaderMalformed, AuthorizationQueryParametersError, InvalidArgument, InvalidRequest.
    """
    header = request.headers.get("authorization", "").strip()
    query = request.query
    in_query = "X-Amz-Algorithm" in query or "X-Amz-Signature" in query
    if header and (in_query or "AWSAccessKeyId" in query):
        raise Refused(
            "InvalidArgument", "A request is signed in its headers or its query, not both"
        )
    if header.startswith(ALGORITHM):
        return _by_header(request, header, users, now, region)
    if in_query:
        return _by_query(request, users, now, region)
    if header.startswith("AWS ") or "AWSAccessKeyId" in query:
        return _by_v2(request, header, users, now)
    if header:
        raise Refused("InvalidArgument", "The Authorization header is of an unknown type")
    word = request.headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD)
    return Identity(None, payload=check_word(word))


def _by_header(request: Request, header: str, users: Users, now: float, region: str) -> Identity:
    claim = parse_authorization(header)
    word = request.headers.get("x-amz-content-sha256")
    if word is None:
        raise Refused("InvalidRequest", "The required header x-amz-content-sha256 is missing")
    user, pair = _owner(users, claim.access_key)
    _check_region(claim, region)
    at = sent_at(request.headers)
    check_skew(at, now)
    return _verified(request, claim, user, pair, to_timestamp(at), request.query, check_word(word))


def _by_query(request: Request, users: Users, now: float, region: str) -> Identity:
    """Verify a presigned URL; its own signature is the one parameter that it does not cover."""
    query = dict(request.query)
    claim = parse_query_claim(query)
    user, pair = _owner(users, claim.access_key)
    _check_region(claim, region)
    _check_validity(query["X-Amz-Date"], query["X-Amz-Expires"], now)
    del query["X-Amz-Signature"]
    header = request.headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD)
    covered = header if "x-amz-content-sha256" in claim.signed else UNSIGNED_PAYLOAD
    covered = query.get("X-Amz-Content-Sha256", covered)
    found = _verified(request, claim, user, pair, query["X-Amz-Date"], query, check_word(covered))
    _hoist(request)
    if covered == UNSIGNED_PAYLOAD != header:
        return Identity(
            user, pair.access_key, claim.kind, claim.signed, check_word(header), found.chain
        )
    return found


def _owner(users: Users, access_key: str) -> tuple[User, Credential]:
    found = users.by_access_key(access_key)
    if found is None:
        raise Refused("InvalidAccessKeyId", AWSAccessKeyId=access_key)
    return found


def _check_region(claim: Claim, region: str) -> None:
    if claim.region != region:
        message = f"The region {claim.region!r} is wrong; expecting {region!r}"
        in_header = claim.kind == "v4-header"
        code = "AuthorizationHeaderMalformed" if in_header else "AuthorizationQueryParametersError"
        raise Refused(code, message, Region=region)


def _check_validity(date: str, expires: str, now: float) -> None:
    """Refuse a URL that is not valid now; one made by a clock 15 minutes fast already is."""
    try:
        at, expires_s = from_timestamp(date), int(expires)
    except ValueError as error:
        raise Refused(
            "AuthorizationQueryParametersError", f"X-Amz-Date or -Expires: {error}"
        ) from error
    if not 0 < expires_s <= EXPIRES_MAX_S:
        message = f"X-Amz-Expires is {expires_s}; it may be 1 to {EXPIRES_MAX_S} seconds"
        raise Refused("AccessDenied", message)
    if now > at + expires_s:
        raise Refused(
            "AccessDenied",
            "Request has expired",
            Expires=to_timestamp(at + expires_s),
            ServerTime=to_timestamp(now),
        )
    if now < at - SKEW_MAX_S:
        raise Refused("AccessDenied", "Request is not valid yet", ServerTime=to_timestamp(now))


def _verified(
    request: Request,
    claim: Claim,
    user: User,
    pair: Credential,
    timestamp: str,
    query: Mapping[str, str],
    word: str,
) -> Identity:
    """Return the identity if the signature is the one that `pair` makes of this request."""
    if claim.date != timestamp[:8]:
        raise Refused("SignatureDoesNotMatch", "The credential's date is not that of the request")
    _check_covered(request.headers, claim.signed)
    canonical = canonical_request(
        request.method, request.path, query, request.headers, claim.signed, word
    )
    key = cached_key(pair.secret_key, claim.date, claim.region)
    for written in _readings(canonical):
        signature = sign(key, string_to_sign(timestamp, claim.scope, written))
        if _equal(signature, claim.signature):
            break
    else:
        text = string_to_sign(timestamp, claim.scope, canonical)
        raise _mismatch(pair, text, claim.signature, canonical)
    chain = Chain(key, timestamp, claim.scope, signature)
    return Identity(user, pair.access_key, claim.kind, claim.signed, word, chain)


def _readings(canonical: str) -> Iterator[str]:
    """Yield the canonical request, and once more for headers whose bytes are UTF-8.

    A server hands on header bytes as Latin-1. Some clients sign the bytes that they send, others the
    UTF-8 of the text whose Latin-1 they send.
    """
    yield canonical
    if not canonical.isascii():
        with suppress(UnicodeEncodeError):
            yield canonical.encode("latin-1").decode("utf-8", "surrogateescape")


def _check_covered(headers: Mapping[str, str], signed: tuple[str, ...]) -> None:
    """Refuse a request to which somebody could have added a meaning on the way."""
    if "host" not in signed:
        raise Refused("AccessDenied", "The host header must be signed", HeadersNotSigned="host")
    loose = [name for name in headers if name.startswith("x-amz-") and name not in signed]
    unsigned = [name for name in loose if name not in UNSIGNED_HEADERS_ALLOWED]
    if unsigned:
        names = ", ".join(sorted(unsigned))
        message = f"These headers must be signed, as all x-amz- headers: {names}"
        raise Refused("AccessDenied", message, HeadersNotSigned=names)


def _equal(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))


def _mismatch(pair: Credential, text: str, given: str, canonical: str = "") -> Refused:
    """Return the refusal that lets a client see where its own computation differs; no secret in it."""
    refused = Refused(
        "SignatureDoesNotMatch",
        AWSAccessKeyId=pair.access_key,
        StringToSign=text,
        SignatureProvided=given,
        StringToSignBytes=_hex(text),
    )
    if canonical:
        refused.fields |= {"CanonicalRequest": canonical, "CanonicalRequestBytes": _hex(canonical)}
    return refused


def _hex(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex(" ")


def _by_v2(request: Request, header: str, users: Users, now: float) -> Identity:
    query, expires = request.query, ""
    access_key, colon, given = header.removeprefix("AWS ").strip().rpartition(":")
    if not header:
        access_key, given = query["AWSAccessKeyId"], query.get("Signature", "")
        colon = expires = query.get("Expires", "")
    if not (access_key and colon and given):
        raise Refused("InvalidArgument", "Version 2 is signed as AWS KEY:SIGNATURE, or in a query")
    user, pair = _owner(users, access_key)
    if expires:
        _check_expires(expires, now)
        _hoist(request)
    else:
        check_skew(sent_at(request.headers), now)
    texts = [signature_v2.string_to_sign_v2(request, expires)]
    if not request.key and not request.path.endswith("/"):
        texts.append(signature_v2.string_to_sign_v2(request, expires, "/"))
    if not any(_equal(signature_v2.sign_v2(pair.secret_key, each), given) for each in texts):
        raise _mismatch(pair, texts[0], given)
    word = check_word(request.headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD))
    return Identity(user, access_key, "v2-query" if expires else "v2-header", payload=word)


def _hoist(request: Request) -> None:
    """Take the x-amz- parameters of a presigned URL for the headers that they stand for."""
    for name, value in request.query.items():
        header = name.lower()
        if header.startswith("x-amz-") and header not in _NEVER_HOISTED:
            request.headers.setdefault(header, value)


def _check_expires(expires: str, now: float) -> None:
    if not (expires.isascii() and expires.isdigit()) or now > int(expires):
        raise Refused("AccessDenied", "Request has expired", ServerTime=to_timestamp(now))
