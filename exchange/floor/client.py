"""A client of a running exchange over HTTP: connections that stay open, lent to whoever asks.

A refusal is an answer like any other. What is none says nothing about whether the order was entered.
Page: docs/exchange/regimes.md
"""

import json
from http.client import HTTPConnection, HTTPException
from queue import Empty, LifoQueue
from typing import Any
from urllib.parse import urlsplit

from chapters.errors import UsageError
from exchange.errors import NoAnswer
from exchange.order_json import Json

TIMEOUT_S = 30.0
REFUSED = 422  # the exchange's own no


class Client:
    """Connections to one exchange that stay open and are lent to whoever asks."""

    def __init__(self, address: str) -> None:
        url = urlsplit(address if "//" in address else f"http://{address}")
        try:
            self._host, self._port = url.hostname or "", url.port or 80
        except ValueError:
            self._host = ""
        if url.scheme != "http" or not self._host or url.path.strip("/"):
            raise UsageError(f"{address}: no address such as http://127.0.0.1:8000")
        self._free: LifoQueue[HTTPConnection] = LifoQueue()
        self.address = address
        try:
            self.symbol = str(self.status()["symbols"][0])
        except (NoAnswer, KeyError, IndexError, TypeError) as error:
            raise UsageError(
                f"{address}: no exchange answers there ({error}); start one with "
                "`kit serve exchange --per-second 0`"
            ) from None

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        while not self._free.empty():
            self._free.get().close()

    def status(self) -> Json:
        """Return what the exchange says of itself."""
        return self.ask("GET", "/api/status", None)

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """Return the answer to a request; a refusal is one. Raises `NoAnswer`."""
        try:
            return self._ask(self._connection(), method, path, body)
        except (OSError, HTTPException, ValueError) as error:
            raise NoAnswer(f"{method} {path}: {error or type(error).__name__}") from None

    def _connection(self) -> HTTPConnection:
        try:
            return self._free.get_nowait()
        except Empty:
            return HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)

    def _ask(self, connection: HTTPConnection, method: str, path: str, body: Json | None) -> Json:
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            said: Any = json.loads(answer.read())
        except BaseException:
            connection.close()
            raise
        self._free.put(connection)
        if answer.status not in (200, REFUSED) or not isinstance(said, dict):
            raise NoAnswer(f"{method} {path}: {answer.status} {said}")
        return said
