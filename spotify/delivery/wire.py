"""HTTP of origin and edges: bare WSGI, so that a block costs no more than it must.

    GET  /<album>/<file>?<expiry>-<mac>   an edge: signed, ranges, CORS for any page
    GET  /<album>/<file>                  the origin, for edges only
    GET  /_/status                        who, how much, how often
    POST /_/trouble {"kind": …}           short, wrong, busy or stall, from now on

Page: docs/spotify/delivery.md
"""

import http.client
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import asdict
from typing import Any

from chapters.errors import KitError
from chapters.portal.bare import Application, Environ, StartResponse, json_of, posted
from chapters.sim.clock import Clock, S
from spotify.delivery.edge import BLOCK_BYTES, Edge, blocks, joined
from spotify.delivery.origin import Origin
from spotify.delivery.ranges import OutOfRange, span
from spotify.delivery.signing import Signer
from spotify.errors import Refused, Unreachable

FETCH_S_MAX = 10.0
STALL_S = 30.0
SIZES_MAX = 100_000  # of files that an edge remembers
TROUBLES = ("", "short", "wrong", "busy", "stall")
KINDS = {
    "webm": "audio/webm",
    "ogg": "audio/ogg",
    "m4a": "audio/mp4",
    "flac": "audio/flac",
    "jpg": "image/jpeg",
}
FOR_PAGES = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Headers", "Range"),
    ("Access-Control-Expose-Headers", "Content-Length, Content-Range, X-Cache, X-Edge"),
    ("Timing-Allow-Origin", "*"),
]

Fetch = Callable[
    [str, int, int], tuple[bytes, int]
]  # (path, first, end) -> (bytes, the file's size)


