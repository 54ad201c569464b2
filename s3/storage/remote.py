"""A node that runs in another process, or on another machine, behind the methods of `Node`.

Invariant: bytes are proved at both ends. The node proved what it read from its disk, and the checksum
that travels with them proves that they came over unchanged; what did not counts as no answer.
Page: docs/s3/storage.md
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from chapters.errors import Indefinite, KitError
from s3.storage.desk import NAMED, is_intact
from s3.storage.errors import NoAnswer
from s3.storage.node import Faults, Json
from s3.storage.record import crc32c
from s3.storage.scrub import STEP_BYTES, Scrubbed
from s3.storage.shard_store import LIST_MAX, Listed
from s3.storage.wire import ANSWER_S, Answer, Caller


class NodeFailed(Indefinite):
    """The node answered with an error that has no name here."""


class RemoteNode:
    """A client of one node; safe to use from many threads."""

    def __init__(
        self, name: str, zone: str, host: str, port: int, *, answer_s: float = ANSWER_S
    ) -> None:
        self.name = name
        self.zone = zone
        self._caller = Caller(host, port, answer_s=answer_s)

    def put(self, shard: str, payload: bytes) -> None:
        self._call("PUT", f"/shards/{quote(shard)}", payload, crc32c(payload))

    def get(self, shard: str, start: int = 0, stop: int | None = None) -> bytes:
        rows = f"?start={start}" + (f"&stop={stop}" if stop is not None else "")
        answer = self._call("GET", f"/shards/{quote(shard)}{rows}")
        if not is_intact(answer.headers, answer.body):
            raise NoAnswer(f"the bytes of shard {shard} were changed on their way from {self.name}")
        return answer.body

    def delete(self, prefixes: Sequence[str]) -> int:
        query = urlencode([("prefix", prefix) for prefix in prefixes])
        return int(self._json("DELETE", f"/shards?{query}"))

    def shards(self, prefix: str = "", after: str = "", limit: int = LIST_MAX) -> list[Listed]:
        query = urlencode({"prefix": prefix, "after": after, "limit": limit})
        return [Listed(*each) for each in self._json("GET", f"/shards?{query}")]

    def scrub(self, after: str = "", limit_bytes: int = STEP_BYTES) -> Scrubbed:
        found = self._json("POST", "/scrub", {"after": after, "limit_bytes": limit_bytes})
        return Scrubbed(**{**found, "damaged": tuple(found["damaged"])})

    def branch(self, path: Sequence[int]) -> list[str]:
        return list(self._json("GET", f"/merkle?path={_hex(path)}"))

    def leaf(self, path: Sequence[int]) -> list[str]:
        return list(self._json("GET", f"/merkle?path={_hex(path)}&leaf=1"))

    def set_faults(self, changes: Mapping[str, object]) -> Faults:
        return Faults(**self._json("POST", "/faults", dict(changes)))

    def damage(self, shard: str, byte: int = 0) -> None:
        self._json("POST", "/damage", {"shard": shard, "byte": byte})

    def collect(self) -> int:
        return int(self._json("POST", "/collect"))

    def wipe(self) -> None:
        """Give the node an empty disk."""
        self._json("POST", "/wipe")

    def close(self) -> None:
        """Hang up."""
        self._caller.close()

    def status(self) -> Json:
        return dict(self._json("GET", "/status"))

    def _json(self, method: str, url: str, wish: Json | None = None) -> Any:
        body = b"" if wish is None else json.dumps(wish).encode()
        return json.loads(self._call(method, url, body).body or b"null")

    def _call(
        self, method: str, url: str, body: bytes = b"", checksum: int | None = None
    ) -> Answer:
        answer = self._caller.call(method, url, body, checksum)
        if answer.status >= 400:
            raise _error(self.name, answer)
        return answer


def _error(node: str, answer: Answer) -> KitError:
    name, message = json.loads(answer.body)
    return NAMED.get(name, NodeFailed)(f"{node}: {message}")


def _hex(path: Sequence[int]) -> str:
    """A path's steps as hexadecimal digits: a node of the tree has 16 children."""
    return "".join(f"{step:x}" for step in path)
