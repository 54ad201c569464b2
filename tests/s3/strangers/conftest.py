"""The real server twice, alone and as a cluster, and the clients that are to take it for S3."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_ports

PARTS = 9  # ports behind the first that a cluster listens at
LOG_BYTES_SHOWN = 8_000
ACCESS_KEY, SECRET_KEY, REGION = "kit-access-key", "kit-secret-key", "us-east-1"
MIB = 1024 * 1024


class Server:
    """`kit serve s3`, with all its processes a session of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.port = free_ports(PARTS)
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        self.log = folder.parent / f"{folder.name}.log"
        self.command = [
            *(sys.executable, "-m", "chapters.cli", "serve", "s3", "--port", str(self.port)),
            *("--folder", str(folder), *words),
        ]

    def start(self) -> None:
        """Start it, and wait until it says that it can be used."""
        with self.log.open("ab") as log:
            since = log.tell()
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 60
        while not self.is_announced(since):
            assert self.process.poll() is None, f"the server ended:\n{self.said()}"
            assert time.monotonic() < deadline, f"the server does not start:\n{self.said()}"
            time.sleep(0.05)

    def is_announced(self, since: int) -> bool:
        """Whether it says that it can be used, behind the first `since` bytes of its log."""
        return self.url.encode() in self.log.read_bytes()[since:]

    def said(self) -> str:
        """Return the end of what its processes wrote."""
        return self.log.read_bytes()[-LOG_BYTES_SHOWN:].decode("utf-8", "replace")

    def pids(self) -> list[int]:
        """Return all of its processes."""
        found = []
        for each in Path("/proc").glob("[0-9]*/stat"):
            try:
                session = each.read_text().rpartition(")")[2].split()[3]
            except OSError:
                continue  # it ended meanwhile
            if int(session) == self.process.pid:
                found.append(int(each.parent.name))
        return found

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does. Nothing of it may be left."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
            deadline = time.monotonic() + 10
            while self.pids() and time.monotonic() < deadline:
                time.sleep(0.05)
            assert not self.pids(), f"processes are left:\n{self.said()}"
        finally:
            for pid in self.pids():
                os.kill(pid, signal.SIGKILL)


def served(folder: Path, *words: str) -> Iterator[Server]:
    server = Server(folder, *words)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def serve_in() -> Any:
    """Serve from a folder, for as long as the generator that this returns is open."""
    return served


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from served(tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from served(tmp_path_factory.mktemp("cluster"), "--cluster")


@pytest.fixture(scope="session", params=["alone", pytest.param("cluster", marks=pytest.mark.slow)])
def server(request: pytest.FixtureRequest) -> Server:
    """The server, alone and then as a cluster."""
    return request.getfixturevalue(request.param)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    for each in getattr(item, "funcargs", {}).values():
        if report.failed and isinstance(each, Server):
            report.sections.append(("the server's output", each.said()))
    return report


@pytest.fixture
def bucket() -> str:
    """A name that no bucket has yet."""
    return f"strangers-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def large() -> bytes:
    """20 MiB that no compression makes smaller: several parts for every client."""
    return random.Random(7).randbytes(20 * MIB)


@dataclass
class Shell:
    """A folder to work in, and programs that know the server from their environment."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: object, fails: bool = False, stdin: bytes | None = None) -> str:
        """Run a program; return what it wrote. What it complains about is in the test's failure."""
        done = subprocess.run(
            [str(each) for each in command],
            cwd=self.folder, env=self.environment, input=stdin, timeout=180, check=False,
            capture_output=True,
        )  # fmt: skip
        said = done.stdout.decode("utf-8", "replace")
        complaint = done.stderr.decode("utf-8", "replace")
        assert (done.returncode != 0) == fails, f"{command}: {done.returncode}\n{said}{complaint}"
        return said + complaint if fails else said

    def file(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path


@pytest.fixture
def shell(server: Server, tmp_path: Path) -> Shell:
    """An environment in which nothing of the person who tests is left."""
    kept = ("PATH", "LANG", "TMPDIR", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": str(tmp_path / "home"),
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": server.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "KIT_HOST": server.host,
    }
    (tmp_path / "home").mkdir()
    return Shell(tmp_path, environment)


def installed(program: str) -> str:
    """Return a Debian program's path, or skip the test."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed: apt install {program}")
    return found


@pytest.fixture(scope="session")
def python_with() -> Any:
    """Return the Python of a client's own environment (see clients.py), or skip the test."""
    script = Path(__file__).with_name("clients.py")
    made: dict[str, str] = {}

    def find(name: str) -> str:
        if name not in made:
            done = subprocess.run([sys.executable, script, name], capture_output=True, text=True)
            if done.returncode:
                pytest.skip(done.stderr.strip().splitlines()[-1])
            made[name] = done.stdout.strip()
        return made[name]

    return find


@pytest.fixture
def program() -> Any:
    """Return the path of a program, or skip the test."""
    return installed


@pytest.fixture
def boto_of(server: Server) -> Iterator[Any]:
    """Make boto3's client, of a signature version."""
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
    config = pytest.importorskip("botocore.config", reason="boto3 is not installed")
    with ExitStack() as stack:

        def make(version: str) -> Any:
            made = boto3.client(
                "s3", endpoint_url=server.url, region_name=REGION,
                aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
                config=config.Config(
                    signature_version=version,
                    s3={"addressing_style": "path"},
                    retries={"max_attempts": 0},
                ),
            )  # fmt: skip
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def boto(boto_of: Any) -> Any:
    """boto3's client, which never tries again: what fails is to be seen."""
    return boto_of("s3v4")
