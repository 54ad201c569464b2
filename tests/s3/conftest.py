"""A store to ask without a socket, `kit serve s3` as a process, and boto3 in front of it."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from chapters.sim.clock import S, VirtualClock
from s3.auth.signature import sign_headers
from s3.auth.users import Users, make_user
from s3.gateway import answer
from s3.http import Request, locate
from s3.metadata.app import LocalMetadata
from s3.service import Service
from s3.storage.simulated import SimCluster

BEGIN_S = 1_800_000_000  # January 2027
USERS = ("kit", "other")
HOST = "127.0.0.1:9000"


class SecondsClock(VirtualClock):
    """Virtual time since 1970 that is advanced by seconds."""

    def __init__(self) -> None:
        super().__init__(BEGIN_S * S)

    def advance(self, seconds: float) -> None:
        super().advance(int(seconds * S))


@dataclass
class Reply:
    """An answer with its body read."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of an error document."""
        return self.find("Code")

    def find(self, tag: str) -> str:
        """The text of the first element of that name; "" without one."""
        if not self.body.startswith(b"<"):
            return ""
        every = ElementTree.fromstring(self.body).iter()
        return next((each.text or "" for each in every if each.tag.rpartition("}")[2] == tag), "")


class Asked:
    """A store in virtual time whose requests are signed by one of two users."""

    def __init__(self, folder: Path) -> None:
        self.clock = SecondsClock()
        self.metadata = LocalMetadata(folder)
        self.service = Service(
            metadata=self.metadata,
            blobs=SimCluster(7, nodes=1, data=1, parity=0).blobs,
            users=Users([make_user(name, f"{name}-key", f"{name}-secret") for name in USERS]),
            clock=self.clock,
            rng=random.Random(7),
        )

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        user: str = "kit",
        **parameters: str,
    ) -> Reply:
        """Return what the store answers; `legal_hold=""` is the parameter `legal-hold`."""
        query = {name.replace("_", "-"): value for name, value in parameters.items()}
        signed = sign_headers(
            method, HOST, path, query, headers or {}, region=self.service.region,
            access_key=f"{user}-key", secret_key=f"{user}-secret", now=self.clock.now_ns() / S,
        )  # fmt: skip
        signed["content-length"] = str(len(body))
        bucket, key = locate(path, HOST, "")
        found = answer(
            self.service, Request(method, path, query, signed, BytesIO(body), bucket, key)
        )
        content = found.body if isinstance(found.body, bytes) else b"".join(found.body)
        return Reply(found.status, found.headers, content)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Asked]:
    made = Asked(tmp_path / "metadata")
    yield made
    made.metadata.close()


def boto(url: str) -> Any:
    """Return a client that we did not write."""
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
    return boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id="kit-access-key",
        aws_secret_access_key="kit-secret-key",
        region_name="us-east-1",
    )


START = """
import sys, pathlib
from s3.app import serve
serve(port=int(sys.argv[1]), folder=pathlib.Path(sys.argv[2]))
"""


class Server:
    """`kit serve s3` on a port and in a folder that nobody else has; with its helpers a group."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(self.port), str(folder)],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ.copy(),
        )
        self.boto = boto(self.url)
        deadline = time.monotonic() + 60
        while not self.is_there():
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)

    def is_there(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        self.boto.close()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("store"))
    yield made
    if made.process.poll() is None:
        made.stop()


@pytest.fixture
def client(server: Server) -> Any:
    """boto3, in front of the server."""
    return server.boto
