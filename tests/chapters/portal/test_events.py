"""Many readers of one stream: each gets its events, none costs more than its bound."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from chapters.errors import KitError, UsageError
from chapters.portal import Event, EventServer, History, events, polled, serve, story, streams
from chapters.portal.errors import CannotListen, NoSuchPort, PortInUse, refusal
from chapters.portal.events import QUEUE_EVENTS_MAX, Reader
from chapters.portal.serving import must_be_free
from chapters.portal.streams import REQUEST_BYTES_MAX

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


def test_a_full_queue_breaks_the_connection_off() -> None:
    broken: list[bool] = []
    reader = Reader(lambda: broken.append(True))
    for number in range(QUEUE_EVENTS_MAX):
        reader.offer(b"%d" % number)
    assert not reader.ended and not broken
    reader.offer(b"one too many")
    assert reader.ended and broken == [True]


def test_after_the_end_nothing_more_is_queued() -> None:
    reader = Reader(lambda: None)
    reader.offer(None)
    reader.offer(b"later")
    assert reader.queue.qsize() == 1 and reader.queue.get_nowait() is None


def idle(port: int) -> socket.socket:
    """A client that asks for the stream, and never reads it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.connect((HOST, port))
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    return client


def test_readers_that_do_not_read_are_cut_off_and_make_room_for_others() -> None:
    async def story() -> None:
        async with server(readers_max=5) as (events, port):
            clients = [idle(port) for _ in range(5)]
            await eventually(lambda: events.readers == 5)

            def gone() -> bool:
                for _ in range(50):
                    events.publish(Event(_next(events).id, "tick", "x" * 50_000))
                return events.readers == 0

            await eventually(gone)
            incoming, _ = await connect(port)
            assert (await until(incoming, "\r\n\r\n")).startswith("HTTP/1.1 200 ")
            for client in clients:
                client.close()

    run(story)


def test_one_that_takes_nothing_is_let_go_though_its_queue_has_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "SEND_S_MAX", 0.05)

    async def story() -> None:
        async with server() as (events, port):
            with idle(port):
                await eventually(lambda: events.readers == 1)
                for _ in range(20):  # more than the socket's buffers, less than the queue's bound
                    events.publish(Event(_next(events).id, "tick", "x" * 1_000_000))
                await eventually(lambda: events.readers == 0)

    run(story)


def test_closing_does_not_wait_for_a_reader_that_does_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "CLOSE_S_MAX", 0.05)

    async def story() -> None:
        async with server() as (events, port):
            with idle(port):
                await eventually(lambda: events.readers == 1)
                for _ in range(20):
                    events.publish(Event(_next(events).id, "tick", "x" * 1_000_000))
                await asyncio.wait_for(events.close(), 5)
                assert events.readers == 0

    run(story)


def test_closing_sends_what_is_queued_first() -> None:
    async def story() -> None:
        async with server() as (events, port):
            incoming, _ = await connect(port)
            await eventually(lambda: events.readers == 1)
            for number in range(100):
                events.publish(Event(number, "tick", number))
            await events.close()
            assert b"id: 99\n" in await asyncio.wait_for(incoming.read(), WAIT_S)

    run(story)


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


@pytest.mark.parametrize("port", [-1, 65_536, 99_999_999])
def test_a_number_that_is_no_port_is_bad_input(port: int) -> None:
    for listen in (lambda: must_be_free(HOST, port), lambda: listening(HOST, port)):
        with pytest.raises(NoSuchPort, match=f"port {port} cannot be used: choose one from 1 to"):
            listen()


def listening(host: str, port: int) -> None:
    async def story() -> None:
        server = EventServer()
        await server.start(host, port)
        await server.close()

    run(story)


def test_a_page_says_that_port_0_cannot_be_used() -> None:
    with pytest.raises(UsageError, match="port 0 cannot be used"):
        must_be_free(HOST, 0)


def test_a_second_port_must_exist_too() -> None:
    with pytest.raises(NoSuchPort, match=r"the one after it is needed too, .* 1 to 65534"):
        must_be_free(HOST, 65_535, ports=2)


def test_the_second_port_must_be_free_too() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port ({port - 1}|{port}) on"):  # others test as well
            must_be_free(HOST, port - 1, ports=2)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b", "x" * 70, "192.0.2.1"])
def test_a_host_that_is_not_ours_is_not_called_a_port_in_use(host: str) -> None:
    for listen in (lambda: must_be_free(host, 8_000), lambda: listening(host, 0)):
        with pytest.raises(CannotListen, match=f"host '{host}' is no address of this machine"):
            listen()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "x"), "port 80 needs more rights than you have"),
        (OSError(24, "x"), "nothing can listen at h, port 80: Too many open files"),
    ],
)
def test_other_refusals_are_told_as_they_are(error: OSError, message: str) -> None:
    told: KitError = refusal("h", 80, error)
    assert str(told).startswith(message)


@pytest.mark.parametrize("knobs", [{"readers": 0}, {"readers": 1_000}, {"events": 0}, {"away": -1}])
def test_the_knobs_of_the_demonstration_are_bounded(knobs: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        story.demo(**knobs)


def test_ctrl_c_ends_the_demonstration_at_once() -> None:
    program = (
        "from chapters.portal import story\n"
        "print(1, flush=True)\n"
        "try: story.demo(readers=100, events=1_000_000)\n"
        "except KeyboardInterrupt: print('stopped')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)  # it is in the midst of it
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=WAIT_S)
    assert (printed, errors) == (b"stopped\n", b"")


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
