"""Bytes that nothing refers to any more, deleted once nobody can be reading them.

    PUT over an old object:   o/photos␀a := new,  g/<old blob> := where    in one transaction
    later                     delete the blob on the nodes, then g/<old blob>
                              or, of a small one, d/<old blob> together with g/<old blob>

Invariant: a blob is deleted only after the transaction that let go of it, and its name is forgotten only
after that; a crash in between repeats a deletion, which is harmless. A reader who began before the
overwrite has `GRACE_NS` to finish. Page: docs/s3/metadata.md
"""

import json

from chapters.errors import KitError
from chapters.sim.clock import Clock, S
from s3.metadata.keys import after, garbage_key, small_key
from s3.metadata.transaction import Metadata, Transaction
from s3.storage.blobs import Blob, Blobs

GRACE_NS = 60 * S
PAGE_MAX = 1_000


class Sweeper:
    """Deletes what is named under `g/`, each at least `grace_ns` after it was first seen there."""

    def __init__(
        self, *, metadata: Metadata, blobs: Blobs, clock: Clock, grace_ns: int = GRACE_NS
    ) -> None:
        self._metadata = metadata
        self._blobs = blobs
        self._clock = clock
        self._grace_ns = grace_ns
        self._seen_ns: dict[bytes, int] = {}

    def sweep(self) -> int:
        """Delete what has waited long enough; return how many blobs. Raises `Busy`."""
        now_ns = self._clock.now_ns()
        home = garbage_key("")
        gone = 0
        start = home
        while entries := self._metadata.scan(start, after(home), PAGE_MAX):
            due = [each for each in entries if self._is_due(each[0], now_ns)]
            gone += self._delete(due)
            start = entries[-1][0] + b"\0"
        return gone

    def _is_due(self, place: bytes, now_ns: int) -> bool:
        return now_ns - self._seen_ns.setdefault(place, now_ns) >= self._grace_ns

    def _delete(self, due: list[tuple[bytes, bytes]]) -> int:
        done: dict[bytes, bytes | None] = {}
        gone = 0
        for place, data in due:
            blob = Blob.from_json(json.loads(data))
            if blob.is_small:
                done[small_key(blob.id)] = None
            elif not self._is_deleted(blob):
                continue  # a node is away: it stays named, and the next sweep tries again
            done[place] = None
            gone += 1
            del self._seen_ns[place]
        if done:
            self._metadata.commit(Transaction(done))
        return gone

    def _is_deleted(self, blob: Blob) -> bool:
        try:
            self._blobs.delete(blob)
        except KitError:
            return False
        return True
