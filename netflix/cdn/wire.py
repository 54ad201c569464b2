"""HTTP of origin and edges: bare WSGI, so that a segment costs no more than it must.

    GET  /s/<token>/<title>/…      an edge: signed paths, ranges, conditional requests, CORS for any page
    GET  /<title>/…                the origin, for edges only
    GET  /_/status                 who, how much, how often        GET /_/shelf  what the night brought
    POST /_/fill {keep, fetch}     bring this to the shelf; what is neither in `keep` nor fetched goes
    POST /_/throttle {"kbps": n}   segments at so many kbit/s, for all viewers together; 0: no limit
    POST /_/slow {"ms": n}         a gray failure: every answer is so late

Page: docs/netflix/edges.md
"""

import http.client
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict

from chapters.circuit_breaker.breaker import Breaker
from chapters.errors import KitError
from chapters.portal.bare import (
    Application,
    Environ,
    StartResponse,
    json_of,
    posted,
    status_line,
)
from chapters.rate_limit.bucket import TokenBucket
from chapters.sim.clock import Clock, S
from netflix.cdn.body import Body
from netflix.cdn.edge import Answer, Edge
from netflix.cdn.origin import Origin
from netflix.cdn.replies import FOR_PAGES, file, number, paths
from netflix.cdn.signing import Signer
from netflix.errors import Refused, Unreachable

FETCH_S_MAX = 10.0
BLOCK_BYTES = 16 * 1024  # a throttled body is sent in such pieces
KBPS_MAX, SLOW_MS_MAX = 1_000_000, 60_000


