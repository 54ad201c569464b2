"""Uploads that stall stop nobody, and one over a slow line arrives."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from tests.s3.conftest import Server

CLIENTS = 200  # more than requests at once
PIECE = bytes(range(256)) * 16


def test_a_slow_upload_arrives_while_200_stall(server: Server, client: Any) -> None:
    client.create_bucket(Bucket="slow")
    url = urlsplit(client.generate_presigned_url("put_object", {"Bucket": "slow", "Key": "steady"}))
    target = f"{url.path}?{url.query}"
    head = (
        f"PUT {target} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 1000000\r\n\r\n".encode()
    )
    with ExitStack() as open_ones:
        for size in (1, 70_000):  # before a place is taken, and beyond
            for _ in range(CLIENTS // 2):
                made = socket.create_connection(("127.0.0.1", server.port), timeout=60)
                open_ones.enter_context(made).sendall(head + bytes(size))
        client.put_object(Bucket="slow", Key="quick", Body=b"quick")
        assert client.get_object(Bucket="slow", Key="quick")["Body"].read() == b"quick"
        assert upload(server, target) == 200
    assert client.get_object(Bucket="slow", Key="steady")["Body"].read() == 30 * PIECE


def upload(server: Server, target: str) -> int:
    """Send 30 pieces at the pace of a slow line; return the status."""

    def pieces() -> Iterator[bytes]:
        for _ in range(30):
            yield PIECE
            time.sleep(0.05)  # the pace, nothing that is waited for

    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("PUT", target, pieces(), {"Content-Length": str(30 * len(PIECE))})
    status = connection.getresponse().status
    connection.close()
    return status
