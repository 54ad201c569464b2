"""What origin and edges hand on: bytes, what they are, and a digest that they can be checked by.

Page: docs/netflix/edges.md
"""

import re
from dataclasses import dataclass
from hashlib import sha256

from netflix.errors import Refused

KINDS = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mpd": "application/dash+xml",
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "jpg": "image/jpeg",
    "json": "application/json",
}
DIGEST_HEX = 32

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Body:
    """A file: its bytes, and the digest that it had where it came from."""

    data: bytes
    digest: str

    @classmethod
    def of(cls, data: bytes) -> "Body":
        """Return these bytes with their digest."""
        return cls(data, digest_of(data))

    @property
    def is_whole(self) -> bool:
        """Return whether the bytes are still those that the digest was made of."""
        return digest_of(self.data) == self.digest

    @property
    def etag(self) -> str:
        """Return the digest as HTTP writes it."""
        return f'"{self.digest}"'


def digest_of(data: bytes) -> str:
    """Return the digest of some bytes: half of their SHA-256, in hexadecimal."""
    return sha256(data).hexdigest()[:DIGEST_HEX]


def kind_of(path: str) -> str:
    """Return the media type of a path by its ending. Raises `Refused` with 404 for one not served."""
    ending = path.rpartition(".")[2]
    if ending not in KINDS:
        raise Refused(404, f"{path} is not here")
    return KINDS[ending]


def span(header: str, size: int) -> tuple[int, int] | None:
    """Return which bytes [first, behind the last) a Range header asks for; None for all of them.

    A header that makes no sense is ignored, as RFC 9110 (14.2) says; a range that lies behind the end is
    refused with 416.
    """
    match = _RANGE.fullmatch(header.strip())
    if not match or not any(match.groups()):
        return None
    if not match[1]:
        first, end = max(0, size - int(match[2])), size
    else:
        first, end = int(match[1]), min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < first:
            return None
    if first >= size or (not match[1] and int(match[2]) == 0):
        raise Refused(416, f"bytes {header.strip()[6:]} of {size}; ask for some that are there")
    return first, end
