"""S3-FIFO: three queues, and nothing is ever moved on a hit.

    new ──► small (10 %) ──► asked for twice? ──► main (90 %) ──► asked for? round again, else out
                         └─► else out, but remembered ──► ghosts: who comes back goes to main

Most objects are asked for once in the cache's lifetime: they pass through the small queue quickly, and take
nothing from the others. Source: Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023,
algorithm 1. Page: docs/chapters/cache.md
"""

from collections.abc import Callable

from chapters.cache.policy import Key, Policy, ignore
from chapters.cache.queue import Queue

SMALL_SHARE = 0.1
COUNT_MAX = 3  # requests beyond this are not counted: two bits an object
TO_MAIN = 2  # requests in the small queue that are enough for the main one


class S3Fifo(Policy):
    """Small, main and ghost queue."""

    def __init__(self, capacity: int, on_evict: Callable[[Key], object] = ignore) -> None:
        super().__init__(capacity, on_evict)
        self._small, self._main, self._ghosts = Queue(), Queue(), Queue()
        self._counts: dict[Key, int] = {}
        self._small_max = max(1, int(capacity * SMALL_SHARE))
        self._ghosts_max = capacity - self._small_max

    def __contains__(self, key: Key) -> bool:
        return key in self._counts

    def remove(self, key: Key) -> None:
        """Take out a key that is here."""
        self.used -= (self._small if key in self._small else self._main).take(key)
        del self._counts[key]

    def _hit(self, key: Key) -> None:
        self._counts[key] = min(COUNT_MAX, self._counts[key] + 1)

    def _miss(self, key: Key, size: int) -> None:
        is_back = key in self._ghosts
        if is_back:
            self._ghosts.take(key)
        while self.used + size > self.capacity:
            if self._small.used >= self._small_max or not self._main:
                self._evict_small()
            else:
                self._evict_main()
        goes_to_main = is_back or size > self._small_max
        (self._main if goes_to_main else self._small).push(key, size)
        self._counts[key] = 0
        self.used += size

    def _evict_small(self) -> None:
        """Take from the small queue until one of it goes out."""
        while self._small:
            key, size = self._small.pop()
            if self._counts[key] >= TO_MAIN:
                self._counts[key] = 0
                self._main.push(key, size)
                continue
            self._out(key, size)
            self._ghosts.push(key, size)
            while self._ghosts.used > self._ghosts_max:
                self._ghosts.pop()
            return

    def _evict_main(self) -> None:
        """Take from the main queue; what was asked for goes round once more."""
        while self._main:
            key, size = self._main.pop()
            if self._counts[key] == 0:
                self._out(key, size)
                return
            self._counts[key] -= 1
            self._main.push(key, size)

    def _out(self, key: Key, size: int) -> None:
        del self._counts[key]
        self.used -= size
        self.on_evict(key)
