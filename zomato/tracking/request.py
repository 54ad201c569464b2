"""What somebody asks of the gateway: the little of HTTP that a stream of events needs.

    GET /orders/you-1/events HTTP/1.1        who else may read the answer is a question of the page's
    Host: localhost:9401                     origin: the same host, at the port where the page is
    Origin: http://localhost:9400
    Last-Event-ID: e3-4                      or ?last_event_id=e3-4, where a page opens a new stream

Source: RFC 9112 for the message, WHATWG HTML §9.2 for the rest. Page: docs/zomato/tracking.md
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from chapters.errors import Refused

HEAD_BYTES_MAX = 8 * 1024  # request line and headers; what common servers allow
ORDER_CHARS_MAX = 64
HOST = re.compile(r"[\w.-]+|\[[\da-fA-F:.]+\]", re.ASCII)  # what goes into an answer's head
END = b"\r\n\r\n"
STATUS = ""  # the order of whoever asks how the gateway is


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose order, what was had of it last, and the origin that may read the answer ("": none may)."""

    order: str
    last: str
    origin: str


def asked(head: bytes, page_port: int) -> Asked:
    """Return what a request's head asks for. Raises `Refused`: 400, 404, 405."""
    first, *rest = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Refused(400, f"{first[:40]!r} is no request of HTTP/1.1")
    if words[0] != "GET":
        raise Refused(405, f"{words[0][:20]!r} is no way to follow an order; use GET")
    pairs = (line.partition(":") for line in rest if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    target = urlsplit(words[1])
    last = headers.get("last-event-id") or parse_qs(target.query).get("last_event_id", [""])[0]
    return Asked(_order(target.path), last, _origin(headers, page_port))


def _order(path: str) -> str:
    if path == "/_/status":
        return STATUS
    found = re.fullmatch(r"/orders/([^/]+)/events", path)
    if not found or len(found[1]) > ORDER_CHARS_MAX:
        raise Refused(404, f"there is nothing at {path[:60]!r}; GET /orders/<id>/events")
    return unquote(found[1])


def _origin(headers: dict[str, str], page_port: int) -> str:
    """The origin that asked, if it is the page's: the host that was asked here, by any name it goes by."""
    host = re.sub(r":\d+$", "", headers.get("host", ""))
    page = f"http://{host}:{page_port}".removesuffix(":80")
    return page if HOST.fullmatch(host) and headers.get("origin") == page else ""
