"""A client that costs little: requests signed by hand over kept connections, any number at once.

Signatures are real, since this store checks them; the peers do not look. The client's own CPU is counted
on nobody's bill. Page: docs/s3/speed.md
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage
from itertools import count
from typing import NamedTuple

from s3.auth.signature import sign_headers
from s3.auth.users import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY
from s3.service import REGION

ANSWER_S = 120.0
BLOCK_BYTES = 1 << 20
Body = bytes | Iterable[bytes]


class Answer(NamedTuple):
    """What came back; a body that was only counted is empty here."""

    status: int
    headers: HTTPMessage
    body: bytes


class Line:
    """One kept connection to a server of S3."""

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Body = b"",
        size_bytes: int | None = None,
    ) -> Answer:
        """Return the answer. Raises `OSError` and `HTTPException` of a server that hangs up."""
        asked = query or {}
        headers = sign_headers(
            method, self._host, path, asked, {}, region=REGION, now=time.time(),
            access_key=DEFAULT_ACCESS_KEY, secret_key=DEFAULT_SECRET_KEY,
        )  # fmt: skip
        length = len(body) if isinstance(body, bytes) else size_bytes
        headers["content-length"] = str(length)
        url = (
            path + "?" * bool(asked) + "&".join(f"{name}={value}" for name, value in asked.items())
        )
        self._connection.request(method, url, body=body or None, headers=headers)
        response = self._connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def count_bytes(self, path: str) -> int:
        """Return how many bytes a GET brings, without keeping them."""
        headers = sign_headers(
            "GET", self._host, path, {}, {}, region=REGION, now=time.time(),
            access_key=DEFAULT_ACCESS_KEY, secret_key=DEFAULT_SECRET_KEY,
        )  # fmt: skip
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        buffer, size_bytes = bytearray(BLOCK_BYTES), 0
        while got := response.readinto(buffer):
            size_bytes += got
        return size_bytes

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


Act = Callable[[Line, int], Answer]
"""One operation of a cell: the line to use, and a number that no other operation has."""


@dataclass(slots=True)
class Turn:
    """What a server did in one turn."""

    done: int = 0
    failed: int = 0  # answers 5xx, and connections that broke

    def count(self, status: int) -> None:
        """Count an answer."""
        self.done += status < 500
        self.failed += status >= 500


class Crowd:
    """Clients that each keep a connection to one server, and go on from turn to turn."""

    def __init__(self, port: int, clients: int) -> None:
        self._port = port
        self._lines = [Line(port) for _ in range(clients)]
        self._numbers = count()

    def take_turn(self, act: Act, turn_s: float) -> Turn:
        """Operate for `turn_s`, all clients at once; each finishes what it has begun."""
        turns = [Turn() for _ in self._lines]
        until = time.monotonic() + turn_s
        threads = [
            threading.Thread(target=self._work, args=(place, act, until, turn))
            for place, turn in enumerate(turns)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Turn(sum(each.done for each in turns), sum(each.failed for each in turns))

    def _work(self, place: int, act: Act, until: float, turn: Turn) -> None:
        while True:
            try:
                turn.count(act(self._lines[place], next(self._numbers)).status)
            except (OSError, HTTPException):
                turn.count(599)
                self._lines[place].close()
                self._lines[place] = Line(self._port)
            if time.monotonic() >= until:
                return

    def close(self) -> None:
        """Hang up."""
        for line in self._lines:
            line.close()
