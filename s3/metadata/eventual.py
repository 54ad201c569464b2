"""S3 as it was before December 2020: a front end that remembers answers, and is told of nobody's writes.

    front end A   GET k → 404 (remembered)                       GET k → 404   although k is there
    front end B                              PUT k → 200, durable

A cache in front of the metadata makes reads cheap and the store *eventually* consistent: what one front
end wrote, another one sees when its memory runs out. Absence is remembered too, which is the anomaly that
people met most: look whether a key exists, put it, and be told that it does not. Strong consistency
takes this class away. Source: Amazon S3 user guide before 2020, "data consistency model".
Page: docs/s3/consistency.md
"""

from collections import OrderedDict
from typing import TypeVar

from chapters.sim.clock import Clock, S
from s3.metadata.transaction import Entry, Metadata, Transaction

TTL_NS = 2 * S
REMEMBERED_MAX = 10_000

K = TypeVar("K")
V = TypeVar("V")
_Scan = tuple[bytes, bytes, int, bool]


class EventualMetadata:
    """The key space as one front end remembers it; its own writes it knows, those of others it does not."""

    def __init__(self, behind: Metadata, *, clock: Clock, ttl_ns: int = TTL_NS) -> None:
        self._behind = behind
        self._clock = clock
        self._ttl_ns = ttl_ns
        self._gets: OrderedDict[bytes, tuple[int, bytes | None]] = OrderedDict()
        self._scans: OrderedDict[_Scan, tuple[int, list[Entry]]] = OrderedDict()

    def get(self, key: bytes) -> bytes | None:
        """Return the value as of some moment in the last `ttl_ns`."""
        known = self._gets.get(key)
        if known is not None and self._clock.now_ns() < known[0]:
            return known[1]
        found = self._behind.get(key)
        self._remember(self._gets, key, found)
        return found

    def scan(self, start: bytes, stop: bytes, limit: int, *, reverse: bool = False) -> list[Entry]:
        """Return entries as of some moment in the last `ttl_ns`."""
        asked = (start, stop, limit, reverse)
        known = self._scans.get(asked)
        if known is not None and self._clock.now_ns() < known[0]:
            return known[1]
        found = self._behind.scan(start, stop, limit, reverse=reverse)
        self._remember(self._scans, asked, found)
        return found

    def commit(self, transaction: Transaction) -> None:
        """Write through; guards are decided behind, so a conditional write is as strong as ever."""
        try:
            self._behind.commit(transaction)
        finally:
            for key in (*transaction.writes, *transaction.guards):
                self._gets.pop(key, None)
            self._scans.clear()

    def _remember(self, table: "OrderedDict[K, tuple[int, V]]", key: K, found: V) -> None:
        table[key] = (self._clock.now_ns() + self._ttl_ns, found)
        if len(table) > REMEMBERED_MAX:
            table.popitem(last=False)
