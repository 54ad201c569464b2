"""What a V4 signature claims, read from a header or a URL and not yet believed.

    Credential=KEY/20130524/us-east-1/s3/aws4_request   who signed, and where and when that counts
    SignedHeaders=host;range;x-amz-date                 what, beside method, path and query
    Signature=f0e8…                                     the proof

Invariant: a `Claim` has all its parts and is for S3; whether it is true is decided in authenticate.py.
Source: AWS, "Authenticating requests: using the Authorization header", "… query parameters".
Page: docs/s3/auth.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from s3.auth.signature import ALGORITHM, SERVICE, TERMINATOR
from s3.errors import Refused

Kind = Literal["v4-header", "v4-query"]

_QUERY_FIELDS = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")


@dataclass(frozen=True, slots=True)
class Claim:
    """A V4 signature as it came, not yet believed."""

    access_key: str
    date: str
    region: str
    signed: tuple[str, ...]
    signature: str
    kind: Kind

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{SERVICE}/{TERMINATOR}"


def parse_authorization(header: str) -> Claim:
    """Return what a V4 Authorization header claims. Raises `AuthorizationHeaderMalformed`."""
    fields = {}
    for part in header[len(ALGORITHM) :].split(","):
        name, _, value = part.strip().partition("=")
        fields[name] = value
    try:
        credential, signed = fields["Credential"], fields["SignedHeaders"]
        return _claim(credential, signed, fields["Signature"], "v4-header")
    except (KeyError, ValueError) as error:
        message = f"The Authorization header is malformed: {error} is missing or has the wrong form"
        raise Refused("AuthorizationHeaderMalformed", message) from error


def parse_query_claim(query: Mapping[str, str]) -> Claim:
    """Return what a presigned URL claims. Raises `AuthorizationQueryParametersError`."""
    for field in _QUERY_FIELDS:
        if not query.get(f"X-Amz-{field}"):
            message = (
                f"A presigned URL needs X-Amz-{field}, and five more: {', '.join(_QUERY_FIELDS)}"
            )
            raise Refused("AuthorizationQueryParametersError", message)
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise Refused("AuthorizationQueryParametersError", f"X-Amz-Algorithm must be {ALGORITHM}")
    credential, signed = query["X-Amz-Credential"], query["X-Amz-SignedHeaders"]
    try:
        return _claim(credential, signed, query["X-Amz-Signature"], "v4-query")
    except ValueError as error:
        message = f"X-Amz-{error} has the wrong form"
        raise Refused("AuthorizationQueryParametersError", message) from error


def _claim(credential: str, signed: str, signature: str, kind: Kind) -> Claim:
    access_key, *where = credential.rsplit("/", 4)
    if len(where) != 4 or where[2:] != [SERVICE, TERMINATOR] or not access_key:
        raise ValueError("Credential, KEY/DATE/REGION/s3/aws4_request,")
    if not signed:
        raise ValueError("SignedHeaders")
    return Claim(access_key, where[0], where[1], tuple(signed.split(";")), signature, kind)
