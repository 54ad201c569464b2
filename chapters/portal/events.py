"""Every reader of a page hears what happens, and no slow reader holds up the others.

    source ──► publish ──┬─► queue ─► reader 1        one task a reader, one bounded queue each
                         ├─► queue ─► reader 2
                         └─► full!    reader 3        cut off; it comes back with Last-Event-ID,
                                                      and the history brings it up to date

A small server of its own: a thread pool holds exactly as many streams as it has threads, an event
loop holds a thousand. The invariant: what one reader costs is bounded, in number and in memory.
Source: WHATWG HTML, §9.2 Server-sent events. Page: docs/chapters/portal.md
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import suppress
from http import HTTPStatus

from chapters.portal.history import HISTORY_EVENTS_MAX, Event, History
from chapters.portal.streams import (
    AGAIN,
    BEAT,
    HEARTBEAT_S,
    REQUEST_S_MAX,
    STREAM,
    end_when_told,
    finish,
    head,
    last_seen,
    listen,
    port_of,
    refuse,
    request,
    sent,
)

READERS_MAX = 1_000  # a reader costs a socket and a queue; the usual limit of open files is 1,024
QUEUE_EVENTS_MAX = 512  # how far a reader may fall behind: some seconds of a busy feed
CLOSE_S_MAX = 2.0  # what the readers get, all together, to take their last events
RETRY_MS = 1_000  # what a browser waits before it comes back

END = None  # in a queue: nothing comes after this


class Reader:
    """One open stream: what waits to be sent on it, and how to break it off."""

    def __init__(self, abort: Callable[[], None]) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE_EVENTS_MAX)
        self.ended = False
        self._abort = abort

    def offer(self, chunk: bytes | None) -> None:
        """Queue `chunk`; a reader whose queue is full is cut off instead of waited for."""
        if self.queue.full():
            self.cut_off()
        elif not self.ended:
            self.ended = chunk is END
            self.queue.put_nowait(chunk)

    def cut_off(self) -> None:
        """Break the connection off: a client that does not read would hold it for ever."""
        self.ended = True
        self._abort()

    async def waiting(self) -> tuple[bytes, bool]:
        """Wait for something, and return all that is there, and whether more can come."""
        chunks = [await self.queue.get()]
        while not self.queue.empty():
            chunks.append(self.queue.get_nowait())
        return b"".join(chunk for chunk in chunks if chunk), chunks[-1] is not END


class EventServer:
    """Serves one stream of events to many readers over HTTP."""

    def __init__(
        self,
        *,
        origin: str = "*",
        readers_max: int = READERS_MAX,
        history_max: int = HISTORY_EVENTS_MAX,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._origin = origin
        self._readers_max = readers_max
        self._heartbeat_s = heartbeat_s
        self._history = History(history_max)
        self._readers: set[Reader] = set()
        self._server: asyncio.Server | None = None

    @property
    def readers(self) -> int:
        """How many streams are open."""
        return len(self._readers)

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (a free one where 0 is asked for).

        Raises `NoSuchPort`, `PortInUse` where somebody listens already, else `CannotListen`.
        """
        self._server = await listen(self._serve, host, port, backlog=self._readers_max)
        return port_of(self._server)

    async def close(self) -> None:
        """Stop listening and end every stream, each after what it was sent so far.

        Who has not taken that within `CLOSE_S_MAX` is cut off.
        """
        if self._server is not None:
            self._server.close()
        for reader in tuple(self._readers):
            reader.offer(END)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S_MAX):
                await self._all_gone()
        for reader in tuple(self._readers):
            reader.cut_off()
        await self._all_gone()

    async def _all_gone(self) -> None:
        while self._readers:
            await asyncio.sleep(0.005)

    def publish(self, event: Event) -> None:
        """Send `event` to every reader, and remember it for those who come back."""
        self._history.add(event)
        chunk = event.encode()
        for reader in self._readers:
            reader.offer(chunk)

    async def _serve(self, incoming: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        """One connection: a request, then a stream or a refusal."""
        try:
            async with asyncio.timeout(REQUEST_S_MAX):
                method, target, headers = await request(incoming)
            await self._answer(method, target, headers, out)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            pass  # not HTTP, or gone: there is nobody to tell
        finally:
            out.transport.abort()  # what is not sent by now never will be

    async def _answer(
        self, method: str, target: str, headers: dict[str, str], out: asyncio.StreamWriter
    ) -> None:
        if method != "GET":
            await refuse(out, HTTPStatus.METHOD_NOT_ALLOWED, "Allow: GET", origin=self._origin)
        elif len(self._readers) >= self._readers_max:
            await refuse(out, HTTPStatus.SERVICE_UNAVAILABLE, AGAIN, origin=self._origin)
        else:
            await self._stream(out, last_seen(target, headers))

    async def _stream(self, out: asyncio.StreamWriter, last: int | None) -> None:
        """Send what was missed, then what happens, until either side is gone."""
        reader = Reader(out.transport.abort)
        out.write(head(HTTPStatus.OK, STREAM, origin=self._origin))
        out.write(f"retry: {RETRY_MS}\n\n".encode() + self._missed(last))
        self._readers.add(reader)  # no await since _missed: no event falls between the two
        try:
            await self._pump(reader, out)
            await finish(out)
        finally:
            self._readers.discard(reader)

    def _missed(self, last: int | None) -> bytes:
        """What a reader who has seen the id `last` lacks; a new one lacks nothing."""
        if last is None:
            return b": hello\n\n"
        whole, events = self._history.after(last)
        start = b"" if whole else b"event: reset\ndata: {}\n\n"
        return start + b"".join(event.encode() for event in events)

    async def _pump(self, reader: Reader, out: asyncio.StreamWriter) -> None:
        """Move chunks from the queue to the socket; a comment where nothing happens."""
        await sent(out)
        goes_on = True
        while goes_on:
            try:
                chunk, goes_on = await asyncio.wait_for(reader.waiting(), self._heartbeat_s)
            except TimeoutError:
                chunk = BEAT
            out.write(chunk)
            await sent(out)


async def polled(poll: Callable[[], Iterable[Event]], interval_s: float) -> AsyncIterator[Event]:
    """Turn a function that returns what is new into a source, asked every `interval_s`."""
    while True:
        for event in poll():
            yield event
        await asyncio.sleep(interval_s)


def serve_events(
    host: str,
    port: int,
    source: AsyncIterable[Event],
    *,
    origin: str = "*",
    on_ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve `source` until it ends or the process is told to stop (SIGINT, SIGTERM).

    `on_ready` is called with the port once it listens. Raises what `EventServer.start` raises, and
    what `source` does.
    """
    with suppress(asyncio.CancelledError):
        asyncio.run(serve(host, port, source, origin=origin, on_ready=on_ready))


async def serve(
    host: str,
    port: int,
    source: AsyncIterable[Event],
    *,
    origin: str = "*",
    on_ready: Callable[[int], None] = lambda port: None,
) -> None:
    """The same within an event loop that is already there."""
    end_when_told()
    server = EventServer(origin=origin)
    on_ready(await server.start(host, port))
    try:
        async for event in source:
            server.publish(event)
    finally:
        await server.close()
