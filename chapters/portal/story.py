"""One event, many readers, one of them away for a while: nobody misses anything.

Page: docs/chapters/portal.md
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

from chapters.errors import UsageError
from chapters.portal.errors import TooManyStreams
from chapters.portal.events import READERS_MAX, EventServer
from chapters.portal.history import Event
from chapters.sim.errors import at_least

HOST = "127.0.0.1"
OTHER_FILES = 64  # what the interpreter has open besides the streams

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _open(port: int, *headers: str) -> Stream:
    incoming, out = await asyncio.open_connection(HOST, port)
    out.write("\r\n".join(("GET / HTTP/1.1", f"Host: {HOST}", *headers, "", "")).encode())
    return incoming, out


async def _listen(incoming: asyncio.StreamReader, last: int) -> tuple[int, bool]:
    """Return how many events arrive up to the one with the id `last`, and whether all are new."""
    count, whole = 0, True
    with contextlib.suppress(ConnectionError):  # cut off: it read too slowly
        async for line in incoming:
            count += line.startswith(b"id: ")
            whole = whole and line != b"event: reset\n"
            if line == f"id: {last}\n".encode():
                break
    return count, whole


@contextlib.asynccontextmanager
async def _served() -> AsyncIterator[tuple[EventServer, int, list[Stream]]]:
    """A server, its port, and the streams that were opened to it: all gone afterwards."""
    server = EventServer()
    port = await server.start(HOST, 0)
    streams: list[Stream] = []
    try:
        yield server, port, streams
    finally:  # Ctrl-C too
        for _, out in streams:
            out.transport.abort()
        await server.close()


async def _story(readers: int, events: int, away: int) -> None:
    async with _served() as (server, port, streams):
        for _ in range(readers):
            streams.append(await _open(port))
        while server.readers < readers:
            await asyncio.sleep(0.001)
        listening = [asyncio.create_task(_listen(incoming, events)) for incoming, _ in streams]
        for number in range(1, events + 1):
            server.publish(Event(number, "tick", {"number": number}))
            await asyncio.sleep(0)  # give way, as a real source does
        counts = [count for count, _ in await asyncio.gather(*listening)]
        print(f"{readers} readers, {events} events: each read {min(counts)} to {max(counts)}")
        streams.append(await _open(port, f"Last-Event-ID: {max(0, events - away)}"))
        count, whole = await _listen(streams[-1][0], events)
        told = "all that it missed" if whole else "told to start over, then what is still known"
        print(f"one comes back after {away} events: {told}, {count} events")


def _may_open(files: int) -> None:
    """Ask for that many open files at once; a stream within one process takes two of them."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < files:
        raise TooManyStreams(f"{files} open files are needed and {hard} allowed; try --readers 50")
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))


def demo(readers: int = 200, events: int = 100, away: int = 30) -> None:
    """Open many streams, publish, and let one reader come back after being away."""
    at_least(1, readers=readers, events=events)
    at_least(0, away=away)
    if readers >= READERS_MAX:
        raise UsageError(
            f"readers is {readers}; it must be below {READERS_MAX}, the server's bound"
        )
    _may_open(2 * readers + OTHER_FILES)
    asyncio.run(_story(readers, events, away))


if __name__ == "__main__":
    demo()
