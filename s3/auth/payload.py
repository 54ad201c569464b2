"""What x-amz-content-sha256 says of the body, and the reader that holds it to that.

    <64 hex digits>                              the body's hash           VerifiedBody
    UNSIGNED-PAYLOAD, or nothing                 the body is not covered   the body itself
    STREAMING-AWS4-HMAC-SHA256-PAYLOAD           chunks, each signed       ChunkedBody with a chain
    STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER   the same, and trailers    ChunkedBody with a chain
    STREAMING-UNSIGNED-PAYLOAD-TRAILER           chunks and trailers       ChunkedBody

Page: docs/s3/auth.md
"""

import re

from s3.auth.chunked import Chain, ChunkedBody, VerifiedBody
from s3.auth.signature import UNSIGNED_PAYLOAD
from s3.errors import Refused
from s3.http import Body, Request

SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_CHUNKS_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_CHUNKS_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
STREAMING = {SIGNED_CHUNKS, SIGNED_CHUNKS_TRAILER, UNSIGNED_CHUNKS_TRAILER}

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def check_word(word: str) -> str:
    """Return `word` if it is one of the five. Raises `InvalidArgument`, or `NotImplemented`."""
    if word == UNSIGNED_PAYLOAD or word in STREAMING or _SHA256.fullmatch(word):
        return word
    if word.startswith("STREAMING-AWS4-ECDSA"):
        raise Refused("NotImplemented", "Signatures with asymmetric keys are not implemented")
    message = f"x-amz-content-sha256 is {word[:80]!r}: no SHA-256 in hex, and none of the words"
    raise Refused("InvalidArgument", message, ArgumentName="x-amz-content-sha256")


def open_body(request: Request, word: str, chain: Chain | None) -> Body:
    """Return the request's body as the client meant it, which refuses itself when it is not that.

    `word` is of `check_word`. Raises `MissingContentLength` for chunks of no announced total, and
    `InvalidRequest` for signed chunks in a request whose headers have no V4 signature.
    """
    if word == UNSIGNED_PAYLOAD:
        return request.body
    if word not in STREAMING:
        return VerifiedBody(request.body, word.lower(), request.content_length)
    if word != UNSIGNED_CHUNKS_TRAILER and chain is None:
        raise Refused("InvalidRequest", f"{word} needs a request signed with Signature Version 4")
    return ChunkedBody(
        request.body,
        _decoded_bytes(request),
        chain=chain if word != UNSIGNED_CHUNKS_TRAILER else None,
        announced=request.headers.get("x-amz-trailer", "").split(","),
        has_trailer=word != SIGNED_CHUNKS,
    )


def _decoded_bytes(request: Request) -> int:
    text = request.headers.get("x-amz-decoded-content-length", "")
    if not text:
        raise Refused("MissingContentLength", "Chunks need an x-amz-decoded-content-length header")
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        message = f"x-amz-decoded-content-length is {text[:40]!r}: no number of bytes"
        raise Refused("InvalidArgument", message)
    return int(text)
