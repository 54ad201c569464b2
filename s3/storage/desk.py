"""What a node answers to a request: words in, a call to the node, an answer out.

    PUT    /shards/NAME              the shard; X-Checksum is the CRC32C of the body, both ways
    GET    /shards/NAME?start=&stop=
    GET    /shards?prefix=&after=&limit=             POST /scrub   {"after": "", "limit_bytes": 1}
    DELETE /shards?prefix=&prefix=                   POST /faults  {"slow_ms": 50}
    GET    /merkle?path=0f&leaf=1
    GET    /status                                   POST /damage  {"shard": "…", "byte": 0}
                                                     POST /collect, POST /wipe

Every request may be repeated without harm, so a client that is unsure asks again.
Page: docs/s3/storage.md
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote

from chapters.errors import KitError, UsageError
from chapters.sim.errors import DiskFull, SyncFailed
from s3.storage.errors import BadShard, DamagedShard, NoAnswer, NoSuchShard, Unreachable
from s3.storage.node import Json, LocalNode
from s3.storage.record import crc32c
from s3.storage.scrub import STEP_BYTES
from s3.storage.shard_store import LIST_MAX

CHECKSUM = "x-checksum"
HELD_S = 8.0  # how long an unreachable node keeps a client waiting: less than the client would wait
STATUS: dict[type[KitError], int] = {
    NoSuchShard: 404, DamagedShard: 410, BadShard: 400, UsageError: 400, DiskFull: 507,
    Unreachable: 503, SyncFailed: 500, NoAnswer: 504,
}  # fmt: skip
NAMED = {each.__name__: each for each in STATUS}


class Reply(NamedTuple):
    """An answer on its way out."""

    status: int
    body: bytes = b""
    checksum: int | None = None


Target = tuple[list[str], dict[str, list[str]]]
Serve = Callable[[Target, Mapping[str, str], bytes], Reply]


def is_intact(headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether a body is the one whose checksum was sent with it."""
    return CHECKSUM not in headers or headers[CHECKSUM] == f"{crc32c(body):08x}"


class Desk:
    """Turns requests into calls to a node, and what those raise into answers."""

    def __init__(
        self, node: LocalNode, *, wipe: Callable[[], LocalNode], pause: Callable[[float], object]
    ) -> None:
        self.node = node
        self._wipe = wipe
        self._pause = pause
        self._routes: dict[tuple[str, str, int], Serve] = {
            ("PUT", "shards", 2): self._put,
            ("GET", "shards", 2): self._get,
            ("GET", "shards", 1): self._shards,
            ("DELETE", "shards", 1): self._delete,
            ("GET", "status", 1): lambda target, headers, body: _json(self.node.status()),
            ("POST", "scrub", 1): self._scrub,
            ("GET", "merkle", 1): self._merkle,
            ("POST", "faults", 1): self._set_faults,
            ("POST", "damage", 1): self._damage,
            ("POST", "collect", 1): lambda target, headers, body: _json(self.node.collect()),
            ("POST", "wipe", 1): self._begin_anew,
        }

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply | None:
        """Return the answer to a request, or None when there must not be any."""
        path, _, query = url.partition("?")
        words = [unquote(word) for word in path.strip("/").split("/", 1)]
        serve = self._routes.get((method, words[0], len(words)))
        if serve is None:
            return _refusal(404, UsageError(f"a node does not know {method} {path}"))
        if words[0] in ("shards", "scrub", "merkle") and not self._is_answering():
            return None
        try:
            return serve((words[1:], parse_qs(query)), headers, body)
        except KitError as error:
            status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
            return _refusal(status, error)

    def _is_answering(self) -> bool:
        """Be as slow as the faults say; return False when nothing may be answered."""
        faults = self.node.faults
        if faults.slow_ms:
            self._pause(faults.slow_ms / 1e3)
        if not faults.is_unreachable:
            return True
        self._pause(HELD_S)
        return False

    def _put(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        if not is_intact(headers, body):
            raise BadShard(f"the bytes of shard {target[0][0]} were changed on their way here")
        self.node.put(target[0][0], body)
        return Reply(201)

    def _get(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        (name,), query = target
        payload = self.node.get(name, _number(query, "start", 0), _number(query, "stop", None))
        return Reply(200, payload, crc32c(payload))

    def _shards(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        query = {name: values[0] for name, values in target[1].items()}
        limit = _number(target[1], "limit", LIST_MAX) or LIST_MAX
        return _json(self.node.shards(query.get("prefix", ""), query.get("after", ""), limit))

    def _delete(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        return _json(self.node.delete(target[1].get("prefix", [])))

    def _scrub(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        wish = _object(body)
        after, limit_bytes = str(wish.get("after", "")), int(wish.get("limit_bytes", STEP_BYTES))
        return _json(asdict(self.node.scrub(after, limit_bytes)))

    def _merkle(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        query = {name: values[0] for name, values in target[1].items()}
        path = [int(step, 16) for step in query.get("path", "")]
        is_leaf = query.get("leaf") == "1"
        return _json(self.node.leaf(path) if is_leaf else self.node.branch(path))

    def _set_faults(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        return _json(asdict(self.node.set_faults(_object(body))))

    def _damage(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        wish = _object(body)
        self.node.damage(str(wish.get("shard")), int(wish.get("byte", 0)))
        return Reply(200)

    def _begin_anew(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        self.node = self._wipe()
        return Reply(200)


def _json(value: object) -> Reply:
    return Reply(200, json.dumps(value).encode())


def _refusal(status: int, error: KitError) -> Reply:
    return Reply(status, json.dumps([type(error).__name__, str(error)]).encode())


def _object(body: bytes) -> Json:
    try:
        wish = json.loads(body or b"{}")
    except ValueError:
        wish = None
    if not isinstance(wish, dict):
        raise UsageError("the body is no JSON object")
    return wish


def _number(query: Mapping[str, list[str]], name: str, usual: int | None) -> Any:
    word = query.get(name, [""])[0]
    if word and not word.isdecimal():
        raise UsageError(f"{name} is {word!r}; it must be a number")
    return int(word) if word else usual
