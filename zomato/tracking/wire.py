"""The gateway: HTTP in, events out, ten thousand at once; and the town's lines on a socket of their own.

    town ──► unix socket ──► Relay ──► Hub ──► Session ──► socket ──► browser
                                               one object, no task, no queue; its line is busy
                                               as long as the kernel has not taken the last batch

The kernel has a queue as well, for each socket. It is made small, or a slow reader would see the past.
Cost: about 4 KB a session. Page: docs/zomato/tracking.md
"""

import asyncio
import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus

from chapters.errors import Refused
from chapters.fanout import Hub, Reader
from chapters.portal.errors import refusal
from zomato.tracking.errors import BadFact
from zomato.tracking.facts import BEGIN, LINE_BYTES_MAX, READY, fact_of
from zomato.tracking.relay import Relay
from zomato.tracking.request import END, HEAD_BYTES_MAX, STATUS, Asked, asked

ASKING_MAX = 256  # connections that have not asked yet, beside the sessions
SEND_BUFFER_BYTES = 8 * 1024  # of the kernel, a socket; it doubles this
BACKLOG = 4_096
GRACE_S = 1.0  # an order may be asked for a moment before the town has told of it
SWEEP_S = 10.0  # a comment to whoever is silent: less than the idle times of common proxies
SLICE = 256  # sessions swept at once, so that events need not wait for all of them
LINES_AT_ONCE = 64  # of the town: between them, sessions have their turn
RETRY_S = 0.2  # from one try to hear the town to the next
AGAIN_S = 2  # what those are told who cannot be served now
HEARTBEAT = b": still here\n\n"


class Session(asyncio.Protocol):
    """One connection: it asks, and is a line for a reader from then on."""

    __slots__ = ("_gateway", "_head", "free", "old", "preface", "reader", "transport")

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._head = b""
        self.free = True
        self.preface = b""  # what goes before the first chunk
        self.old = False  # whether a sweep has seen it before it asked
        self.reader: Reader | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(high=0)
        self.transport = transport
        self._gateway.came(self)

    def data_received(self, data: bytes) -> None:
        if self._head.endswith(END):
            return  # it has asked, and the answer does not end
        self._head += data
        whole, end, _ = self._head.partition(END)
        if len(whole) > HEAD_BYTES_MAX:
            self._head = END
            self.refuse(Refused(431, f"the headers are over {HEAD_BYTES_MAX} bytes; send fewer"))
        elif end:
            self._head = END
            self._gateway.answer(self, whole)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gateway.went(self)

    def pause_writing(self) -> None:
        self.free = False

    def resume_writing(self) -> None:
        self.free = True
        if self.reader is not None:
            self.reader.drained()

    def send(self, chunk: bytes) -> bool:
        """Take a chunk; return whether the kernel has taken all of it."""
        if self.transport is not None:
            self.transport.write(self.preface + chunk if self.preface else chunk)
            self.preface = b""
        return self.free

    def beat(self) -> None:
        """Send a comment, where nothing else is on the way."""
        if self.reader is not None and self.free:
            self.reader.free = self.send(HEARTBEAT)

    def end(self) -> None:
        """Close the connection after what was sent."""
        if self.transport is not None:
            self.transport.close()

    def cut(self) -> None:
        """Break the connection off, whatever was sent."""
        if self.transport is not None:
            self.transport.abort()

    def refuse(self, refused: Refused, origin: str = "") -> None:
        """Say why not, and close."""
        self.reply(refused.status, {"error": str(refused)}, origin)

    def reply(self, status: int, facts: Mapping[str, object], origin: str = "") -> None:
        """Send JSON, and close."""
        body = json.dumps(facts).encode() + b"\n"
        self.preface = head(status, "application/json", origin, f"Content-Length: {len(body)}")
        self.send(body)
        self.end()


