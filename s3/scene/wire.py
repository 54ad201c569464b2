"""The real server in a process of its own, to be killed, and a client that asks it over HTTP.

    start ──► "open http://…" ──► requests ──► kill -9 ──► start, with the folder as it was left

Nothing is simulated here: granian, sockets, fsync. The client signs as boto3 does, never asks twice, and
keeps apart what certainly did not happen (no connection) from what nobody knows (no answer).
Page: docs/s3/breaking.md
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from chapters.errors import KitError
from chapters.sim.real import WallClock
from s3.auth.signature import canonical_query, encoded
from s3.scene.requests import Answered, signed_headers

HOST = "127.0.0.1"
ANSWER_S = 20.0
TRIES_MAX, TRY_S = 400, 0.05
NOT_SENT = Answered(503, {}, b"<Code>NotSent</Code>")
NO_ANSWER = Answered(504, {}, b"<Code>NoAnswer</Code>")


class NotStarted(KitError):
    """The server's process ended before it was ready."""


class Server:
    """`kit serve s3` on a folder, at a port that was free."""

    def __init__(self, folder: Path, options: Iterable[str] = ()) -> None:
        self.port = free_port()
        self._command = [
            *(sys.executable, "-m", "chapters.cli", "serve", "s3"),
            *("--port", str(self.port), "--folder", str(folder), *options),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once it answers. Raises `NotStarted`."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise NotStarted(f"the server did not start (exit code {self._process.wait()})")
        self._wait_until_it_listens()

    def _wait_until_it_listens(self) -> None:
        """It says that it is there a moment before its worker listens."""
        for _ in range(TRIES_MAX):
            with suppress(OSError), socket.create_connection((HOST, self.port), 1.0):
                return
            time.sleep(TRY_S)
        self.kill()
        raise NotStarted(f"nobody listens at port {self.port} after {TRIES_MAX * TRY_S:g} s")

    def kill(self) -> None:
        """`kill -9`, the server and the processes that it has started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class HttpClient:
    """One connection to a server. Not thread-safe."""

    def __init__(self, port: int) -> None:
        self._clock = WallClock()
        self._port = port
        self._line: HTTPConnection | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> Answered:
        """Return the answer; `NOT_SENT` or `NO_ANSWER` when there is none."""
        query = query or {}
        host = f"{HOST}:{self._port}"
        signed = signed_headers(method, host, path, query, headers, clock=self._clock)
        target = encoded(path) + (f"?{canonical_query(query)}" if query else "")
        line = self._line = self._line or self._connected()
        if line is None:
            return NOT_SENT
        try:
            line.request(method, target, body, signed)
            answer = line.getresponse()
            return Answered(answer.status, dict(answer.getheaders()), answer.read())
        except (OSError, HTTPException):
            self.close()
            return NO_ANSWER

    def put(self, path: str, body: bytes, **headers: str) -> Answered:
        return self.ask("PUT", path, body, None, **headers)

    def get(self, path: str, **headers: str) -> Answered:
        return self.ask("GET", path, b"", None, **headers)

    def delete(self, path: str, **headers: str) -> Answered:
        return self.ask("DELETE", path, b"", None, **headers)

    def close(self) -> None:
        """Hang up; the next request connects anew."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _connected(self) -> HTTPConnection | None:
        line = HTTPConnection(HOST, self._port, timeout=ANSWER_S)
        try:
            line.connect()
        except OSError:
            return None
        return line