def origin_application(origin: Origin) -> Application:
    """Return the origin's HTTP."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/_/status":
            return json_of(start_response, 200, {"name": "origin", "pid": os.getpid()})
        try:
            size = origin.size(path)
            first, end = span(environ.get("HTTP_RANGE", ""), size) or (0, size)
            data = origin.read(path, first, end)
        except Refused as refused:
            return _refused(start_response, refused)
        return _part(environ, start_response, path, data, (first, end, size), [])

    return application


class EdgeServer:
    """An edge behind HTTP: a lock around its decisions, none around its fetches."""

    def __init__(self, edge: Edge, signer: Signer, fetch: Fetch, *, clock: Clock) -> None:
        self.edge, self._signer, self._fetch, self._clock = edge, signer, fetch, clock
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, int], Future[bytes]] = {}
        self._sizes: dict[str, int] = {}
        self._trouble = ""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        try:
            if path.startswith("/_/"):
                return self._admin(path, method, environ, start_response)
            if method == "OPTIONS":
                start_response("204 No Content", [*FOR_PAGES, ("Access-Control-Max-Age", "600")])
                return []
            if method not in ("GET", "HEAD"):
                raise Refused(405, f"{method} is not for edges; GET or HEAD")
            self._signer.check(
                path, environ.get("QUERY_STRING", ""), now_s=self._clock.now_ns() / S
            )
            return self._serve(path, environ, start_response)
        except Refused as refused:
            return _refused(start_response, refused, FOR_PAGES)
        except KitError as error:
            return json_of(start_response, 502, {"error": str(error)}, FOR_PAGES)

    def _serve(self, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if self._trouble == "busy":
            raise Refused(503, f"{self.edge.name} is busy; ask another edge")
        size = self._size(path)
        first, end = span(environ.get("HTTP_RANGE", ""), size) or (0, size)
        with self._lock:
            lacking = self.edge.missing(path, first, end)
        data = joined((self._block(path, number) for number in blocks(first, end)), first, end)
        self.edge.counters.sent_bytes += len(data)
        headers = [
            *FOR_PAGES,
            ("X-Cache", "miss" if lacking else "hit"),
            ("X-Edge", self.edge.name),
        ]
        return self._troubled(
            _part(environ, start_response, path, self._spoilt(data), (first, end, size), headers)
        )

    def _spoilt(self, data: bytes) -> bytes:
        if self._trouble == "wrong" and data:
            return bytes([data[0] ^ 0xFF]) + data[1:]
        return data

    def _troubled(self, parts: Iterable[bytes]) -> Iterable[bytes]:
        """What is to be sent, cut short or stalled half-way if that is the trouble."""
        if self._trouble not in ("short", "stall"):
            return parts
        return self._broken(b"".join(parts), self._trouble)

    def _broken(self, data: bytes, trouble: str) -> Iterator[bytes]:
        yield data[: len(data) // 2]
        if trouble == "stall":
            time.sleep(STALL_S)
            yield data[len(data) // 2 :]

    def _size(self, path: str) -> int:
        """A file's size, asked for with its first block."""
        if path not in self._sizes:
            self._load(path, 0)
        return self._sizes[path]

    def _block(self, path: str, number: int) -> bytes:
        with self._lock:
            data = self.edge.block(path, number)
        return data if data is not None else self._load(path, number)

    def _load(self, path: str, number: int) -> bytes:
        """Fetch a block, or wait with those who are fetching it."""
        with self._lock:
            under_way = self._under_way.get((path, number))
            is_mine = under_way is None
            if under_way is None:
                under_way = self._under_way[path, number] = Future()
        if is_mine:
            self._fetch_block(path, number, under_way)
        return under_way.result(2 * FETCH_S_MAX)

    def _fetch_block(self, path: str, number: int, told: "Future[bytes]") -> None:
        try:
            data, size = self._fetch(path, number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES)
        except KitError as error:
            told.set_exception(error)
        else:
            with self._lock:
                self.edge.keep(path, number, data)
                if len(self._sizes) >= SIZES_MAX:
                    self._sizes.clear()
                self._sizes[path] = size
            told.set_result(data)
        finally:
            with self._lock:
                del self._under_way[path, number]

    def _admin(
        self, path: str, method: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if path == "/_/status" and method == "GET":
            return json_of(start_response, 200, self._status(), FOR_PAGES)
        if path == "/_/trouble" and method == "POST":
            kind = posted(environ).get("kind")
            if kind not in TROUBLES:
                raise Refused(
                    400, f"kind is {kind!r}; it must be one of {', '.join(TROUBLES[1:])} or empty"
                )
            self._trouble = kind
            return json_of(start_response, 200, {"kind": kind})
        raise Refused(404, f"nothing is at {method} {path}")

    def _status(self) -> dict[str, Any]:
        with self._lock:
            counters = asdict(self.edge.counters)
            kept = {"used_bytes": self.edge.used_bytes, "capacity_bytes": self.edge.capacity_bytes}
        more = {"hit_ratio": self.edge.counters.hit_ratio, "trouble": self._trouble}
        return {"name": self.edge.name, "pid": os.getpid(), **counters, **kept, **more}


def fetch_from(origin_url: str) -> Fetch:
    """Return what fetches parts of files from an origin. It raises `Refused` and `Unreachable`."""

    def fetch(path: str, first: int, end: int) -> tuple[bytes, int]:
        request = urllib.request.Request(
            origin_url + path, headers={"Range": f"bytes={first}-{end - 1}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=FETCH_S_MAX) as answer:
                size = int(
                    (
                        answer.headers.get("Content-Range")
                        or f"/{answer.headers['Content-Length']}"
                    ).rpartition("/")[2]
                )
                return answer.read(), size
        except urllib.error.HTTPError as error:
            raise Refused(error.code, f"the origin has no such part of {path}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreachable(f"the origin does not answer ({error})") from None

    return fetch


def _part(
    environ: Environ,
    start_response: StartResponse,
    path: str,
    data: bytes,
    place: tuple[int, int, int],
    headers: list[tuple[str, str]],
) -> Iterable[bytes]:
    """Answer with a part of a file: `place` is (first, end, the file's size)."""
    first, end, size = place
    headers = [
        *headers,
        ("Accept-Ranges", "bytes"),
        ("Content-Type", KINDS.get(path.rpartition(".")[2], "application/octet-stream")),
        ("Content-Length", str(end - first)),
        ("Cache-Control", "max-age=3600"),
    ]
    if "HTTP_RANGE" in environ:
        headers.append(("Content-Range", f"bytes {first}-{end - 1}/{size}"))
    start_response("206 Partial Content" if "HTTP_RANGE" in environ else "200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [data]


def _refused(
    start_response: StartResponse, refused: Refused, headers: Iterable[tuple[str, str]] = ()
) -> list[bytes]:
    own = [*headers]
    if isinstance(refused, OutOfRange):
        own.append(("Content-Range", f"bytes */{refused.size}"))
    return json_of(
        start_response, refused.status, {"error": str(refused), "reason": refused.reason}, own
    )
