"""Least frequently used: what was asked for least often goes, and of those the one asked for longest ago.

    1 ×   a  f            a request moves its key one row up; what goes is the oldest of the lowest row
    2 ×   c
    7 ×   b

It never forgets: what was popular last year is still here. Page: docs/chapters/cache.md
"""

from collections.abc import Callable

from chapters.cache.policy import Key, Policy, ignore
from chapters.cache.queue import Queue


class Lfu(Policy):
    """Throws out the least asked for; each request costs constant time."""

    def __init__(self, capacity: int, on_evict: Callable[[Key], object] = ignore) -> None:
        super().__init__(capacity, on_evict)
        self._counts: dict[Key, int] = {}
        self._rows: dict[int, Queue] = {}
        self._lowest = 1

    def __contains__(self, key: Key) -> bool:
        return key in self._counts

    def remove(self, key: Key) -> None:
        """Take out a key that is here."""
        self.used -= self._take(key)
        del self._counts[key]

    def _hit(self, key: Key) -> None:
        size = self._take(key)
        if self._lowest == self._counts[key] and self._lowest not in self._rows:
            self._lowest += 1
        self._counts[key] += 1
        self._put(key, size)

    def _miss(self, key: Key, size: int) -> None:
        while self.used + size > self.capacity:
            victim = self._victim()
            self.remove(victim)
            self.on_evict(victim)
        self._counts[key] = self._lowest = 1
        self._put(key, size)
        self.used += size

    def _victim(self) -> Key:
        while self._lowest not in self._rows:
            self._lowest += 1
        return self._rows[self._lowest].oldest()

    def _put(self, key: Key, size: int) -> None:
        self._rows.setdefault(self._counts[key], Queue()).push(key, size)

    def _take(self, key: Key) -> int:
        count = self._counts[key]
        size = self._rows[count].take(key)
        if not self._rows[count]:
            del self._rows[count]
        return size
