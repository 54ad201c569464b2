"""ARC: two lists, and two memories of what they lost, which say how long each list should be.

    ghosts b1 ◄── t1: asked for once    │    t2: asked for again ──► ghosts b2
                  ◄──── target p ────►

A request for a ghost of t1 means that t1 was too short, so its target grows; a ghost of t2 makes it
shrink. So the cache finds by itself whether recency or frequency pays, and changes its mind when that does.
Source: Megiddo and Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST 2003, figure 4.
Page: docs/chapters/cache.md
"""

from collections.abc import Callable

from chapters.cache.policy import Key, Policy, ignore
from chapters.cache.queue import Queue


class Arc(Policy):
    """Adaptive replacement; sizes count where the paper counts pages."""

    def __init__(self, capacity: int, on_evict: Callable[[Key], object] = ignore) -> None:
        super().__init__(capacity, on_evict)
        self._once, self._again = Queue(), Queue()  # t1, t2
        self._ghosts_once, self._ghosts_again = Queue(), Queue()  # b1, b2
        self._target = 0.0  # p: how much of the cache t1 should have

    def __contains__(self, key: Key) -> bool:
        return key in self._once or key in self._again

    def remove(self, key: Key) -> None:
        """Take out a key that is here."""
        self.used -= (self._once if key in self._once else self._again).take(key)

    def _hit(self, key: Key) -> None:
        if key in self._again:
            self._again.renew(key)
        else:
            self._again.push(key, self._once.take(key))

    def _miss(self, key: Key, size: int) -> None:
        if key in self._ghosts_once:
            ratio = max(1.0, self._ghosts_again.used / self._ghosts_once.used)
            self._target = min(self.capacity, self._target + ratio * size)
            self._make_room(size, is_second_ghost=False)
            self._ghosts_once.take(key)
            self._enter(self._again, key, size)
        elif key in self._ghosts_again:
            ratio = max(1.0, self._ghosts_once.used / self._ghosts_again.used)
            self._target = max(0.0, self._target - ratio * size)
            self._make_room(size, is_second_ghost=True)
            self._ghosts_again.take(key)
            self._enter(self._again, key, size)
        else:
            self._forget(size)
            self._make_room(size, is_second_ghost=False)
            self._enter(self._once, key, size)

    def _enter(self, queue: Queue, key: Key, size: int) -> None:
        queue.push(key, size)
        self.used += size

    def _make_room(self, size: int, *, is_second_ghost: bool) -> None:
        """Throw out from whichever list is over its target, and remember what went (REPLACE)."""
        while self.used + size > self.capacity:
            is_over = self._once.used > self._target
            is_full = is_second_ghost and self._once.used == self._target
            if self._once and (is_over or is_full or not self._again):
                source, ghosts = self._once, self._ghosts_once
            else:
                source, ghosts = self._again, self._ghosts_again
            key, freed = source.pop()
            ghosts.push(key, freed)
            self.used -= freed
            self.on_evict(key)

    def _forget(self, size: int) -> None:
        """Keep t1 and its ghosts within the capacity, and all four lists within twice of it."""
        while self._once.used + self._ghosts_once.used + size > self.capacity and self._ghosts_once:
            self._ghosts_once.pop()
        while (
            self.used + self._ghosts_once.used + self._ghosts_again.used + size > 2 * self.capacity
        ):
            if not self._ghosts_again:
                return
            self._ghosts_again.pop()
