"""What a cache decides at each request: is it here, is it let in, and what goes instead.

    request(key, size) ──► hit: take note
                       ──► miss: let it in (or not), and throw out what it displaces, told to `on_evict`

Invariant: `used` is the sum of the sizes of what is in, and never above `capacity`. A policy decides only;
the bytes are kept by whoever uses it. Page: docs/chapters/cache.md
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable

from chapters.sim.errors import at_least

Key = Hashable


def ignore(key: Key) -> None:
    """Do nothing about a key that was thrown out."""


class Policy(ABC):
    """A cache of `capacity` units: of objects, if all have size 1, or of bytes."""

    def __init__(self, capacity: int, on_evict: Callable[[Key], object] = ignore) -> None:
        at_least(1, capacity=capacity)
        self.capacity = capacity
        self.used = 0
        self.on_evict = on_evict

    def request(self, key: Key, size: int = 1) -> bool:
        """Return whether `key` is here. If not it may be let in, which may throw others out.

        What is larger than the cache is never let in.
        """
        if key in self:
            self._hit(key)
            return True
        if size <= self.capacity:
            self._miss(key, size)
        return False

    @abstractmethod
    def __contains__(self, key: Key) -> bool:
        """Return whether `key` is here, without taking note."""

    @abstractmethod
    def remove(self, key: Key) -> None:
        """Take out a key that is here, without telling `on_evict`."""

    @abstractmethod
    def _hit(self, key: Key) -> None:
        """Take note of a request for what is here."""

    @abstractmethod
    def _miss(self, key: Key, size: int) -> None:
        """Let in what is not here, or do not."""
