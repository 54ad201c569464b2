"""Nodes and their clients talk HTTP/1.1 with keep-alive: the sockets of both sides.

Of the protocol just what the two need, so that curl can look on; reading a head by hand costs a fifth
of what the standard library's mail parser takes. Large bodies are sent as they are and received into
one buffer. Invariant: an answer belongs to the request before it, as a connection on which anything
went wrong is closed. Bounds: every wait has a time-out, every head and body a size.
Page: docs/s3/storage.md
"""

import select
import socket
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, NamedTuple, Protocol

from s3.storage.desk import CHECKSUM, Reply
from s3.storage.errors import NoAnswer, Unreachable
from s3.storage.record import PAYLOAD_BYTES_MAX

HEAD_BYTES_MAX = 16 * 1024
BUFFER_BYTES = 64 * 1024
JOINED_BYTES_MAX = 16 * 1024  # below it one packet is cheaper than two
CONNECTIONS_MAX = 128  # threads of a node; a client beyond them waits to be accepted
IDLE_S = 60.0  # a connection without a request for so long is closed
CONNECT_S = 1.0
ANSWER_S = 10.0  # a node that takes longer counts as gone; nothing waits for ever
CALLS_MAX = 16  # of a client to one node at once: a node that hangs must not take every thread
SEAT_S = 1.0  # who waits so long for one of them is told that the node hangs


class Stream(Protocol):
    """What a head is read from."""

    def readline(self, size: int, /) -> bytes: ...


def read_head(stream: Stream) -> tuple[list[str], dict[str, str]] | None:
    """Return the words of the first line and the headers in lower case; None when the peer left."""
    left = HEAD_BYTES_MAX
    lines: list[str] = []
    while (line := stream.readline(left)) not in (b"\r\n", b"\n"):
        left -= len(line)
        if not line.endswith(b"\n"):
            return None
        lines.append(line.decode("latin-1").rstrip("\r\n"))
    if not lines:
        return None
    pairs = (line.partition(":") for line in lines[1:])
    return lines[0].split(" ", 2), {name.lower(): value.strip() for name, _, value in pairs}


def send(peer: socket.socket, head: Sequence[str], body: bytes, checksum: int | None) -> None:
    """Send a message; a large body goes out as it is, uncopied."""
    lines = [*head, f"Content-Length: {len(body)}"]
    if checksum is not None:
        lines.append(f"{CHECKSUM}: {checksum:08x}")
    start = "\r\n".join([*lines, "\r\n"]).encode("latin-1")
    if len(body) <= JOINED_BYTES_MAX:
        peer.sendall(start + body)
    else:
        peer.sendall(start)
        peer.sendall(body)


class Answers(Protocol):
    """What a server is in front of: a node's desk, or a metadata replica's."""

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply | None: ...


class NodeServer(ThreadingTCPServer):
    """The node's port: a thread for each connection, up to `CONNECTIONS_MAX`."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], desk: Answers) -> None:
        super().__init__(address, _Connection)
        self.desk = desk
        self._seats = threading.BoundedSemaphore(CONNECTIONS_MAX)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._seats.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._seats.release()


class _Connection(StreamRequestHandler):
    timeout = IDLE_S
    disable_nagle_algorithm = True
    rbufsize = BUFFER_BYTES
    server: NodeServer

    def handle(self) -> None:
        with suppress(OSError, ValueError):  # a peer that leaves, or does not speak HTTP
            while self._exchange():
                pass

    def _exchange(self) -> bool:
        """Answer one request; return whether another may follow."""
        head = read_head(self.rfile)
        if head is None:
            return False
        (method, url, _), headers = head
        length = int(headers.get("content-length", 0))
        if not 0 <= length <= PAYLOAD_BYTES_MAX:
            return False
        body = self.rfile.read(length)
        if len(body) < length:
            return False
        reply = self.server.desk.answer(method, url, headers, body)
        if reply is None:
            return False
        send(self.connection, [f"HTTP/1.1 {reply.status} ."], reply.body, reply.checksum)
        return headers.get("connection", "").lower() != "close"


class Answer(NamedTuple):
    """An answer as it came in."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Caller:
    """Connections to one node, kept open between calls."""

    def __init__(self, host: str, port: int, *, answer_s: float = ANSWER_S) -> None:
        self.address = (host, port)
        self._answer_s = answer_s
        self._idle: deque[_Line] = deque(maxlen=CALLS_MAX)
        self._seats = threading.BoundedSemaphore(CALLS_MAX)

    def call(self, method: str, url: str, body: bytes = b"", checksum: int | None = None) -> Answer:
        """Return the answer. Raises `Unreachable` when nothing was done, and `NoAnswer`."""
        if not self._seats.acquire(timeout=SEAT_S):
            raise Unreachable(f"{CALLS_MAX} calls to {self} are waiting already; it seems to hang")
        try:
            return self._call(method, url, body, checksum)
        finally:
            self._seats.release()

    def _call(self, method: str, url: str, body: bytes, checksum: int | None) -> Answer:
        line, is_used = self._line()
        try:
            answer = line.ask(method, url, body, checksum)
        except OSError as error:
            line.close()
            if is_used and method != "POST" and not isinstance(error, TimeoutError):
                # The node may have closed it while it lay idle, or was started anew since. A POST may
                # be a commit, which must not be done twice, so it is never sent again.
                self.close()
                return self._call(method, url, body, checksum)
            raise NoAnswer(
                f"no answer from {self}: {error or type(error).__name__}; is it running?"
            ) from error
        self._idle.append(line)
        return answer

    def close(self) -> None:
        """Hang up; a later call connects anew."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def __str__(self) -> str:
        return "{}:{}".format(*self.address)

    def _line(self) -> "tuple[_Line, bool]":
        with suppress(IndexError):
            while True:
                line = self._idle.pop()
                if line.is_open():
                    return line, True
                line.close()
        try:
            return _Line(self.address, self._answer_s), False
        except OSError as error:
            raise Unreachable(f"node at {self} cannot be reached ({error})") from error


class _Line:
    """One connection."""

    def __init__(self, address: tuple[str, int], answer_s: float) -> None:
        self._socket = socket.create_connection(address, CONNECT_S)
        if self._socket.getsockname() == self._socket.getpeername():
            # Nobody listens, and the system lent us the very port that we ask: TCP connects it to itself.
            self._socket.close()
            raise ConnectionRefusedError("nobody listens there")
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(answer_s)
        self._stream = self._socket.makefile("rb", BUFFER_BYTES)
        self._heard = select.poll()
        self._heard.register(self._socket, select.POLLIN)

    def ask(self, method: str, url: str, body: bytes, checksum: int | None) -> Answer:
        send(self._socket, [f"{method} {url} HTTP/1.1", "Host: node"], body, checksum)
        head = read_head(self._stream)
        if head is None:
            raise ConnectionResetError("it hung up")
        words, headers = head
        length = int(headers["content-length"])
        received = self._stream.read(length)
        if len(received) < length:
            raise ConnectionResetError(f"it hung up after {len(received)} of {length} bytes")
        return Answer(int(words[1]), headers, received)

    def is_open(self) -> bool:
        """Return whether the peer has not hung up; between two calls it has nothing else to say."""
        return not self._heard.poll(0)

    def close(self) -> None:
        self._stream.close()
        self._socket.close()
