"""An edge: it has what many want, fetches what it has not, and fetches it once.

    ask ──► here, and whole? ──► answer
        ──► under way?       ──► wait with the others
        ──► else             ──► the caller fetches; `arrived` answers all who wait

Invariant: of one path at most one fetch is under way; everybody who asked is answered once, with the bytes
or with why not. Bytes that no longer have their digest are never handed out: they are fetched again.
There are two rooms: the shelf has what the night brought, and keeps it; in the other, a policy decides.
Nothing here blocks, so the same edge runs under threads and in a simulation. Page: docs/netflix/edges.md
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from chapters.cache.policy import Key, Policy
from chapters.errors import KitError
from chapters.sim.trace import note
from netflix.cdn.body import Body
from netflix.errors import Refused

WAITING_MAX = 10_000  # who wait for one path
SHELF_BYTES = 64 * 1024 * 1024

Answer = Body | KitError
Asker = Callable[[Answer], object]


@dataclass(slots=True)
class Counters:
    """What an edge has done since it began."""

    hits: int = 0
    misses: int = 0  # fetches, each for one or more who asked
    joined: int = 0  # asked while a fetch was under way
    failed: int = 0
    mended: int = 0  # found damaged in the cache, and fetched again
    sent_bytes: int = 0
    fetched_bytes: int = 0
    filled_bytes: int = 0  # brought to the shelf

    @property
    def asked(self) -> int:
        """Return how many requests there were."""
        return self.hits + self.misses + self.joined

    @property
    def hit_ratio(self) -> float:
        """Return the share of requests that no fetch was made for."""
        return (self.hits + self.joined) / self.asked if self.asked else 0.0


class Edge:
    """A cache in front of an origin, and a shelf of `shelf_bytes` that is filled at night."""

    def __init__(
        self,
        name: str,
        make_policy: Callable[[Callable[[Key], object]], Policy],
        shelf_bytes: int = SHELF_BYTES,
    ) -> None:
        self.name, self.shelf_bytes = name, shelf_bytes
        self.counters = Counters()
        self._bodies: dict[Key, Body] = {}
        self._shelf: dict[str, Body] = {}
        self._shelved_bytes = 0
        self._policy = make_policy(self._evicted)
        self._waiting: dict[str, list[Asker]] = {}

    def ask(self, path: str, asker: Asker) -> bool:
        """Answer `asker`, now or later; return whether the caller is to fetch `path`.

        Raises `Refused` with 503 when too many wait already.
        """
        body = self._here(path)
        if body is not None:
            self.counters.hits += 1
            note("hit", edge=self.name)
            self._send(body, asker)
            return False
        if path in self._waiting:
            self._join(path, asker)
            return False
        self.counters.misses += 1
        note("miss: nobody has asked for it tonight", edge=self.name)
        self._waiting[path] = [asker]
        return True

    def arrived(self, path: str, answer: Answer) -> None:
        """Take what a fetch brought, keep it if the policy likes, and answer all who wait for it."""
        if isinstance(answer, Body):
            self.counters.fetched_bytes += len(answer.data)
            self.keep(path, answer)
        else:
            self.counters.failed += 1
        note("kept for whoever comes next", edge=self.name, used_bytes=self.used_bytes)
        for asker in self._waiting.pop(path, []):
            self._send(answer, asker)

    def keep(self, path: str, body: Body) -> None:
        """Offer a file to the cache."""
        self._bodies[path] = body
        self._policy.request(path, max(1, len(body.data)))
        if path not in self._policy:
            self._bodies.pop(path, None)

    def shelve(self, path: str, body: Body) -> bool:
        """Put a file on the shelf, where it stays; return whether there was room."""
        self._unshelve(path)
        if self._shelved_bytes + len(body.data) > self.shelf_bytes:
            return False
        self._shelf[path] = body
        self._shelved_bytes += len(body.data)
        return True

    def clear_shelf(self, keep: Collection[str] = ()) -> None:
        """Take everything off the shelf but `keep`."""
        for path in [path for path in self._shelf if path not in keep]:
            self._unshelve(path)

    @property
    def shelf(self) -> list[str]:
        """Return what is on the shelf."""
        return sorted(self._shelf)

    @property
    def used_bytes(self) -> int:
        """Return how much is kept, in both rooms."""
        return self._policy.used + self._shelved_bytes

    @property
    def capacity_bytes(self) -> int:
        """Return how much can be kept, in both rooms."""
        return self._policy.capacity + self.shelf_bytes

    @property
    def titles(self) -> list[str]:
        """Return the titles of which something is here, by their ids."""
        return sorted({str(path).split("/")[1] for path in (*self._shelf, *self._bodies)})

    def holds(self, path: str) -> bool:
        """Return whether a file is here, without taking note."""
        return path in self._shelf or path in self._policy

    def damage(self, path: str) -> None:
        """Flip a bit of a file that is here: what a disk does now and then."""
        bodies: dict[Key, Body] = self._shelf if path in self._shelf else self._bodies  # type: ignore[assignment]
        body = bodies[path]
        bodies[path] = Body(bytes([body.data[0] ^ 1]) + body.data[1:], body.digest)

    def _here(self, path: str) -> Body | None:
        """The file, if it is here and whole. A damaged one is thrown out."""
        body = self._shelf.get(path) or self._bodies.get(path)
        if body is None:
            return None
        if not body.is_whole:
            self.counters.mended += 1
            self._throw_out(path)
            return None
        if path in self._policy:
            self._policy.request(path, max(1, len(body.data)))
        return body

    def _throw_out(self, path: str) -> None:
        if path in self._shelf:
            self._unshelve(path)
        else:
            self._policy.remove(path)
            del self._bodies[path]

    def _unshelve(self, path: str) -> None:
        if path in self._shelf:
            self._shelved_bytes -= len(self._shelf.pop(path).data)

    def _join(self, path: str, asker: Asker) -> None:
        waiting = self._waiting[path]
        if len(waiting) >= WAITING_MAX:
            raise Refused(503, f"{WAITING_MAX} wait for {path} already; ask another edge")
        self.counters.joined += 1
        waiting.append(asker)

    def _send(self, answer: Answer, asker: Asker) -> None:
        if isinstance(answer, Body):
            self.counters.sent_bytes += len(answer.data)
        asker(answer)

    def _evicted(self, key: Key) -> None:
        self._bodies.pop(key, None)
