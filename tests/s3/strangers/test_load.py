"""32 clients at once on a few keys: no 5xx, no wrong byte; and large objects in little memory."""

import hashlib
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from s3.auth.signature import sign_headers

pytestmark = pytest.mark.slow

CLIENTS, REQUESTS_EACH, KEYS = 32, 60, 8
SIZE_BYTES_MAX = 300_000  # several stripes of the cluster
LARGE_BYTES, BLOCK_BYTES = 256 << 20, 1 << 20
RSS_KIB_MAX = 150_000_000 // 1024
FINE = {"GET": (200, 404), "PUT": (200,), "DELETE": (204,)}


class Client:
    """A connection that signs what it sends."""

    def __init__(self, server):
        self.server = server
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=120)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def begin(self, method, path, body=b"", size_bytes=None, **query):
        """Send a request; return the response, its body unread."""
        asked = {name.replace("_", "-"): value for name, value in query.items()}
        length = {"content-length": str(len(body) if size_bytes is None else size_bytes)}
        signed = sign_headers(
            method, self.server.host, path, asked, length, region="us-east-1",
            access_key="kit-access-key", secret_key="kit-secret-key", now=time.time(),
        )  # fmt: skip
        target = path + ("?" + urlencode(asked) if asked else "")
        with suppress(
            BrokenPipeError
        ):  # it was refused before all of it was sent; the answer says why
            self.connection.request(method, target, body, signed)
        return self.connection.getresponse()

    def ask(self, *words, **more):
        """Send a request; return status, headers and body."""
        answer = self.begin(*words, **more)
        return answer.status, answer.headers, answer.read()


def made(key: str, rng: random.Random) -> bytes:
    """Return an object that can be told from all others, and from a mixture of two."""
    seed = rng.getrandbits(64)
    return b"%s %d " % (key.encode(), seed) + filling(seed)


def filling(seed: int) -> bytes:
    rng = random.Random(seed)
    return rng.randbytes(rng.randrange(SIZE_BYTES_MAX))


def is_right(key: str, headers, body: bytes) -> bool:
    """Whether these are the bytes, all of them, of one object that was put under the key."""
    name, seed, rest = body.split(b" ", 2)
    etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return name.decode() == key and rest == filling(int(seed)) and headers["ETag"] == f'"{etag}"'


def test_the_check_itself_finds_a_mixture_of_two_objects():
    rng = random.Random(1)
    one, other = made("k", rng), made("k", rng)
    mixed = one[:-9] + other[-9:]
    for body in (mixed, one[:-1], made("l", rng)):
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        assert not is_right("k", {"ETag": f'"{etag}"'}, body)
    etag = hashlib.md5(one, usedforsecurity=False).hexdigest()
    assert is_right("k", {"ETag": f'"{etag}"'}, one)
    assert not is_right("k", {"ETag": '"other"'}, one)


def run_client(server, bucket, number, start):
    """Return what went wrong, and how many requests of each kind were answered."""
    rng, wrong, counts = (
        random.Random(number),
        [],
        dict.fromkeys(("GET", "PUT", "DELETE", "LIST"), 0),
    )
    with Client(server) as client:
        start.wait()
        for _ in range(REQUESTS_EACH):
            kind = rng.choices(("GET", "PUT", "DELETE", "LIST"), (5, 4, 1, 1))[0]
            key = f"k{rng.randrange(KEYS)}"
            if kind == "LIST":
                status, _, body = client.ask("GET", f"/{bucket}", list_type="2")
                if status != 200 or body.count(b"<Key>") > KEYS:
                    wrong.append((kind, status, body[:500]))
            else:
                sent = made(key, rng) if kind == "PUT" else b""
                status, headers, body = client.ask(kind, f"/{bucket}/{key}", sent)
                if status not in FINE[kind] or (
                    kind == "GET" and status == 200 and not is_right(key, headers, body)
                ):
                    wrong.append((kind, key, status, body[:500]))
            counts[kind] += 1
    return wrong, counts


def test_32_clients_on_8_keys_see_no_error_and_no_wrong_byte(server, bucket):
    with Client(server) as client:
        assert client.ask("PUT", f"/{bucket}")[0] == 200
        start = threading.Barrier(CLIENTS)
        with ThreadPoolExecutor(CLIENTS) as pool:
            ran = list(
                pool.map(lambda number: run_client(server, bucket, number, start), range(CLIENTS))
            )
        assert not [each for wrong, _ in ran for each in wrong][:5]
        for kind in ("GET", "PUT", "DELETE", "LIST"):
            assert sum(counts[kind] for _, counts in ran) > CLIENTS
        listing = client.ask("GET", f"/{bucket}", list_type="2")[2]
        for number in range(KEYS):
            key = f"k{number}"
            status, headers, body = client.ask("GET", f"/{bucket}/{key}")
            assert (status == 200) == (f"<Key>{key}</Key>".encode() in listing)
            assert status == 404 or is_right(key, headers, body)


def blocks(seed: int):
    """Yield 256 MiB of which no two blocks are alike, without keeping them."""
    rng = random.Random(seed)
    for _ in range(LARGE_BYTES // BLOCK_BYTES):
        yield rng.randbytes(BLOCK_BYTES)


def peak_kib(pid: int) -> int:
    """Return the most memory that a process ever had resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


@pytest.fixture(params=[(), ("--cluster",)], ids=["alone", "cluster"])
def server_of_its_own(request, serve_in, tmp_path):
    """A server whose memory nobody used before."""
    yield from serve_in(tmp_path / "store", *request.param)


def test_256_mib_go_in_and_out_of_processes_below_150_mb(server_of_its_own):
    server = server_of_its_own
    with Client(server) as client:
        assert client.ask("PUT", "/large")[0] == 200
        status, _, said = client.ask("PUT", "/large/a", blocks(7), size_bytes=LARGE_BYTES)
        assert status == 200, said
        with closing(client.begin("GET", "/large/a")) as answer:
            assert answer.length == LARGE_BYTES
            for block in blocks(7):
                assert answer.read(BLOCK_BYTES) == block
            assert not answer.read(1)
    peaks = {pid: peak_kib(pid) for pid in server.pids()}
    assert len(peaks) >= 2
    assert max(peaks.values()) < RSS_KIB_MAX, peaks
