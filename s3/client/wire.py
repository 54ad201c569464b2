"""One request and its answer: connections kept open, every request signed, failures tried again.

    Wish ──sign──► connection (idle or new) ──► Answer
                     └─ lost, 5xx ──► pause ──► again, if it may be done twice and there is credit

Invariant: a request that may not be done twice goes out once, unless the store said that it did nothing.
A body is bytes, so that its SHA-256 can be signed and it can be sent again; who has more sends parts.
No lock is needed: a deque's `pop` and `append` are atomic, and a connection that is out belongs to one
thread. Page: docs/s3/client.md
"""

import os
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from random import Random
from urllib.parse import urlsplit
from xml.etree import ElementTree

from chapters.circuit_breaker.retry import Budget, backoff_s
from chapters.errors import KitError, UsageError
from chapters.sim.clock import S, SleepingClock
from s3.auth.signature import EMPTY_SHA256, canonical_query, encoded, presign, sign_headers
from s3.auth.users import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY
from s3.client.errors import Busy, NobodyThere, NotThere, Refused, Unconfirmed

ENDPOINT = "http://127.0.0.1:9000"
REGION = "us-east-1"
TIMEOUT_S = 60.0  # without a byte for so long a connection counts as lost
IDLE_MAX = 8  # connections kept open
ATTEMPTS_MAX = 6  # of one request
PAUSE_S, PAUSE_S_MAX = 0.05, 5.0  # before the first retry at most, and before any
RESERVE = 20  # retries when all goes wrong
BLOCK_BYTES = 256 * 1024
_BUSY = (429, 503)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the store is, and the keys to it."""

    url: str = ENDPOINT
    access_key: str = DEFAULT_ACCESS_KEY
    secret_key: str = field(default=DEFAULT_SECRET_KEY, repr=False)
    region: str = REGION

    @classmethod
    def from_environment(cls) -> "Endpoint":
        """Return what KIT_S3_ENDPOINT and the AWS_… variables say."""
        told = os.environ.get
        return cls(
            told("KIT_S3_ENDPOINT", ENDPOINT),
            told("AWS_ACCESS_KEY_ID", DEFAULT_ACCESS_KEY),
            told("AWS_SECRET_ACCESS_KEY", DEFAULT_SECRET_KEY),
            told("AWS_REGION", told("AWS_DEFAULT_REGION", REGION)),
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """A request to be made. `path` and `query` are decoded; `about` is what errors speak of."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_repeatable: bool = True

    @property
    def about(self) -> str:
        return f"s3:/{self.path}" if self.path != "/" else "the store"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with all of its body; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Sender:
    """Connections to one endpoint; safe to use from many threads."""

    def __init__(self, endpoint: Endpoint, *, clock: SleepingClock, rng: Random) -> None:
        parts = urlsplit(endpoint.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise UsageError(f"endpoint {endpoint.url!r} is no address such as {ENDPOINT}")
        self.endpoint = endpoint
        self.budget = Budget(reserve=RESERVE)
        self._host = parts.netloc
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._clock = clock
        self._rng = rng
        self._idle: deque[HTTPConnection] = deque()  # up to IDLE_MAX, or a few more in a race
        self._has_answered = False

    def ask(self, wish: Wish) -> Answer:
        """Return the answer. Raises `Refused`, `NobodyThere`, `Unconfirmed` after the last try."""
        with self.open(wish) as (response, answer):
            try:
                return Answer(answer.status, answer.headers, response.read())
            except (OSError, HTTPException) as error:
                raise self._lost(wish, error) from error

    @contextmanager
    def open(self, wish: Wish) -> Iterator[tuple[HTTPResponse, Answer]]:
        """Give an answer whose body has yet to be read; what was read of it wholly keeps the line."""
        line, response = self._begun(wish)
        try:
            yield response, Answer(response.status, _headers(response))
        finally:
            is_whole = response.isclosed() and not response.will_close
            if is_whole and len(self._idle) < IDLE_MAX:
                self._idle.append(line)
            else:
                line.close()

    def close(self) -> None:
        """Close the connections that lie idle."""
        while self._idle:
            self._idle.pop().close()

    def presigned(self, method: str, path: str, query: Mapping[str, str], expires_s: int) -> str:
        """Return a URL that anybody may use until `expires_s` from now."""
        known = self.endpoint
        target = presign(
            method, self._host, path, query, access_key=known.access_key,
            secret_key=known.secret_key, region=known.region, now=self._now(), expires_s=expires_s,
        )  # fmt: skip
        return f"{self.endpoint.url.rstrip('/')}{target}"

    def _begun(self, wish: Wish) -> tuple[HTTPConnection, HTTPResponse]:
        """Send until there is a good answer's head. Raises what the last try came to."""
        self.budget.request()
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                found = self._once(wish)
            except KitError as error:
                if not self._may_repeat(wish, error) or attempt == ATTEMPTS_MAX:
                    raise
                if not self.budget.try_retry():
                    raise
                pause_s = backoff_s(attempt, rng=self._rng, base_s=PAUSE_S, cap_s=PAUSE_S_MAX)
                self._clock.sleep_until(self._clock.now_ns() + round(pause_s * S))
            else:
                self._has_answered = True
                return found
        raise AssertionError("the last attempt returns or raises")

    def _may_repeat(self, wish: Wish, error: KitError) -> bool:
        if isinstance(error, NobodyThere):
            return self._has_answered  # it was there a moment ago, so it may come back
        return isinstance(error, Busy) or (isinstance(error, Unconfirmed) and wish.is_repeatable)

    def _once(self, wish: Wish) -> tuple[HTTPConnection, HTTPResponse]:
        line = self._line(wish)
        try:
            line.putrequest(wish.method, _target(wish), skip_host=True, skip_accept_encoding=True)
            for name, value in self._signed(wish).items():
                line.putheader(name, value.encode())
            if wish.body or wish.method in ("PUT", "POST"):
                line.putheader("content-length", str(len(wish.body)))
            with suppress(ConnectionError):  # it may have refused the body, and said so already
                line.endheaders(wish.body or None)
            response = line.getresponse()
            if response.status >= 400:
                raise _refusal(wish, response.status, response.read())
        except (OSError, HTTPException) as error:
            line.close()
            raise self._lost(wish, error) from error
        except KitError:
            line.close()
            raise
        return line, response

    def _line(self, wish: Wish) -> HTTPConnection:
        """Return a connection; a new one for what may not be sent twice, as an idle one may be dead."""
        if wish.is_repeatable:
            with suppress(IndexError):
                return self._idle.pop()
        line = self._kind(self._host, timeout=TIMEOUT_S)
        try:
            line.connect()
        except OSError as error:
            raise NobodyThere(
                f"nobody answers at {self.endpoint.url} ({error.strerror or error}); "
                "start `kit serve s3`, or name another with --endpoint"
            ) from error
        return line

    def _signed(self, wish: Wish) -> dict[str, str]:
        digest = sha256(wish.body).hexdigest() if wish.body else EMPTY_SHA256
        return sign_headers(
            wish.method, self._host, wish.path, wish.query, wish.headers,
            now=self._now(), payload_hash=digest, **self._keys(),
        )  # fmt: skip

    def _keys(self) -> dict[str, str]:
        known = self.endpoint
        return {
            "access_key": known.access_key,
            "secret_key": known.secret_key,
            "region": known.region,
        }

    def _now(self) -> float:
        return self._clock.now_ns() / S

    def _lost(self, wish: Wish, error: Exception) -> Unconfirmed:
        reason = str(error) or type(error).__name__
        return Unconfirmed(f"{wish.about}: the connection to {self._host} was lost ({reason})")


def _target(wish: Wish) -> str:
    query = canonical_query(wish.query)
    return encoded(wish.path) + (f"?{query}" if query else "")


def _headers(response: HTTPResponse) -> dict[str, str]:
    """Return the headers; their bytes are UTF-8 that the library took for Latin-1."""
    return {
        name.lower(): value.encode("latin-1", "replace").decode("utf-8", "replace")
        for name, value in response.getheaders()
    }


def _refusal(wish: Wish, status: int, body: bytes) -> KitError:
    """Return the error that an answer of 400 and above stands for."""
    code, message = f"HTTP {status}", ""
    with suppress(ElementTree.ParseError):
        document = ElementTree.fromstring(body)
        code, message = document.findtext("Code", code), document.findtext("Message", "")
    if status in _BUSY:
        return Busy(status, code, message, wish.about)
    if status >= 500 and status != 501:
        return Unconfirmed(f"{wish.about}: {code}: {message}")
    if status == 404:
        return NotThere(status, code, message or "there is no such thing", wish.about)
    return Refused(status, code, message, wish.about)