class Gateway:
    """All sessions, and what they follow."""

    def __init__(self, page_port: int, sessions_max: int) -> None:
        self._page_port, self._sessions_max = page_port, sessions_max
        self._hub = Hub(readers_max=sessions_max)
        self._relay = Relay(self._hub)
        self._here: dict[Session, None] = {}
        self.cut_off = 0

    def came(self, session: Session) -> None:
        """Somebody has connected."""
        self._here[session] = None
        if len(self._here) > self._sessions_max + ASKING_MAX:
            session.cut()

    def went(self, session: Session) -> None:
        """Somebody is gone."""
        self._here.pop(session, None)
        if session.reader is not None:
            self._hub.leave(session.reader)
        session.transport = None

    def answer(self, session: Session, head: bytes) -> None:
        """Answer a request: with a stream, or a refusal."""
        try:
            found = asked(head, self._page_port)
        except Refused as refused:
            session.refuse(refused)
            return
        if found.order == STATUS:
            session.reply(200, self.status())
        elif self._relay.is_ready and found.order not in self._hub:
            asyncio.get_running_loop().call_later(GRACE_S, self._begin, session, found)
        else:
            self._begin(session, found)

    def status(self) -> dict[str, object]:
        """Return how the gateway is."""
        return {
            "sessions": self._hub.readers,
            "orders": len(self._hub.names),
            "ready": self._relay.is_ready,
            "cut_off": self.cut_off,
            "pid": os.getpid(),
        }

    def _begin(self, session: Session, found: Asked) -> None:
        """Begin a stream, or refuse it."""
        if session.transport is None:
            return
        session.preface = head(200, "text/event-stream; charset=utf-8", found.origin)
        try:
            if not self._relay.is_ready:
                raise Refused(503, "the town has not told of its orders yet; come back in a while")
            if found.order not in self._hub:
                raise Refused(404, f"there is no order {found.order!r} here; place one first")
            session.reader = self._hub.join(found.order, session, found.last)
        except Refused as refused:
            session.refuse(refused, found.origin)
        else:
            if session.preface:  # there was nothing to be given
                session.send(b"")

    def _heard(self, line: bytes) -> None:
        """Publish a line of the town. Raises `BadFact`."""
        if line == BEGIN:
            self._relay.begin()
        elif line == READY:
            for reader in self._relay.ready():
                assert isinstance(reader.line, Session)
                reader.line.end()
        else:
            self._relay.hear(fact_of(line))

    async def listen_to_the_town(self, path: str) -> None:
        """Hear what the town says, again and again, for as long as this process lives."""
        heard = 0
        while True:
            with suppress(
                OSError, BadFact, ValueError
            ):  # it is gone, or talks nonsense: begin anew
                incoming, out = await asyncio.open_unix_connection(path, limit=LINE_BYTES_MAX)
                try:
                    while (line := await incoming.readline()).endswith(b"\n"):
                        self._heard(line)
                        heard += 1
                        if heard % LINES_AT_ONCE == 0:
                            await asyncio.sleep(0)
                finally:
                    out.transport.abort()
            await asyncio.sleep(RETRY_S)

    async def sweep(self) -> None:
        """Now and then say to each that it is still there, and cut off who takes nothing."""
        while True:
            await asyncio.sleep(SWEEP_S)
            for session in [each for each in self._here if each.reader is None]:
                if session.old:
                    session.cut()
                session.old = True
            for count, (reader, stuck) in enumerate(self._hub.sweep()):
                if count % SLICE == 0:
                    await asyncio.sleep(0)
                assert isinstance(reader.line, Session)
                if stuck:
                    self.cut_off += 1
                    reader.line.cut()
                else:
                    reader.line.beat()


def head(status: int, kind: str, origin: str, *more: str) -> bytes:
    """Return the head of an answer, that `origin` may read if there is one."""
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Content-Type: {kind}",
        "Cache-Control: no-store",
        "Connection: close",
        "Vary: Origin",
        *([f"Access-Control-Allow-Origin: {origin}"] if origin else []),
        *([f"Retry-After: {AGAIN_S}"] if status == HTTPStatus.SERVICE_UNAVAILABLE else []),
        *(["Allow: GET"] if status == HTTPStatus.METHOD_NOT_ALLOWED else []),
        *more,
    ]
    return "\r\n".join((*lines, "", "")).encode("latin-1")


async def serve(
    gateway: Gateway, host: str, port: int, town: str, on_ready: Callable[[int], None]
) -> None:
    """Serve until cancelled, at `port` (a free one for 0), what the town tells at its socket `town`.

    `on_ready` is called with the port. Raises `PortInUse`, `CannotListen`.
    """
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(lambda: Session(gateway), host, port, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        raise refusal(host, port, error) from error
    for each in server.sockets:  # those that come get it from here
        each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    on_ready(int(server.sockets[0].getsockname()[1]))
    async with server:
        await asyncio.gather(gateway.listen_to_the_town(town), gateway.sweep())
