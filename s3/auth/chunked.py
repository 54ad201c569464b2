"""Bodies that prove themselves while they are read: aws-chunked uploads, and bodies with a hash.

    10000;chunk-signature=ad80…\\r\\n <65,536 bytes> \\r\\n      each signature covers its chunk
    400;chunk-signature=0055…\\r\\n <1,024 bytes> \\r\\n         and the signature before it,
    0;chunk-signature=b6c6…\\r\\n                              the first that of the headers
    x-amz-checksum-crc32c:sOO8/Q==\\r\\n
    x-amz-trailer-signature:d81f…\\r\\n \\r\\n                   the trailers hang on the zero chunk

Invariant: a reader that has been given the last byte, or the empty read after it, has a body that was
checked to its end; before that it holds bytes that may still be refused, and must not keep them.
Memory: one block of 256 KiB beside what `read` returns, whatever sizes the client announces.
Source: AWS, "Signature calculations for the Authorization header: transferring payload in multiple
chunks". Page: docs/s3/auth.md
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from s3.auth.signature import EMPTY_SHA256, sign
from s3.errors import Refused
from s3.http import Body

BLOCK_BYTES = 256 * 1024
CHUNK_HEADER_BYTES_MAX = 128  # 16 digits, ";chunk-signature=" and 64 more are 97
TRAILER_LINE_BYTES_MAX = 1024
TRAILERS_MAX = 8

SIGNED_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16});chunk-signature=([0-9a-f]{64})")
UNSIGNED_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})()")
TRAILER_SIGNATURE = "x-amz-trailer-signature"


@dataclass(frozen=True, slots=True)
class Chain:
    """What signed chunks hang on: the day's key, the request's time and scope, its signature."""

    key: bytes
    timestamp: str
    scope: str
    seed: str

    def chunk(self, previous: str, digest: str) -> str:
        """Return the signature of a chunk, from its hash and the signature before it."""
        lines = ("AWS4-HMAC-SHA256-PAYLOAD", self.timestamp, self.scope, previous)
        return sign(self.key, "\n".join((*lines, EMPTY_SHA256, digest)))

    def trailer(self, previous: str, trailers: Iterable[tuple[str, str]]) -> str:
        """Return the signature of the trailing headers."""
        listed = "".join(f"{name}:{value}\n" for name, value in trailers)
        lines = ("AWS4-HMAC-SHA256-TRAILER", self.timestamp, self.scope, previous)
        return sign(self.key, "\n".join((*lines, sha256(listed.encode()).hexdigest())))


def parse_chunk_header(line: bytes, *, signed: bool) -> tuple[int, str]:
    """Return (size in bytes, signature or "") of a chunk's first line, without its line end.

    Raises `Refused("InvalidRequest")` for anything but hex digits and, if `signed`, a signature.
    """
    found = (SIGNED_CHUNK if signed else UNSIGNED_CHUNK).fullmatch(line)
    if found is None:
        raise Refused("InvalidRequest", f"A chunk begins with {line[:40]!r}: no size in hex")
    return int(found[1], 16), found[2].decode()


class ChunkedBody:
    """The decoded body; `trailers` are filled when it has been read to the end.

    `decoded_bytes` is x-amz-decoded-content-length, `announced` the names in x-amz-trailer.
    `chain` is None when chunks are unsigned. Every fault is `Refused`: SignatureDoesNotMatch,
    IncompleteBody (it ended early, or another length was announced), InvalidRequest (framing).
    """

    def __init__(
        self,
        source: Body,
        decoded_bytes: int,
        *,
        chain: Chain | None = None,
        announced: Iterable[str] = (),
        has_trailer: bool = False,
    ) -> None:
        self.trailers: dict[str, str] = {}
        self._source = source
        self._chain = chain
        self._announced = {name.strip().lower() for name in announced} - {""}
        self._has_trailer = has_trailer
        self._left_bytes = decoded_bytes  # of the whole body
        self._chunk_bytes = 0  # of the present chunk
        self._block = b""
        self._at = 0
        self._previous = chain.seed if chain else ""
        self._signature = ""
        self._hash = sha256()
        self._ended = False
        self._begun = False

    def read(self, size: int = -1, /) -> bytes:
        """Return `size` bytes, fewer only at the end; what is left when `size` is negative."""
        wanted = self._left_bytes if size < 0 else min(size, self._left_bytes)
        pieces = []
        while wanted:
            if not self._chunk_bytes:
                self._next_chunk()
            piece = self._piece(wanted)
            wanted -= len(piece)
            pieces.append(piece)
        if not self._left_bytes and not self._ended:
            self._end()
        return b"".join(pieces)

    def _piece(self, wanted: int) -> memoryview:
        """Return at least one byte and at most `wanted` of the present chunk."""
        if self._at == len(self._block):
            self._more()
        count = min(wanted, self._chunk_bytes, len(self._block) - self._at)
        piece = memoryview(self._block)[self._at : self._at + count]
        self._at += count
        self._chunk_bytes -= count
        self._left_bytes -= count
        if self._chain:
            self._hash.update(piece)
        return piece

    def _next_chunk(self) -> None:
        """Finish the chunk before, and read the header of one that may not be the last."""
        if self._chunk_header() == 0:
            raise Refused("IncompleteBody", f"The body ended {self._left_bytes} bytes early")
        if self._chunk_bytes > self._left_bytes:
            raise Refused("IncompleteBody", "The body is longer than x-amz-decoded-content-length")

    def _chunk_header(self) -> int:
        if self._begun:
            self._finish_chunk()
        self._begun = True
        line = self._line(CHUNK_HEADER_BYTES_MAX)
        self._chunk_bytes, self._signature = parse_chunk_header(
            line, signed=self._chain is not None
        )
        self._hash = sha256()
        return self._chunk_bytes

    def _finish_chunk(self) -> None:
        if self._line(0):
            raise Refused("InvalidRequest", "A chunk is longer than its size says")
        self._verify_chunk()

    def _verify_chunk(self) -> None:
        if self._chain:
            expected = self._chain.chunk(self._previous, self._hash.hexdigest())
            _compare(expected, self._signature, "chunk")
            self._previous = expected

    def _end(self) -> None:
        """Read the zero chunk and what follows it, to the very end of the source."""
        if self._chunk_header():
            raise Refused("IncompleteBody", "The body is longer than x-amz-decoded-content-length")
        self._verify_chunk()
        lines = self._trailer_lines()
        if self._block[self._at :] or self._source.read(1):
            raise Refused("InvalidRequest", "Bytes follow the last chunk")
        self._check_trailers(lines)
        self._ended = True

    def _trailer_lines(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        while line := self._line(TRAILER_LINE_BYTES_MAX):
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or not self._has_trailer or len(found) == TRAILERS_MAX:
                raise Refused("InvalidRequest", f"A trailer {line[:40]!r} cannot be read")
            found.append((name.strip().lower(), value.strip()))
        return found

    def _check_trailers(self, found: list[tuple[str, str]]) -> None:
        if self._chain and self._has_trailer:
            if not found or found[-1][0] != TRAILER_SIGNATURE:
                raise Refused("SignatureDoesNotMatch", f"The trailers have no {TRAILER_SIGNATURE}")
            signature = found.pop()[1]
            _compare(self._chain.trailer(self._previous, found), signature, "trailer")
        self.trailers = dict(found)
        if len(found) != len(self.trailers) or self.trailers.keys() != self._announced:
            names = ", ".join(sorted(self._announced)) or "none"
            raise Refused("InvalidRequest", f"The trailers are not those announced: {names}")

    def _line(self, bytes_max: int) -> bytes:
        """Return what comes before the next CRLF, at most `bytes_max` bytes, and step over both."""
        while (end := self._block.find(b"\r\n", self._at, self._at + bytes_max + 2)) < 0:
            if len(self._block) - self._at >= bytes_max + 2:
                raise Refused("InvalidRequest", f"No line end within {bytes_max} bytes")
            self._more()
        line = self._block[self._at : end]
        self._at = end + 2
        return line

    def _more(self) -> None:
        """Add a block of the source to what has not been used of the present one."""
        block = self._source.read(BLOCK_BYTES)
        if not block:
            raise Refused("IncompleteBody", "The body ended inside a chunk")
        self._block = self._block[self._at :] + block
        self._at = 0


class VerifiedBody:
    """A body whose SHA-256 was announced; the last read raises `XAmzContentSHA256Mismatch`."""

    def __init__(self, source: Body, digest: str, length: int | None) -> None:
        self.trailers: dict[str, str] = {}
        self._source = source
        self._expected = digest
        self._left_bytes = length
        self._hash = sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; the ones that complete `length` only when the hash is right."""
        piece = self._source.read(size)
        self._hash.update(piece)
        if self._left_bytes is not None:
            self._left_bytes -= len(piece)
        if (not piece and size) or self._left_bytes == 0 or size < 0:
            self._verify()
        return piece

    def _verify(self) -> None:
        found = self._hash.hexdigest()
        if not hmac.compare_digest(found, self._expected):
            raise Refused(
                "XAmzContentSHA256Mismatch",
                ClientComputedContentSHA256=self._expected,
                S3ComputedContentSHA256=found,
            )


def _compare(expected: str, given: str, what: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape")):
        raise Refused(
            "SignatureDoesNotMatch", f"The signature of a {what} is not that of its bytes"
        )
