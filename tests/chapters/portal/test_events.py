"""Many readers of one stream: each gets its events, none costs more than its bound."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from chapters.portal import Event, EventServer, History, polled, serve
from chapters.portal.errors import PortInUse
from chapters.portal.events import QUEUE_EVENTS_MAX, REQUEST_BYTES_MAX, Reader

WAIT_S = 20
HOST = "127.0.0.1"


@asynccontextmanager
async def server(**options: object) -> AsyncIterator[tuple[EventServer, int]]:
    events = EventServer(**options)  # type: ignore[arg-type]
    port = await events.start(HOST, 0)
    try:
        yield events, port
    finally:
        await asyncio.wait_for(events.close(), WAIT_S)
        while OPEN:
            OPEN.pop().close()
        await asyncio.sleep(0)


OPEN: list[asyncio.StreamWriter] = []


async def connect(
    port: int, *headers: str, target: str = "/events", method: str = "GET"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    incoming, out = await asyncio.open_connection(HOST, port)
    OPEN.append(out)
    head = (f"{method} {target} HTTP/1.1", f"Host: {HOST}", *headers, "", "")
    out.write("\r\n".join(head).encode())
    return incoming, out


async def until(incoming: asyncio.StreamReader, mark: str) -> str:
    return (await asyncio.wait_for(incoming.readuntil(mark.encode()), WAIT_S)).decode()


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 60))  # type: ignore[arg-type]


def test_two_hundred_readers_get_their_first_event() -> None:
    async def story() -> None:
        async with server() as (events, port):
            streams = [await connect(port) for _ in range(200)]
            await eventually(lambda: events.readers == 200)
            events.publish(Event(1, "trade", {"price": "10.00"}))
            for incoming, out in streams:
                assert 'event: trade\ndata: {"price":"10.00"}' in await until(incoming, '"}\n\n')
                out.close()

    run(story)


def test_a_reader_that_comes_back_gets_what_it_missed_and_nothing_twice() -> None:
    async def story() -> None:
        async with server() as (events, port):
            for number in range(1, 6):
                events.publish(Event(number, "tick", number))
            for headers, target in [
                (("Last-Event-ID: 3",), "/events"),
                ((), "/events?last_event_id=3"),
            ]:
                incoming, out = await connect(port, *headers, target=target)
                text = await until(incoming, "id: 5\nevent: tick\ndata: 5\n\n")
                assert "id: 4\n" in text and "id: 3\n" not in text and "reset" not in text
                out.close()

    run(story)


def test_a_reader_that_was_away_too_long_is_told_to_start_over() -> None:
    async def story() -> None:
        async with server(history_max=4) as (events, port):
            for number in range(1, 30):
                events.publish(Event(number, "tick", number))
            incoming, out = await connect(port, "Last-Event-ID: 2")
            text = await until(incoming, "data: 29\n\n")
            assert text.index("event: reset") < text.index("event: tick")
            out.close()

    run(story)


def test_a_reader_from_an_earlier_life_of_the_server_starts_over() -> None:
    history = History()
    history.add(Event(1, "tick", None))
    assert history.after(999)[0] is False


def test_history_never_holds_more_than_twice_its_capacity() -> None:
    history = History(capacity=10)
    for number in range(1_000):
        history.add(Event(number, "tick", None))
        assert len(list(history.after(-1)[1])) <= 20
    whole, events = history.after(990)
    assert whole and [event.id for event in events] == list(range(991, 1_000))


def test_ids_that_do_not_rise_are_refused() -> None:
    history = History()
    history.add(Event(5, "tick", None))
    with pytest.raises(AssertionError, match="must rise"):
        history.add(Event(5, "tick", None))


def test_one_reader_too_many_is_sent_away_and_may_come_back_later() -> None:
    async def story() -> None:
        async with server(readers_max=2) as (events, port):
            first = await connect(port)
            await connect(port)
            await eventually(lambda: events.readers == 2)
            incoming, _ = await connect(port)
            refusal = await until(incoming, "\r\n\r\n")
            assert refusal.startswith("HTTP/1.1 503 ") and "Retry-After: 2" in refusal
            first[1].close()
            await eventually(lambda: (events.publish(_next(events)), events.readers)[1] == 1)
            incoming, _ = await connect(port)
            assert (await until(incoming, "\r\n\r\n")).startswith("HTTP/1.1 200 ")

    run(story)


def _next(events: EventServer) -> Event:
    return Event(events._history.newest + 1, "tick", None)


def test_a_reader_that_does_not_read_is_cut_off_and_the_others_go_on() -> None:
    reader = Reader()
    for number in range(QUEUE_EVENTS_MAX):
        reader.offer(b"%d" % number)
    assert not reader.cut_off
    reader.offer(b"one too many")
    assert reader.cut_off and reader.queue.qsize() == 1 and reader.queue.get_nowait() is None
    reader.offer(b"later")
    assert reader.queue.empty()


def test_silence_is_filled_with_comments() -> None:
    async def story() -> None:
        async with server(heartbeat_s=0.01) as (_, port):
            incoming, out = await connect(port)
            await until(incoming, ": still here\n\n")
            out.close()

    run(story)


def test_the_page_may_come_from_another_port() -> None:
    async def story() -> None:
        async with server(origin="http://127.0.0.1:8000") as (_, port):
            incoming, _out = await connect(port)
            head = await until(incoming, "\r\n\r\n")
            assert "Access-Control-Allow-Origin: http://127.0.0.1:8000\r\n" in head
            assert "Content-Type: text/event-stream" in head

    run(story)


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\r\n\r\n", b"x" * 3 * REQUEST_BYTES_MAX])
def test_what_is_not_http_is_dropped(nonsense: bytes) -> None:
    async def story() -> None:
        async with server() as (events, port):
            incoming, out = await asyncio.open_connection(HOST, port)
            OPEN.append(out)
            out.write(nonsense)
            with suppress(ConnectionError):
                assert await asyncio.wait_for(incoming.read(), WAIT_S) == b""
            assert events.readers == 0

    run(story)


def test_other_methods_are_refused() -> None:
    async def story() -> None:
        async with server() as (_, port):
            incoming, _out = await connect(port, method="POST")
            assert (await until(incoming, "\r\n\r\n")).startswith("HTTP/1.1 405 ")

    run(story)


def test_closing_ends_every_stream() -> None:
    async def story() -> None:
        async with server() as (events, port):
            incoming, _out = await connect(port)
            await eventually(lambda: events.readers == 1)
        assert events.readers == 0
        await asyncio.wait_for(incoming.read(), WAIT_S)

    run(story)


def test_a_port_in_use_is_one_line() -> None:
    async def story() -> None:
        async with server() as (_, port):
            with pytest.raises(PortInUse, match=f"port {port} on {HOST} is in use; choose another"):
                await EventServer().start(HOST, port)

    run(story)


def test_a_source_that_ends_ends_the_server() -> None:
    async def story() -> None:
        async def three() -> AsyncIterator[Event]:
            for number in range(3):
                yield Event(number, "tick", None)

        await serve(HOST, 0, three())

    run(story)


def test_polling_yields_what_is_new() -> None:
    async def story() -> None:
        batches = iter([[Event(1, "a", None)], [], [Event(2, "b", None)]])
        names = []
        async for event in polled(lambda: next(batches), 0):
            names.append(event.name)
            if len(names) == 2:
                break
        assert names == ["a", "b"]

    run(story)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_without_a_traceback(number: signal.Signals) -> None:
    program = (
        "from chapters.portal import polled, serve_events\n"
        "serve_events('127.0.0.1', 0, polled(lambda: [], 0.01),"
        " on_ready=lambda port: print(port, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        os.kill(process.pid, number)
        _, errors = process.communicate(timeout=WAIT_S)
    assert (process.returncode, errors) == (0, b"")
