"""The board as an event stream: a task a reader, no queue; what is new is given when the line is free.

    Board ──► Reader ──► write ──► drain: until the kernel has taken it ──► what is newest by then

The kernel keeps a queue for each socket too. It is made small, or a slow reader would see the past.
Source: WHATWG HTML, §9.2 Server-sent events. Page: docs/exchange/market-data.md
"""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus

from chapters.errors import Refused
from chapters.portal.errors import refusal
from chapters.portal.events import finish, last_seen, request
from chapters.portal.history import Event
from exchange.board.board import NAME, Board

SEND_BUFFER_BYTES = 16 * 1024  # of the kernel, a socket; it doubles this
CONNECTIONS_MAX = 1_000  # sockets, readers or not; the usual limit of open files is 1,024
REQUEST_S_MAX = 5.0  # a client that has not asked by then is not a browser
SEND_S_MAX = 10.0  # a client that takes nothing for so long has gone without saying so
HEARTBEAT_S = 15.0  # shorter than the idle times of common proxies
HELLO = b"retry: 1000\n\n"
BEAT = b": still here\n\n"


class StreamLine:
    """The way to one reader; it is busy from each chunk until the kernel has taken all of it."""

    def __init__(self, out: asyncio.StreamWriter) -> None:
        out.transport.set_write_buffer_limits(high=0)
        self._out = out
        self._written = asyncio.Event()

    def send(self, chunk: bytes) -> bool:
        """Take a chunk; the next may come after it."""
        self._out.write(chunk)
        self._written.set()
        return False

    async def drained(self) -> None:
        """Return when something was sent and has left, or after a heartbeat that has."""
        try:
            await asyncio.wait_for(self._written.wait(), HEARTBEAT_S)
        except TimeoutError:
            self._out.write(BEAT)
        self._written.clear()
        async with asyncio.timeout(SEND_S_MAX):
            await self._out.drain()


class Stream:
    """Gives the board to whoever asks for it."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._open = 0

    async def serve(self, incoming: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        """One connection: a request, then a stream or a refusal."""
        self._open += 1
        try:
            if self._open > CONNECTIONS_MAX:
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "too many streams are open")
            async with asyncio.timeout(REQUEST_S_MAX):
                method, target, headers = await request(incoming)
            if method != "GET":
                raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "a stream is asked for with GET")
            await self._follow(out, last_seen(target, headers))
        except Refused as refused:
            out.write(head(HTTPStatus(refused.status), "Content-Length: 0", "Retry-After: 2"))
            with suppress(OSError, TimeoutError):
                await finish(out)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            pass  # not HTTP, or gone: there is nobody to tell
        except asyncio.CancelledError:
            pass  # the server ends, and this task is nobody's but its own
        finally:
            self._open -= 1
            out.transport.abort()  # closing would wait, for ever, until a client that is gone has read

    async def _follow(self, out: asyncio.StreamWriter, last: int | None) -> None:
        line = StreamLine(out)
        out.write(head(HTTPStatus.OK, "Content-Type: text/event-stream; charset=utf-8") + HELLO)
        reader = self._board.hub.join(NAME, line, "" if last is None else str(last))
        try:
            while True:
                await line.drained()
                reader.drained()
        finally:
            self._board.hub.leave(reader)


def head(status: HTTPStatus, *headers: str) -> bytes:
    """Return the head of an answer that any page may read."""
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Access-Control-Allow-Origin: *",
        "Cache-Control: no-store",
        "Connection: close",
        *headers,
    )
    return "\r\n".join((*lines, "", "")).encode()


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
    task = asyncio.current_task()
    assert task is not None
    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not in a thread
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    try:
        server = await asyncio.start_server(Stream(board).serve, host, port)
    except (OSError, UnicodeError) as error:
        raise refusal(host, port, error) from error
    for each in server.sockets:  # those that come get it from here
        each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    on_ready(int(server.sockets[0].getsockname()[1]))
    async with server:
        while True:
            board.publish(poll())
            await asyncio.sleep(every_s)