def origin_application(origin: Origin) -> Application:
    """Return the origin's HTTP."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/_/status":
            return json_of(start_response, 200, {"name": "origin", "pid": os.getpid()})
        try:
            body = origin.fetch(path)
        except Refused as refused:
            return json_of(start_response, refused.status, {"error": str(refused)})
        return file(environ, start_response, path, body, [])

    return application


class EdgeServer:
    """An edge behind HTTP: a lock around its decisions, none around its fetches."""

    def __init__(
        self,
        edge: Edge,
        signer: Signer,
        fetch: Callable[[str], Body],
        *,
        clock: Clock,
        breaker: Breaker,
    ) -> None:
        self.edge, self._signer, self._fetch, self._clock = edge, signer, fetch, clock
        self._breaker = breaker
        self._lock = threading.Lock()
        self._bucket: TokenBucket | None = None
        self._slow_s = 0.0
        self._busy = 0
        self._to_fill: list[str] = []
        self._filler: threading.Thread | None = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        try:
            if path.startswith("/_/"):
                return self._admin(path, method, environ, start_response)
            if method == "OPTIONS":
                start_response(status_line(204), [*FOR_PAGES, ("Access-Control-Max-Age", "600")])
                return []
            if method not in ("GET", "HEAD"):
                raise Refused(405, f"{method} is not for edges; GET or HEAD")
            return self._serve(path, environ, start_response)
        except Refused as refused:
            return json_of(start_response, refused.status, {"error": str(refused)}, FOR_PAGES)
        except KitError as error:
            return json_of(start_response, 502, {"error": str(error)}, FOR_PAGES)

    def _serve(self, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        inner = self._signer.check(path, now_s=self._clock.now_ns() / S)
        with self._busy_while():
            return self._answer(inner, environ, start_response)

    def _answer(
        self, inner: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if self._slow_s:
            time.sleep(self._slow_s)
        body, word = self._get(inner)
        headers = [*FOR_PAGES, ("X-Cache", word), ("X-Edge", self.edge.name)]
        blocks = file(environ, start_response, inner, body, headers)
        return self._paced(blocks) if self._bucket and inner.endswith(".m4s") else blocks

    @contextmanager
    def _busy_while(self) -> Iterator[None]:
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    def _get(self, path: str) -> tuple[Body, str]:
        """The file, and whether it was here: from the cache, from others' fetch, or from our own."""
        answer: Future[Answer] = Future()
        with self._lock:
            is_mine = self.edge.ask(path, answer.set_result)
            word = "miss" if is_mine else "hit" if answer.done() else "joined"
        if is_mine:
            fetched = self._fetched(path)
            with self._lock:
                self.edge.arrived(path, fetched)
        found = answer.result(FETCH_S_MAX * 2)
        if not isinstance(found, Body):
            raise found
        return found, word

    def _fetched(self, path: str) -> Answer:
        """What the origin answers; nothing is asked of one that has not answered for a while."""
        with self._lock:
            if not self._breaker.allow():
                return Unreachable("the origin did not answer lately and is let alone; try again")
        begun_ns = self._clock.now_ns()
        try:
            answer: Answer = self._fetch(path)
        except KitError as error:
            answer = error
        with self._lock:
            if isinstance(answer, Unreachable):
                self._breaker.failed(self._clock.now_ns() - begun_ns)
            else:
                self._breaker.succeeded(self._clock.now_ns() - begun_ns)
        return answer

    def _begin_fill(self, keep: list[str], fetch: list[str]) -> None:
        """Bring `fetch` to the shelf, on a thread; a fill that is under way gets the new list."""
        with self._lock:
            self.edge.clear_shelf({*keep, *fetch})
            self._to_fill = fetch[::-1]
            if self._filler is None or not self._filler.is_alive():
                self._filler = threading.Thread(target=self._fill, name="fill", daemon=True)
                self._filler.start()

    def _fill(self) -> None:
        while True:
            with self._lock:
                if not self._to_fill:
                    self._filler = None
                    return
                path = self._to_fill.pop()
            body = self._fetched(path)
            with self._lock:
                if not isinstance(body, Body):
                    self.edge.counters.failed += 1
                elif self.edge.shelve(path, body):
                    self.edge.counters.filled_bytes += len(body.data)

    def _paced(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            for at in range(0, len(block), BLOCK_BYTES):
                piece, bucket = block[at : at + BLOCK_BYTES], self._bucket
                if bucket:
                    with self._lock:
                        wait_ns = bucket.reserve(len(piece))
                    time.sleep(wait_ns / S)
                yield piece

    def _admin(
        self, path: str, method: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if path == "/_/status" and method == "GET":
            return json_of(start_response, 200, self._status(), FOR_PAGES)
        if path == "/_/shelf" and method == "GET":
            with self._lock:
                return json_of(
                    start_response,
                    200,
                    {"shelf": self.edge.shelf, "room_bytes": self.edge.shelf_bytes},
                    FOR_PAGES,
                )
        if method != "POST":
            raise Refused(404, f"{path} is not here")
        if path == "/_/fill":
            told = posted(environ)
            self._begin_fill(paths(told, "keep"), paths(told, "fetch"))
        elif path == "/_/throttle":
            kbps = number(environ, "kbps", KBPS_MAX)
            rate = kbps * 1000 / 8
            self._bucket = TokenBucket(rate, BLOCK_BYTES, clock=self._clock) if kbps else None
        elif path == "/_/slow":
            self._slow_s = number(environ, "ms", SLOW_MS_MAX) / 1000
        else:
            raise Refused(404, f"{path} is not here")
        return json_of(start_response, 200, self._status(), FOR_PAGES)

    def _status(self) -> dict[str, object]:
        with self._lock:
            counters = self.edge.counters
            return {
                "name": self.edge.name,
                "pid": os.getpid(),
                "used_bytes": self.edge.used_bytes,
                "capacity_bytes": self.edge.capacity_bytes,
                "hit_ratio": counters.hit_ratio,
                "titles": self.edge.titles,
                "to_fill": len(self._to_fill),
                "busy": self._busy,
                "slow_ms": round(self._slow_s * 1000),
                **asdict(counters),
            }


def fetch_from(origin_url: str) -> Callable[[str], Body]:
    """Return a function that fetches a path from the origin, whole and checked.

    It raises `Refused` as the origin does, and `Unreachable` when nobody answers.
    """

    def fetch(path: str) -> Body:
        try:
            with urllib.request.urlopen(
                origin_url.rstrip("/") + path, timeout=FETCH_S_MAX
            ) as answer:
                body = Body(answer.read(), str(answer.headers["ETag"]).strip('"'))
        except urllib.error.HTTPError as error:
            with error:
                if error.code >= 500:
                    raise Unreachable(f"the origin answers {error.code}; try again") from None
                raise Refused(error.code, f"{path}: the origin answers {error.code}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreachable(f"the origin does not answer ({error}); try again") from None
        if not body.is_whole:
            raise Unreachable(f"{path} came damaged from the origin; try again")
        return body

    return fetch
