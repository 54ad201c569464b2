"""A client of the store without HTTP: signed requests in, responses with their whole body out.

Everything but the socket is real: the gateway sees the same headers that boto3 would send, and checks
the same signature. Page: docs/s3/breaking.md
"""

import io
from dataclasses import dataclass

from chapters.sim.clock import Clock
from s3.auth.signature import sign_headers
from s3.auth.users import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY
from s3.errors import Busy
from s3.gateway import answer
from s3.http import Request, locate
from s3.service import REGION, Service

HOST = "s3.example.com"


@dataclass(frozen=True, slots=True)
class Answered:
    """A response whose body was read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool = True  # False: the connection broke in the middle of the body

    @property
    def is_ok(self) -> bool:
        return self.status < 300 and self.is_whole

    @property
    def etag(self) -> str:
        """The ETag without its quotes; "" if there is none."""
        return self.headers.get("ETag", "").strip('"')

    @property
    def code(self) -> str:
        """S3's error code; "" for a success."""
        return self.body.partition(b"<Code>")[2].partition(b"</Code>")[0].decode()


def signed_headers(
    method: str,
    host: str,
    path: str,
    query: dict[str, str],
    headers: dict[str, str],
    *,
    clock: Clock,
) -> dict[str, str]:
    """Return the headers of a request of the default user's; names come in with _ for -."""
    return sign_headers(
        method,
        host,
        path,
        query,
        {name.replace("_", "-"): value for name, value in headers.items()},
        access_key=DEFAULT_ACCESS_KEY,
        secret_key=DEFAULT_SECRET_KEY,
        region=REGION,
        now=clock.now_ns() / 1e9,
    )


@dataclass(slots=True)
class Client:
    """Asks one front end. `clock` is the client's own, which may be wrong."""

    service: Service
    clock: Clock

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> Answered:
        """Return the answer; header names are written with _ for -."""
        if body or method in ("PUT", "POST"):
            headers["content_length"] = str(len(body))
        query = query or {}
        signed = signed_headers(method, HOST, path, query, headers, clock=self.clock)
        bucket, key = locate(path, HOST, "")
        request = Request(method, path, query, signed, io.BytesIO(body), bucket, key)
        response = answer(self.service, request)
        if isinstance(response.body, bytes):
            return Answered(response.status, response.headers, response.body)
        pieces: list[bytes] = []
        try:
            pieces.extend(response.body)
        except Busy:
            return Answered(response.status, response.headers, b"".join(pieces), is_whole=False)
        return Answered(response.status, response.headers, b"".join(pieces))

    def put(self, path: str, body: bytes, **headers: str) -> Answered:
        return self.ask("PUT", path, body, None, **headers)

    def get(self, path: str, **headers: str) -> Answered:
        return self.ask("GET", path, b"", None, **headers)

    def delete(self, path: str, **headers: str) -> Answered:
        return self.ask("DELETE", path, b"", None, **headers)
