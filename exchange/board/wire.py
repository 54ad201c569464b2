"""The board as an event stream: a task a reader, no queue; what is new is given when the line is free.

    Board ──► Reader ──► write ──► drain: until the kernel has taken it ──► what is newest by then

The kernel keeps a queue for each socket too. It is made small, or a slow reader would see the past.
Source: WHATWG HTML, §9.2 Server-sent events. Page: docs/exchange/market-data.md
"""

import asyncio
import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus

from chapters.errors import Refused
from chapters.portal.history import Event
from chapters.portal.streams import (
    AGAIN,
    BEAT,
    HEARTBEAT_S,
    REQUEST_S_MAX,
    STREAM,
    end_when_told,
    head,
    last_seen,
    listen,
    port_of,
    refuse,
    request,
    sent,
)
from exchange.board.board import NAME, Board

SEND_BUFFER_BYTES = 16 * 1024  # of the kernel, a socket; it doubles this
HELLO = b"retry: 1000\n\n"


class StreamLine:
    """The way to one reader; it is busy from each chunk until the kernel has taken all of it."""

    def __init__(self, out: asyncio.StreamWriter) -> None:
        out.transport.set_write_buffer_limits(high=0)
        self._out = out
        self._preface = head(HTTPStatus.OK, STREAM) + HELLO  # goes before the first chunk
        self._written = asyncio.Event()

    def send(self, chunk: bytes) -> bool:
        """Take a chunk; the next may come after it."""
        self._out.write(self._preface + chunk)
        self._preface = b""
        self._written.set()
        return False

    async def drained(self) -> None:
        """Return when something was sent and has left, or after a heartbeat that has."""
        try:
            await asyncio.wait_for(self._written.wait(), HEARTBEAT_S)
        except TimeoutError:
            self._out.write(BEAT)
        self._written.clear()
        await sent(self._out)


class Stream:
    """Gives the board to whoever asks for it."""

    def __init__(self, board: Board) -> None:
        self._board = board

    async def serve(self, incoming: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        """One connection: a request, then a stream or a refusal."""
        try:
            async with asyncio.timeout(REQUEST_S_MAX):
                method, target, headers = await request(incoming)
            await self._answer(method, last_seen(target, headers), out)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            pass  # not HTTP, or gone: there is nobody to tell
        except asyncio.CancelledError:
            pass  # the server ends, and this task is nobody's but its own
        finally:
            out.transport.abort()  # what is not sent by now never will be

    async def _answer(self, method: str, last: int | None, out: asyncio.StreamWriter) -> None:
        if method != "GET":
            await refuse(out, HTTPStatus.METHOD_NOT_ALLOWED, "Allow: GET")
            return
        try:
            await self._follow(out, last)
        except Refused as refused:
            await refuse(out, HTTPStatus(refused.status), AGAIN)

    async def _follow(self, out: asyncio.StreamWriter, last: int | None) -> None:
        line = StreamLine(out)
        reader = self._board.hub.join(NAME, line, "" if last is None else str(last))
        # For whoever has all there is. Not before the join: that may refuse, with another head.
        line.send(b"")
        try:
            while True:
                await line.drained()
                reader.drained()
        finally:
            self._board.hub.leave(reader)


async def serve_board(
    host: str,
    port: int,
    board: Board,
    poll: Callable[[], Iterable[Event]],
    every_s: float,
    on_ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve the board at `port`, asking `poll` for news again and again, until cancelled or SIGTERM.

    Raises `PortInUse`, `CannotListen`, and what `poll` does.
    """
    end_when_told()
    server = await listen(Stream(board).serve, host, port)
    for each in server.sockets:  # those that come get it from here
        each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    on_ready(port_of(server))
    async with server:
        while True:
            board.publish(poll())
            await asyncio.sleep(every_s)
