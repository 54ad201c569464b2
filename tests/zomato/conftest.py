"""The whole service, as `kit serve zomato` starts it."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.ports import free_ports


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The page's address; the gateway is at the next port."""
    port = free_ports(1)
    command = [sys.executable, "-m", "chapters.cli", "serve", "zomato", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None and "open http" in server.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 130
        server.stdout.close()
