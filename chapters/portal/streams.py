"""One connection of an event stream: what is asked, what is answered, and when somebody counts as gone.

    listen ──► request ──► refuse, or head and events ──► sent, again and again ──► finish

What every server of streams here shares, whatever it gives to a slow reader. Invariant: no peer is waited
for without an end. Source: RFC 9112; WHATWG HTML, §9.2 Server-sent events. Page: docs/chapters/portal.md
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chapters.portal.errors import PORT_MAX, NoSuchPort, refusal

REQUEST_BYTES_MAX = 8_192  # request line and headers; what common servers allow
REQUEST_S_MAX = 5.0  # a client that has not asked by then is not a browser
SEND_S_MAX = 10.0  # a client that takes nothing for that long has gone without saying so
HEARTBEAT_S = 15.0  # shorter than the idle time-outs of common proxies
BACKLOG = 100  # connections that the kernel holds until they are taken

STREAM = "Content-Type: text/event-stream; charset=utf-8"
AGAIN = "Retry-After: 2"  # seconds
BEAT = b": still here\n\n"


async def listen(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]],
    host: str,
    port: int,
    *,
    backlog: int = BACKLOG,
    option: str = "--port",
) -> asyncio.Server:
    """Return a server that listens at `port` (a free one for 0), which was chosen by `option`.

    Raises `NoSuchPort`, `PortInUse` where somebody listens already, else `CannotListen`.
    """
    if not 0 <= port <= PORT_MAX:
        raise NoSuchPort(port, option=option)
    try:
        return await asyncio.start_server(
            serve, host, port, limit=REQUEST_BYTES_MAX, backlog=backlog
        )
    except (OSError, UnicodeError) as error:
        raise refusal(host, port, error, option) from error


def port_of(server: asyncio.Server) -> int:
    """Return the port that a server listens at."""
    return int(server.sockets[0].getsockname()[1])


def head(status: HTTPStatus, *headers: str, origin: str = "*") -> bytes:
    """Return the head of an answer that pages of `origin` may read."""
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Access-Control-Allow-Origin: {origin}",
        "Cache-Control: no-store",
        "Connection: close",
        *headers,
    )
    return "\r\n".join((*lines, "", "")).encode()


async def refuse(
    out: asyncio.StreamWriter, status: HTTPStatus, header: str, *, origin: str = "*"
) -> None:
    """Answer with a `status`, and close the connection."""
    out.write(head(status, header, "Content-Length: 0", origin=origin))
    await finish(out)


async def sent(out: asyncio.StreamWriter) -> None:
    """Wait until the client has taken most of what was written, `SEND_S_MAX` at most."""
    async with asyncio.timeout(SEND_S_MAX):
        await out.drain()


async def finish(out: asyncio.StreamWriter) -> None:
    """Close the connection once the client has taken all of it, `SEND_S_MAX` at most."""
    out.close()
    async with asyncio.timeout(SEND_S_MAX):
        await out.wait_closed()


async def request(incoming: asyncio.StreamReader) -> tuple[str, str, dict[str, str]]:
    """Return method, target and headers (names in lower case) of a request. Raises `ValueError`."""
    try:
        whole = await incoming.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise ValueError(f"a request of more than {REQUEST_BYTES_MAX} bytes") from error
    first, *rest = whole.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ")
    pairs = (line.partition(":") for line in rest if line)
    return method, target, {name.strip().lower(): value.strip() for name, _, value in pairs}


def last_seen(target: str, headers: dict[str, str]) -> int | None:
    """The id that a returning reader names: a header from a browser that reconnects by itself,
    `?last_event_id=` from a page that opened a new stream. None for a new reader."""
    query = parse_qs(urlsplit(target).query)
    named = headers.get("last-event-id") or query.get("last_event_id", [""])[0]
    return int(named) if named.isascii() and named.isdigit() else None


def end_when_told() -> None:
    """Let SIGINT and SIGTERM cancel the present task."""
    task = asyncio.current_task()
    assert task is not None
    for name in (signal.SIGINT, signal.SIGTERM):
        # Not on Windows, not in a thread.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)
