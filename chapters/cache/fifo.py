"""First in, first out: what has been here longest goes, asked for or not.

The least that a cache can do. A hit changes nothing, so it needs no lock and moves nothing.
Page: docs/chapters/cache.md
"""

from collections.abc import Callable

from chapters.cache.policy import Key, Policy, ignore
from chapters.cache.queue import Queue


class Fifo(Policy):
    """Throws out the oldest."""

    def __init__(self, capacity: int, on_evict: Callable[[Key], object] = ignore) -> None:
        super().__init__(capacity, on_evict)
        self._queue = Queue()

    def __contains__(self, key: Key) -> bool:
        return key in self._queue

    def remove(self, key: Key) -> None:
        """Take out a key that is here."""
        self.used -= self._queue.take(key)

    def _hit(self, key: Key) -> None:
        pass

    def _miss(self, key: Key, size: int) -> None:
        while self.used + size > self.capacity:
            oldest, freed = self._queue.pop()
            self.used -= freed
            self.on_evict(oldest)
        self._queue.push(key, size)
        self.used += size
