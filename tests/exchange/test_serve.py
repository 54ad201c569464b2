"""The real server: its two processes, a browser at its page, a full queue, a kill -9."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chapters.sim import Chance, SimDisk, VirtualClock
from exchange.app import Exchange
from exchange.breaking.killing import kill, order
from exchange.errors import Halted, Unacknowledged
from exchange.orders import Accepted
from exchange.sequencer import Sequencer
from tests.waiting import until


def free_ports() -> int:
    """A port that is free, and the one after it too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


class Server:
    def __init__(self, folder: Path, *words: str) -> None:
        self.port = free_ports()
        self.command = [
            *(sys.executable, "-m", "chapters.cli", "serve", "exchange", "--port", str(self.port)),
            *("--folder", str(folder), "--per-second", "0", *words),
        ]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.get("/api/status")
                socket.create_connection(("127.0.0.1", self.port + 1), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, self.process.communicate()
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.05)

    def get(self, path: str):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return json.load(answer)

    def enter(self, **fields):
        body = {"account": 1, "symbol": "ACME", "side": "buy", "quantity": 10, "price": "10.00"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/orders", json.dumps(body | fields).encode()
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    if server.process.poll() is None:
        server.stop()
    server.process.stdout.close()


def test_an_order_is_on_the_public_feed_and_ctrl_c_leaves_no_process(server):
    events = urllib.request.urlopen(f"http://127.0.0.1:{server.port + 1}/", timeout=20)
    server.enter(client_id="a")
    server.enter(client_id="b", account=2, side="sell")
    seen = []
    while not {"trade", "depth"} <= set(seen):
        line = events.readline().decode()
        if line.startswith("event: "):
            seen.append(line.removeprefix("event: ").strip())
    events.close()
    assert server.stop() in (0, 130)
    for port in (server.port, server.port + 1):
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1)


@pytest.mark.slow
def test_a_killed_server_comes_back_with_every_acknowledged_order(server):
    numbers = [server.enter(client_id=str(n))["order_id"] for n in range(20)]
    before = server.get("/api/status")
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    server.process.stdout.close()
    server.start()
    after = server.get("/api/status")
    assert after["state_hash"] == before["state_hash"]
    assert server.get("/api/orders?account=1&client_id=19")["order_id"] == numbers[-1]


def test_a_port_in_use_is_one_line_and_exit_code_two(server):
    second = subprocess.run(server.command, capture_output=True, text=True, timeout=60)
    assert second.returncode == 2
    assert "in use" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_a_second_server_on_the_same_folder_is_refused(server, tmp_path):
    command = [*server.command[: server.command.index("--port")], "--folder", str(tmp_path)]
    port = str(free_ports())
    second = subprocess.run(
        [*command, "--port", port], capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode == 2
    assert "in use by another process" in second.stderr


@pytest.mark.slow
def test_nothing_of_a_server_outlives_its_kill(server):
    server.process.kill()
    server.process.wait(30)
    deadline = time.monotonic() + 30
    for port in (server.port, server.port + 1):
        while somebody_listens_at(port):
            assert time.monotonic() < deadline, f"somebody still listens at {port}"
            time.sleep(0.1)


def somebody_listens_at(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_ctrl_c_for_the_whole_group_ends_an_idle_server(server):
    os.killpg(server.process.pid, signal.SIGINT)
    assert server.process.wait(30) in (0, 130)


def test_an_order_in_chunks_is_an_order(server):
    fields = {"account": 1, "client_id": "c", "symbol": "ACME", "side": "buy"}
    body = json.dumps(fields | {"quantity": 1, "price": "1.00"}).encode()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request(
        *("POST", "/api/orders", iter([body[:30], body[30:]])),
        headers={"Transfer-Encoding": "chunked"},
        encode_chunked=True,
    )
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    assert json.load(answer)["status"] == "accepted"
    connection.close()


@pytest.mark.slow
def test_a_browser_trades_on_the_page_and_asks_no_other_host(server, browser):
    asked, errors = [], []
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"http://127.0.0.1:{server.port}/")
    server.enter(client_id="a", side="sell", account=2, quantity=30, price="10.00")
    until(lambda: "10.00" in page.inner_text("body"))
    page.fill("[name=quantity]", "5")
    page.fill("[name=price]", "10.00")
    page.click("text=Place the order")
    until(lambda: "filled" in page.inner_text("#answers"))
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    page.close()
    assert not errors
    assert not wide, "the page scrolls sideways on a phone"
    assert all(url.startswith("http://127.0.0.1:") for url in asked)
    assert server.get("/api/trades/ACME")["trades"][0]["quantity"] == 5


def simulated(disk):
    return Exchange(Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"]))


def test_after_a_failed_sync_the_exchange_halts_and_says_so():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    exchange = simulated(disk)
    disk.fail_syncs()
    with pytest.raises(Unacknowledged):
        exchange.enter(order(0, 7))
    with pytest.raises(Halted, match="takes no orders"):
        exchange.enter(order(1, 7))
    assert exchange.status()["halted"]
    exchange.close()


def test_a_full_queue_is_refused_at_once(monkeypatch):
    monkeypatch.setattr("exchange.app.WAITING_MAX", 3)
    at_sync, go_on = threading.Event(), threading.Event()

    class SlowDisk(SimDisk):
        def sync(self, name):
            at_sync.set()
            assert go_on.wait(30)
            super().sync(name)

    go_on.set()
    exchange = simulated(SlowDisk(rng=Chance(1).stream("disk")))
    at_sync.clear(), go_on.clear()
    futures = [exchange.enter_soon(order(0, 7))]
    assert at_sync.wait(30)
    futures += [exchange.enter_soon(order(number, 7)) for number in range(1, 4)]
    with pytest.raises(Halted, match="waiting"):
        exchange.enter_soon(order(4, 7))
    go_on.set()
    assert [future.result(30).sequence for future in futures] == [1, 2, 3, 4]
    exchange.close()
    with pytest.raises(Halted, match="closing"):
        exchange.enter(order(5, 7))


def test_orders_of_one_name_from_many_threads_are_entered_once():
    exchange = simulated(SimDisk(rng=Chance(1).stream("disk")))
    with ThreadPoolExecutor(16) as clients:
        done = list(clients.map(lambda _: exchange.enter(order(1, 7)), range(200)))
    assert sum(isinstance(each.events[0], Accepted) for each in done) == 1
    exchange.close()


def test_kill_loses_nothing_and_repeats_nothing():
    assert kill(rounds=4, seed=11).held


@pytest.mark.slow
def test_kill_holds_again_and_again():
    assert kill(rounds=30, seed=3).held
