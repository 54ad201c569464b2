"""The board on real sockets: a reader who takes nothing holds up nobody, and then gets what is new."""

import asyncio
import contextlib
import json
import socket

from chapters.fanout import Hub
from chapters.portal.history import Event
from chapters.portal.streams import REQUEST_BYTES_MAX
from exchange.board.board import NAME, Board, key_of
from exchange.board.wire import serve_board


def depth(number, text=""):
    return Event(number, "depth", {"symbol": "ACME", "n": number, "text": text})


def trade(number):
    return Event(number, "trade", {"symbol": "ACME", "n": number})


class Busy:
    """A line that never drains."""

    def __init__(self):
        self.taken = []

    def send(self, chunk):
        self.taken.append(chunk)
        return False


def test_a_newer_picture_takes_the_place_of_an_older_one_of_the_same_symbol():
    assert key_of(depth(1)) == key_of(depth(2)) != key_of(trade(1))
    candles = [Event(1, "candle", {"symbol": "ACME", "interval": each}) for each in ("1s", "1m")]
    assert len(set(map(key_of, candles))) == 2


def test_a_reader_who_is_new_or_has_missed_trades_is_told_to_begin_anew():
    board = Board(kept=5)
    board.publish([trade(1), depth(2)])
    new, back, gone = Busy(), Busy(), Busy()
    board.hub.join(NAME, new)
    board.hub.join(NAME, back, "1")
    assert b"event: reset" in new.taken[0] and b"depth" in new.taken[0]
    assert b"trade" not in new.taken[0]
    assert b"reset" not in back.taken[0] and b"depth" in back.taken[0]
    board.publish(trade(number) for number in range(3, 30))
    board.hub.join(NAME, gone, "2")
    assert b"event: reset" in gone.taken[0]


def test_a_board_that_begins_again_knows_nobody_from_before():
    board, line = Board(forgotten=500), Busy()
    board.hub.join(NAME, line, "400")
    board.publish([trade(501)])
    assert b"reset" in b"".join(line.taken)


async def served(board, events):
    """Serve `board`; return its port, and what ends it."""
    ready = asyncio.get_running_loop().create_future()

    def poll():
        found, events[:] = list(events), []
        return found

    task = asyncio.create_task(
        serve_board("127.0.0.1", 0, board, poll, 0.005, on_ready=ready.set_result)
    )
    return await ready, task


async def ask(port, words=b"GET / HTTP/1.1"):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)  # or the kernel keeps megabytes
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
    incoming, out = await asyncio.open_connection(sock=made)
    out.write(words + b"\r\n\r\n")
    return incoming, out


async def next_data(incoming, name):
    async with asyncio.timeout(30):
        while await incoming.readline() != f"event: {name}\n".encode():
            pass
        return json.loads((await incoming.readline()).removeprefix(b"data: "))


def test_a_slow_reader_gets_every_trade_and_the_newest_picture_and_holds_up_nobody():
    async def play():
        board, events = Board(), []
        port, server = await served(board, events)
        slow, slow_out = await ask(port)
        fast, fast_out = await ask(port)
        await next_data(slow, "reset"), await next_data(fast, "reset")
        number = 0
        for _ in range(400):  # far more than the kernel's buffers hold
            events += [trade(number + 1), depth(number + 2, "x" * 20_000)]
            number += 2
            assert (await next_data(fast, "trade"))["n"] == number - 1
        assert (await next_data(fast, "depth"))["n"] == number
        pictures, trades = [], []
        while not trades or trades[-1] != number - 1 or pictures[-1] != number:
            line = await asyncio.wait_for(slow.readline(), 30)
            if line.startswith(b"data: ") and b'"n"' in line:
                found = json.loads(line.removeprefix(b"data: "))
                (pictures if "text" in found else trades).append(found["n"])
        assert trades == list(range(1, number, 2))
        assert pictures == sorted(pictures) and len(pictures) < 100
        for out in (slow_out, fast_out):
            out.close()
            await out.wait_closed()
        server.cancel()

    asyncio.run(play())


def test_what_is_no_question_for_a_stream_is_refused():
    async def play():
        port, server = await served(Board(), [])
        for words, status in ((b"POST / HTTP/1.1", b"405"), (b"nonsense", b"")):
            incoming, out = await ask(port, words)
            assert status in (await asyncio.wait_for(incoming.read(), 30)).split(b"\r\n")[0]
            out.close()
            await out.wait_closed()
        server.cancel()

    asyncio.run(play())


def test_a_reader_too_many_is_told_to_come_back_and_nothing_else():
    async def play():
        board = Board()
        board.hub = Hub(readers_max=1)
        board.hub.open(NAME)
        port, server = await served(board, [])
        first, first_out = await ask(port)
        assert (await first.readline()).startswith(b"HTTP/1.1 200 ")
        second, second_out = await ask(port)
        said = await asyncio.wait_for(second.read(), 30)
        assert said.startswith(b"HTTP/1.1 503 ") and said.count(b"HTTP/1.1") == 1
        assert b"Retry-After" in said
        for out in (first_out, second_out):
            out.close()
        server.cancel()

    asyncio.run(play())


def test_a_reader_who_has_all_there_is_hears_at_once_that_it_is_connected():
    async def play():
        board = Board(forgotten=500)
        board.publish([trade(501)])
        port, server = await served(board, [])
        reader, out = await ask(port, b"GET / HTTP/1.1\r\nLast-Event-ID: 501")
        assert (await asyncio.wait_for(reader.readline(), 30)).startswith(b"HTTP/1.1 200 ")
        out.close()
        server.cancel()

    asyncio.run(play())


def test_a_question_without_an_end_is_dropped_and_no_traceback_is_left():
    async def play():
        failed = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, told: failed.append(told))
        port, server = await served(Board(), [])
        reader, out = await ask(port, b"x" * 3 * REQUEST_BYTES_MAX)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 30) == b""
        out.close()
        server.cancel()
        assert not failed

    asyncio.run(play())
