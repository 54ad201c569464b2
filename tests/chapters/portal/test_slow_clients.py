"""A real server, four requests at once, and hundreds who send or read nothing, or next to nothing."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ports import free_ports
from tests.waiting import until

HOST = "127.0.0.1"
CLIENTS = 200
TIMEOUT_S = 60
LONG_BYTES = 64 * 1024 * 1024
APP = """
def web():
    def application(environ, start_response):
        if environ["PATH_INFO"] == "/long":
            start_response("200 OK", [("Content-Length", str(64 << 20))])
            return (bytes(1 << 20) for _ in range(64))
        size = 0
        while piece := environ["wsgi.input"].read(100_000):
            size += len(piece)
        start_response("200 OK", [("Content-Length", str(len(str(size))))])
        return [str(size).encode()]
    return application
"""
SERVE = """
import sys
from chapters.portal.serving import serve

serve("application:web", "127.0.0.1", int(sys.argv[1]), at_once=4, still_s_max=float(sys.argv[2]),
      on_ready=lambda url: print(url, flush=True))
"""
POST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"


class Server:
    def __init__(self, folder: Path, still_s_max: float) -> None:
        (folder / "application.py").write_text(APP)
        self.port = free_ports()
        code = f"import sys; sys.path.append({str(folder)!r})\n{SERVE}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(self.port), str(still_s_max)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        assert self.process.stdout.readline(), "the server does not start"

    def client(self, data: bytes) -> socket.socket:
        made = socket.create_connection((HOST, self.port), timeout=TIMEOUT_S)
        made.sendall(data)
        return made

    def get(self, path: str = "/") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT_S)
        connection.request("GET", path)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def gives_all_of_it(self) -> bool:
        try:
            return self.get("/long") == (200, bytes(LONG_BYTES))
        except (OSError, http.client.HTTPException):
            return False

    def stop(self) -> int:
        self.process.terminate()
        assert self.process.stdout
        self.process.stdout.close()
        return self.process.wait(TIMEOUT_S)


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Server]:
    """One that hangs up on nobody while the test lasts."""
    server = Server(tmp_path, 600)
    yield server
    server.stop()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, 4)
    yield server
    server.stop()


def is_ended(client: socket.socket) -> bool:
    """Wait until the server has hung up."""
    try:
        while client.recv(1 << 20):
            pass
    except ConnectionError:
        pass
    return True


def upload_steadily(server: Server, seconds: float) -> bytes:
    """Send 50 KB a second for so long; return the answer."""
    pieces = int(seconds * 10)
    with server.client(POST % (pieces * 5_000)) as client:
        for _ in range(pieces):
            client.sendall(bytes(5_000))
            time.sleep(0.1)  # the pace of a slow line, nothing that is waited for
        return client.recv(1_000)


def test_a_get_is_answered_while_200_bodies_come_a_byte_at_a_time(patient: Server) -> None:
    with ExitStack() as open_ones:
        slow = [open_ones.enter_context(patient.client(POST % 300)) for _ in range(CLIENTS)]
        for _ in range(3):
            for client in slow:
                client.sendall(b"x")
            assert patient.get() == (200, b"0")
        for client in slow:
            client.sendall(b"x" * 297)
        assert all(client.recv(1_000).endswith(b"\r\n\r\n300") for client in slow)


def test_a_get_is_answered_while_long_uploads_stall(patient: Server) -> None:
    with ExitStack() as open_ones:
        for _ in range(CLIENTS):
            open_ones.enter_context(patient.client(POST % 1_000_000 + bytes(100_000)))
        assert patient.get() == (200, b"0")


def test_a_get_is_answered_while_nobody_reads_what_he_asked_for(patient: Server) -> None:
    asks = b"GET /long HTTP/1.1\r\nHost: here\r\n\r\n"
    with ExitStack() as open_ones:
        for _ in range(CLIENTS):
            open_ones.enter_context(patient.client(asks))
        assert patient.get() == (200, b"0")
    assert until(
        lambda: patient.get("/long")[1] == bytes(LONG_BYTES)
    )  # they gave their places back


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells on Linux")
def test_who_stalls_is_hung_up_on_and_a_slow_steady_upload_is_not(strict: Server) -> None:
    with ExitStack() as open_ones:
        slow = [open_ones.enter_context(strict.client(POST % 300 + b"x")) for _ in range(CLIENTS)]
        slow += [
            open_ones.enter_context(strict.client(POST % 1_000_000 + bytes(100_000)))
            for _ in range(3)
        ]
        assert upload_steadily(strict, 6).endswith(b"\r\n\r\n300000")
        assert all(map(is_ended, slow))
    assert strict.get() == (200, b"0")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells on Linux")
def test_readers_who_take_nothing_are_hung_up_on(strict: Server) -> None:
    asks = b"GET /long HTTP/1.1\r\nHost: here\r\n\r\n"
    with ExitStack() as open_ones:
        readers = [open_ones.enter_context(strict.client(asks)) for _ in range(4)]
        for each in readers:
            until(lambda each=each: each.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        assert until(strict.gives_all_of_it)  # they gave their places back


def test_a_chunked_body_without_end_takes_no_place(patient: Server) -> None:
    head = b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
    with ExitStack() as open_ones:
        slow = [
            open_ones.enter_context(patient.client(head + b"1\r\nx\r\n")) for _ in range(CLIENTS)
        ]
        assert patient.get() == (200, b"0")
        slow[0].sendall(b"2\r\nyz\r\n0\r\n\r\n")
        assert slow[0].recv(1_000).endswith(b"\r\n\r\n3")


def test_requests_in_one_piece_are_answered_in_order(patient: Server) -> None:
    with patient.client(b"".join(POST % size + bytes(size) for size in range(10, 60))) as client:
        data = b""
        while not data.endswith(b"\r\n\r\n59"):
            data += client.recv(100_000)
    answers = [each.rpartition(b"\r\n\r\n")[2] for each in data.split(b"HTTP/1.1 ")[1:]]
    assert [json.loads(each) for each in answers] == list(range(10, 60))


def test_a_head_beyond_the_limit_is_refused(patient: Server) -> None:
    head = b"GET / HTTP/1.1\r\nHost: here\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"
    with socket.create_connection((HOST, patient.port), timeout=TIMEOUT_S) as client:
        try:
            client.sendall(head)
            answer = client.recv(1_000)
        except ConnectionError:  # it hung up before it had all
            answer = b""
        assert not answer or answer.startswith(b"HTTP/1.1 431")
    assert patient.get() == (200, b"0")


@pytest.mark.slow
def test_who_asks_for_nothing_is_hung_up_on(patient: Server) -> None:
    with patient.client(b"") as silent, patient.client(b"GET / HTTP/1.1\r\nHo") as half:
        assert is_ended(silent)
        assert is_ended(half)


def test_a_server_with_slow_clients_ends_when_it_is_asked_to(patient: Server) -> None:
    with patient.client(POST % 300 + b"x"), patient.client(POST % 1_000_000 + bytes(100_000)):
        assert patient.get() == (200, b"0")
        patient.process.terminate()
        assert patient.process.wait(TIMEOUT_S) in (0, -15)
