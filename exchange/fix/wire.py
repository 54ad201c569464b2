"""Sockets turned into sessions: an event loop that reads, syncs once for all that came, then writes.

    bytes of many connections ──► sessions ──► one flush ──► bytes to many connections

Nothing here decides anything. Page: docs/exchange/fix.md
"""

import asyncio
from collections.abc import Callable

from exchange.fix.acceptor import Acceptor, Connection

TICK_S = 0.1  # heartbeats are counted in seconds
CLOSE_S_MAX = 5.0  # for the other side to take its last messages; its session is another's then
UNSENT_BYTES_MAX = 256 << 20  # a resend of a million reports; who is further behind is cut off


class Line(asyncio.Protocol):
    """One TCP connection."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self.transport: asyncio.Transport
        self.connection: Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.connection = self._server.acceptor.connect(self._server.now_ns())
        self._server.lines.add(self)

    def data_received(self, data: bytes) -> None:
        self._server.guard(lambda: self.connection.received(data, self._server.now_ns()))
        self._server.flush_soon()

    def connection_lost(self, error: Exception | None) -> None:
        self._server.lines.discard(self)
        self._server.guard(self.connection.gone)
        self._server.flush_soon()

    def write(self) -> None:
        """Send what waits; hang up if it is time, or if nobody reads."""
        if waiting := self.connection.take():
            self.transport.write(b"".join(waiting))
        if self.transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            self.transport.abort()
        elif self.connection.is_closing and not self.transport.is_closing():
            self.transport.close()
            self._server.cut_off_later(self)


class Server:
    """The listening side, for as long as its event loop runs."""

    def __init__(
        self, acceptor: Acceptor, now_ns: Callable[[], int],
        after_flush: Callable[[], object] = lambda: None,
    ) -> None:  # fmt: skip
        self.acceptor = acceptor
        self.now_ns = now_ns
        self._after_flush = after_flush
        self.lines: set[Line] = set()
        self.failed: Exception | None = None
        self._is_flush_due = False
        self._loop = asyncio.get_running_loop()
        self._listening: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> None:
        """Take connections from now on. Raises `OSError` when the port cannot be had."""
        self._listening = await self._loop.create_server(lambda: Line(self), host, port)
        self._tick()

    def call(self, callback: Callable[[], object]) -> None:
        """Run `callback` on the loop, from any thread, and flush what it did."""
        self._loop.call_soon_threadsafe(self._call, callback)

    def _call(self, callback: Callable[[], object]) -> None:
        self.guard(callback)
        self.flush_soon()

    def guard(self, step: Callable[[], object]) -> None:
        """Take a step, unless one has failed: then nobody knows what is durable, and nothing is said.

        The next life of the process reads its logs and knows.
        """
        if self.failed is None:
            try:
                step()
            except Exception as error:
                self.failed = error
                self.close()

    def flush_soon(self) -> None:
        """Flush once all that has come by now is read."""
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        self.guard(self._sync_and_send)

    def _sync_and_send(self) -> None:
        self.acceptor.flush()
        self._after_flush()
        for line in list(self.lines):
            line.write()

    def cut_off_later(self, line: Line) -> None:
        """Break off a line that is closing: who never reads would keep it, and its session, for ever."""
        self._loop.call_later(CLOSE_S_MAX, line.transport.abort)

    def _tick(self) -> None:
        if self._listening is None or not self._listening.is_serving():
            return
        self.guard(lambda: self.acceptor.tick(self.now_ns()))
        self.flush_soon()
        self._loop.call_later(TICK_S, self._tick)

    def close(self) -> None:
        """Hang up on everybody."""
        if self._listening is not None:
            self._listening.close()
        for line in list(self.lines):
            line.transport.abort()
