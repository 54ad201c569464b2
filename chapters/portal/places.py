"""A slow client holds a thread, which is cheap; it never holds a place, of which there are few.

    head ──► a thread ──► the body's first 64 KiB ──► a place ──► the application ──┬─► a short answer
             of 1,024     the client's time           of few                       └─► a place ─► a long one

A server that gives every request a thread, and has as many threads as it can work with, is stopped by so
many clients who send a body one byte at a time. A thread that waits costs some 60 KB, so there is one for
every connection; what is scarce has places. Quick requests, long bodies and long answers have their own,
so that neither those who send slowly nor those who read slowly stand in the way of a plain GET.
Page: docs/chapters/portal.md
"""

import io
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from chapters.portal.bare import Application, Environ, StartResponse, status_line

AHEAD_BYTES = 64 * 1024  # read before a place is taken; an order has 200, a form a few thousand
SHORT_BYTES = 64 * 1024  # of an answer that needs no place to be sent from
WAIT_S_MAX = 1.0  # for a place for something long; then the client is told when to come back
RETRY_S = "2"
SERVICE_UNAVAILABLE = 503

Headers = list[tuple[str, str]]


class Readable(Protocol):
    """What WSGI gives to read a body from."""

    def read(self, size: int, /) -> bytes: ...


class Hands:
    """What is being worked on, and since when: what has not left our hands is not the client's delay."""

    def __init__(self) -> None:
        self._since: dict[int, float] = {}

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Within, the present thread works; the client waits for it."""
        me = threading.get_ident()
        self._since[me] = time.monotonic()
        try:
            yield
        finally:
            del self._since[me]

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Within, a thread that was busy waits for its client."""
        me = threading.get_ident()
        was_busy = self._since.pop(me, None) is not None
        try:
            yield
        finally:
            if was_busy:
                self._since[me] = time.monotonic()

    def oldest_s(self) -> float:
        """How long the longest work has gone on."""
        now = time.monotonic()
        return max((now - since for since in tuple(self._since.values())), default=0.0)


class Body(io.BufferedIOBase):
    """A long body: what was read of it ahead, then what comes."""

    def __init__(self, ahead: bytes, rest: Readable, hands: Hands) -> None:
        self._ahead, self._rest, self._hands = ahead, rest, hands

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` bytes, fewer at the end of the body; without a size, all that is left."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(AHEAD_BYTES), b""))
        found, self._ahead = self._ahead[:size], self._ahead[size:]
        if len(found) == size:
            return found
        with self._hands.idle():
            return found + self._rest.read(size - len(found))


class Places:
    """A WSGI application in front of another: it knows who waits for whom, and bounds the work at once."""

    def __init__(self, application: Application, at_once: int, hands: Hands) -> None:
        self._application = application
        self._hands = hands
        self._quick = threading.BoundedSemaphore(at_once)
        self._bodies = threading.BoundedSemaphore(at_once)
        self._answers = threading.BoundedSemaphore(at_once)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        place = self._bodies if self._read_ahead(environ) else self._quick
        head: list[tuple[str, Headers]] = []
        with self._hands.busy():
            if not place.acquire(timeout=None if place is self._quick else WAIT_S_MAX):
                return refuse(start_response)
            try:
                found = self._application(environ, lambda *line: head.append(line))
            finally:
                place.release()
            if not isinstance(found, list):
                is_long = environ.get("REQUEST_METHOD") != "HEAD" and not is_short(head[-1][1])
                found = Answer(found, self._answers if is_long else None, self._hands)
                if not found.may_begin():
                    return refuse(start_response)
        start_response(*head[-1])
        return found

    def _read_ahead(self, environ: Environ) -> bool:
        """Read a short body, or the first of a long one; return whether it is long.

        Who expects a 100 sends nothing before the application has asked.
        """
        length, rest = environ.get("CONTENT_LENGTH") or "0", environ["wsgi.input"]
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        if not is_chunked and not (length.isdecimal() and int(length)):
            return False
        ahead = b"" if "HTTP_EXPECT" in environ else rest.read(AHEAD_BYTES)
        is_long = len(ahead) == AHEAD_BYTES or not ahead
        environ["wsgi.input"] = Body(ahead, rest, self._hands) if is_long else io.BytesIO(ahead)
        return is_long


def is_short(headers: Headers) -> bool:
    """Return whether an answer says that it is no longer than what may be on its way at once."""
    length = next((value for name, value in headers if name.lower() == "content-length"), "")
    return length.isdecimal() and int(length) <= SHORT_BYTES


class Answer:
    """What comes in pieces, at its reader's pace; a long one has a place, given back however it ends."""

    def __init__(
        self, source: Iterable[bytes], places: threading.BoundedSemaphore | None, hands: Hands
    ) -> None:
        self._source, self._places, self._hands = source, places, hands
        self._pieces = iter(source)

    def may_begin(self) -> bool:
        """Wait for a place, if it needs one; without one, this is the end of it."""
        if self._places is None or self._places.acquire(timeout=WAIT_S_MAX):
            return True
        self._places = None
        self.close()
        return False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._hands.busy():
            return next(self._pieces)

    def close(self) -> None:
        """End it; the server calls this after the last piece, and when the reader has gone."""
        places, self._places = self._places, None
        if places:
            places.release()
        if close := getattr(self._source, "close", None):
            close()


def refuse(start_response: StartResponse) -> list[bytes]:
    """Answer that everything long that fits is under way already."""
    data = b"too many long requests at once; try again later\n"
    start_response(
        status_line(SERVICE_UNAVAILABLE),
        [
            ("Content-Type", "text/plain"),
            ("Content-Length", str(len(data))),
            ("Retry-After", RETRY_S),
            ("Connection", "close"),
        ],
    )
    return [data]
