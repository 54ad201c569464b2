"""A request and a response of S3, as values: what WSGI brings is parsed once, at the edge.

    GET /photos/a/b.jpg?versionId=7   ──►  bucket "photos", key "a/b.jpg", query {"versionId": "7"}
    Host: photos.s3.example.com       ──►  the same, when `domain` is "s3.example.com"

Paths are bytes that a client percent-encoded; keys are UTF-8. Page: docs/s3/requests.md
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, unquote_plus

from s3.errors import Refused

Chunks = Iterable[bytes]

_NUMBER = re.compile("[0-9]{1,18}")


class Body(Protocol):
    """What is left of a request's body."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


@dataclass(slots=True)
class Request:
    """One request. Header names are lower case; query values are decoded, absent ones are ""."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Body
    bucket: str = ""
    key: str = ""
    raw_query: str = ""
    scheme: str = "http"
    remote: str = ""

    @property
    def host(self) -> str:
        """The name that the client asked, with its port."""
        return self.headers.get("host", "")

    @property
    def content_length(self) -> int | None:
        """How many bytes the client announced. Raises `InvalidArgument` for what is no number."""
        text = self.headers.get("content-length")
        if text is None or text == "":
            return None
        if not is_number(text):
            raise Refused("InvalidArgument", f"Content-Length is {text!r}: no number of bytes")
        return int(text)


@dataclass(slots=True)
class Response:
    """What goes back; `body` is bytes, or an iterable that is sent as it comes."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Chunks = b""


def is_number(text: str) -> bool:
    """Return whether `text` is a whole number in at most 18 digits, as HTTP writes it.

    `int` takes signs, spaces, `1_000` and every script's digits too, and refuses 4,301 of them.
    """
    return _NUMBER.fullmatch(text) is not None


def parse_query(text: str) -> dict[str, str]:
    """Return the decoded parameters of a query string; of a repeated one the first."""
    found: dict[str, str] = {}
    for part in text.split("&") if text else ():
        name, _, value = part.partition("=")
        if name:
            found.setdefault(unquote_plus(name), unquote_plus(value))
    return found


def locate(path: str, host: str, domain: str) -> tuple[str, str]:
    """Return (bucket, key) of a decoded path, by path or by virtual host; "" where there is none."""
    name = host.rpartition(":")[0] if is_number(host.rpartition(":")[2]) else host
    if domain and name.endswith("." + domain):
        return name.removesuffix("." + domain), path.removeprefix("/")
    bucket, _, key = path.removeprefix("/").partition("/")
    return bucket, key


def quoted(text: str, safe: str = "/") -> str:
    """Return `text` percent-encoded as S3 does it: all but letters, digits and `-._~`."""
    return quote(text, safe=safe + "~")
