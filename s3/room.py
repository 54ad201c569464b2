"""Whether a disk takes more, asked once for many small writes: the question itself costs time.

Invariant: what is written between two looks is a small part of the reserve, so whoever deletes still finds
room in it. Page: docs/s3/storage.md
"""

import sys
from collections.abc import Callable

from chapters.sim.errors import DiskFull
from s3.storage.shard_store import RESERVE_BYTES

UNSEEN_BYTES_MAX = RESERVE_BYTES // 16  # written, by all threads, between two looks


class Room:
    """The room on one disk. Threads that race for a look may write a little more between two."""

    def __init__(self, free_bytes: Callable[[], int] = lambda: sys.maxsize) -> None:
        self._free_bytes = free_bytes
        self._unseen_bytes = UNSEEN_BYTES_MAX

    def take(self, size_bytes: int) -> None:
        """Count bytes that are about to be written. Raises `DiskFull` when only the reserve is left."""
        self._unseen_bytes += size_bytes
        if self._unseen_bytes <= UNSEEN_BYTES_MAX:
            return
        if self._free_bytes() < RESERVE_BYTES:
            raise DiskFull(
                f"disk full: less than {RESERVE_BYTES} B are free, which are kept for those who delete"
            )
        self._unseen_bytes = 0
