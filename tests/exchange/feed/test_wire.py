"""The feed between processes: real datagrams to a group on loopback, real questions over TCP."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from random import Random

import pytest

from chapters.errors import UsageError
from chapters.sim.real import RealDisk, WallClock
from exchange.errors import BadFeed, BadRecord, NoMulticast
from exchange.feed.app import Listening, begin
from exchange.feed.packets import Packet, pack
from exchange.feed.recovery import Ask
from exchange.feed.show import facts, text
from exchange.feed.source import Source
from exchange.feed.subscriber import Subscriber
from exchange.feed.view import View
from exchange.feed.wire import Sender, ask, read_lines, receiver, recovery_of
from exchange.feed.world import SYMBOLS, market, same_books
from exchange.sequencer import Sequencer
from tests.ports import free_ports

GROUP = "239.192.77.1"
WAIT_S = 30


def multicast_works():
    line = (GROUP, free_ports())
    try:
        heard, sender = receiver(line), Sender([line])
        heard.setblocking(True)
        heard.settimeout(2)
        sender.send(b"x")
        heard.recv(10)
        heard.close(), sender.close()
    except (OSError, NoMulticast):
        return False
    return True


HOST = GROUP if multicast_works() else "127.0.0.1"


@pytest.fixture
def exchange(tmp_path):
    with RealDisk(tmp_path) as disk:
        yield Sequencer(clock=WallClock(), disk=disk, symbols=SYMBOLS)


@contextmanager
def publisher(folder, port):
    """A publisher in a process of its own."""
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "chapters.cli", "exchange", "publish", str(folder)),
            *("--feed", f"{HOST}:{port}"),
        ]
    )
    try:
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port + 1), timeout=1).close()
                break
            except OSError:
                assert child.poll() is None and time.monotonic() < deadline
                time.sleep(0.02)
        yield child
    finally:
        child.kill()
        child.wait()


async def until(condition):
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


def submitted(exchange, commands, count):
    exchange.submit([next(commands) for _ in range(count)])


def test_a_listener_follows_a_publisher_that_is_killed_and_begins_again(exchange, tmp_path):
    port, commands = free_ports(1), market(Random(6), 10_000)
    submitted(exchange, commands, 300)

    async def play():
        listening = Listening([(HOST, port)], ("127.0.0.1", port + 1))
        heard = asyncio.create_task(listening.run())
        subscriber = listening.subscriber

        def is_equal():
            view = View(exchange.replica.engine)
            return subscriber.is_whole and same_books(view, subscriber)

        with publisher(tmp_path, port):
            await until(is_equal)
            for _ in range(20):
                submitted(exchange, commands, 50)
                await asyncio.sleep(0)
            await until(is_equal)
        number, session = subscriber.expected, subscriber.session
        submitted(exchange, commands, 500)  # while nobody publishes
        with publisher(tmp_path, port):
            submitted(exchange, commands, 50)
            await until(is_equal)
        assert subscriber.session == session and subscriber.expected > number
        assert subscriber.expected == begin(tmp_path)[1].number + 1
        heard.cancel()

    asyncio.run(play())


def test_two_publishers_of_one_journal_are_two_lines_and_one_may_die(exchange, tmp_path):
    first, second, commands = free_ports(1), free_ports(1), market(Random(8), 10_000)
    submitted(exchange, commands, 200)

    async def play():
        listening = Listening([(HOST, first), (HOST, second)], ("127.0.0.1", second + 1))
        heard = asyncio.create_task(listening.run())
        subscriber = listening.subscriber

        def is_equal():
            return subscriber.is_whole and same_books(View(exchange.replica.engine), subscriber)

        with publisher(tmp_path, second):
            with publisher(tmp_path, first):
                await until(is_equal)
                submitted(exchange, commands, 300)
                await until(lambda: is_equal() and subscriber.counts["repeated"])
            submitted(exchange, commands, 300)
            await until(is_equal)
        assert subscriber.expected == begin(tmp_path)[1].number + 1
        heard.cancel()

    asyncio.run(play())


def test_another_journal_is_another_session_and_the_listener_begins_anew(tmp_path):
    port = free_ports(1)

    async def play():
        listening = Listening([(HOST, port)], ("127.0.0.1", port + 1))
        heard, sessions = asyncio.create_task(listening.run()), []
        for name, count in (("first", 400), ("second", 100)):
            with RealDisk(tmp_path / name) as disk:
                exchange = Sequencer(clock=WallClock(), disk=disk, symbols=SYMBOLS)
                submitted(exchange, market(Random(len(name)), 1_000), count)
                view = View(exchange.replica.engine)
                with publisher(tmp_path / name, port):
                    await until(lambda view=view: same_books(view, listening.subscriber))
            sessions.append(listening.subscriber.session)
        assert sessions == sorted(set(sessions)) and len(sessions) == 2
        heard.cancel()

    asyncio.run(play())


def test_what_was_missed_is_answered_over_tcp_and_nonsense_is_not(exchange, tmp_path):
    port, commands = free_ports(1), market(Random(6), 1_000)
    submitted(exchange, commands, 400)
    recovery = ("127.0.0.1", port + 1)
    with publisher(tmp_path, port):
        first, *_ = asyncio.run(ask(recovery, Ask(5, 10)))
        assert first.number == 5 and len(first.messages) == 10
        assert asyncio.run(ask(recovery, Ask(10**9, 10))).number > 0  # a snapshot instead
        with socket.create_connection(recovery, timeout=WAIT_S) as line:
            line.sendall(b"?" * 13)
            assert line.recv(100) == b""


def test_the_command_shows_the_books_of_a_real_feed(exchange, tmp_path):
    port = free_ports(1)
    submitted(exchange, market(Random(6), 1_000), 400)
    with publisher(tmp_path, port):
        listen = [sys.executable, "-m", "chapters.cli", "exchange", "listen", f"{HOST}:{port}"]
        said = subprocess.run(
            [*listen, "--seconds", "2", "--json"], capture_output=True, text=True, check=True
        )
    found = json.loads(said.stdout)
    assert found["is_whole"] and [book["symbol"] for book in found["books"]] == list(SYMBOLS)
    view = View(exchange.replica.engine)
    for book in found["books"]:
        ours = [(level.quantity, level.orders) for level in view.books[book["symbol"]].depth(1, 5)]
        assert [tuple(level[1:]) for level in book["bids"]] == ours


def test_who_hears_nothing_or_gets_no_snapshot_is_told_why():
    silent = Subscriber()
    assert "kit serve exchange --feed" in text(silent, 5) and facts(silent, 5)["message"] == 0
    silent.hear(0, Packet("s", 9, (b"m",)))
    assert "--recovery" in text(silent, 5) and not facts(silent, 5)["is_whole"]


def test_datagrams_that_are_no_packets_are_counted_and_do_no_harm():
    port = free_ports()

    async def play():
        listening = Listening([(HOST, port)], ("127.0.0.1", port))
        heard = asyncio.create_task(listening.run())
        sender = Sender([(HOST, port)])
        await asyncio.sleep(0)
        for data in (b"", b"nonsense", pack(Packet("s", 1, (b"m",)))[:-1]):
            sender.send(data)
        await until(lambda: listening.bad >= 2)
        heard.cancel()
        sender.close()

    asyncio.run(play())


def test_an_address_that_is_none_is_refused_by_name_and_with_an_example():
    assert read_lines("239.1.1.1:9,239.1.1.2:9", "--feed") == [("239.1.1.1", 9), ("239.1.1.2", 9)]
    assert recovery_of([("239.1.1.1", 9)], "") == ("127.0.0.1", 10)
    for word in ("", "239.1.1.1", "nowhere:9", "239.1.1.1:0", "239.1.1.1:99999", "239.1.1.1:x"):
        with pytest.raises(UsageError, match=r"--feed: .* 239\.192\.0\.1:26400"):
            read_lines(word, "--feed")


def test_an_address_of_another_machine_cannot_be_listened_at():
    with pytest.raises(NoMulticast, match=r"127\.0\.0\.1:26400 does for one"):
        receiver(("192.0.2.1", 26400))


def test_an_answer_that_breaks_off_is_told():
    async def play():
        async def rude(incoming, out):
            await incoming.readexactly(13)
            out.write(b"R" + b"x" * 5)
            out.close()

        async with await asyncio.start_server(rude, "127.0.0.1", 0) as server:
            with pytest.raises(BadFeed, match="ends after"):
                await ask(server.sockets[0].getsockname(), Ask(1, 1))

    asyncio.run(play())


def test_numbers_count_from_the_first_command_or_not_at_all(exchange, tmp_path):
    submitted(exchange, market(Random(6), 100), 100)
    exchange.snapshot()
    first, *_ = sorted(tmp_path.glob("snapshot-*"))
    first.write_bytes(b"rotten")
    with RealDisk(tmp_path) as disk, pytest.raises(BadRecord, match="restore the journal"):
        Source(disk=disk)


def test_a_server_with_a_bad_feed_address_says_so_in_one_line():
    serve = [
        sys.executable,
        "-m",
        "chapters.cli",
        "serve",
        "exchange",
        "--port",
        str(free_ports(1)),
    ]
    said = subprocess.run([*serve, "--feed", "nowhere"], capture_output=True, text=True)
    assert said.returncode == 2 and len(said.stderr.strip().splitlines()) == 1
    assert "--feed" in said.stderr and "239.192.0.1:26400" in said.stderr


@pytest.mark.slow
def test_a_server_publishes_its_market_to_a_group():
    page, port = free_ports(1), free_ports(1)
    kit = [sys.executable, "-m", "chapters.cli"]
    serve = [*kit, "serve", "exchange", "--port", str(page), "--feed", f"{HOST}:{port}"]
    server = subprocess.Popen(serve, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + WAIT_S
        while True:
            listen = [*kit, "exchange", "listen", f"{HOST}:{port}", "--seconds", "1", "--json"]
            said = subprocess.run(listen, capture_output=True, text=True, check=True)
            found = json.loads(said.stdout)
            if found["is_whole"] and found["books"]:
                break
            assert time.monotonic() < deadline, found
        assert found["books"][0]["bids"] and found["books"][0]["asks"]
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(WAIT_S)
