"""One event, many readers, one of them away for a while: nobody misses anything.

Page: docs/chapters/portal.md
"""

import asyncio

from chapters.portal.events import EventServer
from chapters.portal.history import Event

HOST = "127.0.0.1"


async def _open(port: int, *headers: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    incoming, out = await asyncio.open_connection(HOST, port)
    out.write("\r\n".join(("GET / HTTP/1.1", f"Host: {HOST}", *headers, "", "")).encode())
    return incoming, out


async def _listen(incoming: asyncio.StreamReader, last: int) -> tuple[int, bool]:
    """Return how many events arrive up to the one with the id `last`, and whether all are new."""
    count, whole = 0, True
    async for line in incoming:
        count += line.startswith(b"id: ")
        whole = whole and line != b"event: reset\n"
        if line == f"id: {last}\n".encode():
            break
    return count, whole


async def _story(readers: int, events: int, away: int) -> None:
    server = EventServer()
    port = await server.start(HOST, 0)
    streams = [await _open(port) for _ in range(readers)]
    while server.readers < readers:
        await asyncio.sleep(0.001)
    listening = [asyncio.create_task(_listen(incoming, events)) for incoming, _ in streams]
    for number in range(1, events + 1):
        server.publish(Event(number, "tick", {"number": number}))
        await asyncio.sleep(0)  # give way, as a real source does
    counts = [count for count, _ in await asyncio.gather(*listening)]
    print(f"{readers} readers, {events} events: each read {min(counts)} to {max(counts)} of them")
    streams.append(await _open(port, f"Last-Event-ID: {max(0, events - away)}"))
    count, whole = await _listen(streams[-1][0], events)
    told = "all that it missed" if whole else "told to start over, then what is still known"
    print(f"one comes back after {away} events: {told}, {count} events")
    await server.close()
    for _, out in streams:
        out.close()


def demo(readers: int = 200, events: int = 100, away: int = 30) -> None:
    """Open many streams, publish, and let one reader come back after being away."""
    asyncio.run(_story(readers, events, away))


if __name__ == "__main__":
    demo()
