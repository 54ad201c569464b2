"""What all the counters here answer: a key, how often it came by, and how far that may be off.

Invariant: the truth lies between `least` and `count`, or, where a sketch answers, hardly ever
elsewhere. Keys are bytes, and ties stand in the order of the keys, so the same stream gives the same
answer everywhere. Page: docs/chapters/top_k.md
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from typing import Protocol

NUMBER_BYTES = 8  # what a counter costs, in the comparison of sizes


@dataclass(frozen=True, slots=True)
class Counted:
    """A key with a count that is never too low, and too high by at most `error`."""

    key: bytes
    count: int
    error: int = 0
    is_guaranteed: bool = False  # certainly among the first so many that were asked for

    @property
    def least(self) -> int:
        """Return how often the key came by at least."""
        return self.count - self.error


class Counter(Protocol):
    """Counts keys as they come by, and tells the most frequent."""

    def add(self, key: bytes, count: int = 1) -> None:
        """Count `count` more of `key`."""

    def estimate(self, key: bytes) -> int:
        """Return a count of `key` that is never too low."""

    def top(self, count: int) -> list[Counted]:
        """Return the `count` most frequent keys, greatest first; fewer if there are not so many."""

    @property
    def size_bytes(self) -> int:
        """Return what its keys and numbers take, without what Python adds."""


def first(entries: Iterable[Counted], count: int) -> list[Counted]:
    """Return the `count` entries with the greatest counts. O(entries × log count)."""
    return nsmallest(count, entries, key=lambda each: (-each.count, each.key))
