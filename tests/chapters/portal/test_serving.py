"""The server announces itself when it can be used, and ends when it is asked to."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

HOST = "127.0.0.1"
SLOW = """
import time

def web():
    time.sleep(0.5)
    def application(environ, start_response):
        start_response("204 No Content", [])
        return []
    return application
"""
SERVE = """
import sys
from chapters.portal.serving import serve

serve("slow:web", "127.0.0.1", int(sys.argv[1]), on_ready=lambda url: print(url, flush=True))
"""


def test_a_server_is_announced_once_it_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", f"import sys; sys.path.append({str(tmp_path)!r})\n{SERVE}"]
    with subprocess.Popen([*command, str(port)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            assert server.stdout.readline() == f"http://{HOST}:{port}/\n"
            with socket.create_connection((HOST, port), timeout=10) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
                assert client.recv(100).startswith(b"HTTP/1.1 204")
        finally:
            server.send_signal(signal.SIGINT)
        assert server.wait(10) == 0


ENDLESS = """
import time

def web():
    print("getting ready", flush=True)
    time.sleep(60)
"""
BESIDE = """
import sys
from chapters.portal.serving import serve

helper = (sys.executable, "-c", "import time; time.sleep(60)")
serve("endless:web", "127.0.0.1", int(sys.argv[1]), beside=[helper], on_ready=print)
"""


def test_ctrl_c_ends_a_server_that_is_not_ready_yet_soon_and_silently(tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(ENDLESS)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", f"import sys; sys.path.append({str(tmp_path)!r})\n{BESIDE}"]
    with subprocess.Popen(
        [*command, str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as server:  # fmt: skip
        assert server.stdout
        assert server.stdout.readline() == "getting ready\n"
        os.killpg(server.pid, signal.SIGINT)
        assert server.wait(4) == 0, "sooner than a process is killed that does not end"
        assert server.stdout.read() == ""
