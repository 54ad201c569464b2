"""A sketch can say how often, not who: so keep the keys with the greatest estimates beside it.

    add(key) ──► sketch.add ──► sketch.estimate ──► more than the least leader's? take its place

Invariant: the leaders are the keys whose estimates, each at the time of its own last addition, were
the greatest. As a sketch errs upwards, a rare key may be taken for a leader, with the sketch's chance;
so nothing here is guaranteed. Source: Cormode & Muthukrishnan 2005 (heavy hitters).
Page: docs/chapters/top_k.md
"""

from sortedcontainers import SortedList

from chapters.top_k.count_min import CountMin
from chapters.top_k.counted import NUMBER_BYTES, Counted, first

CAPACITY_MAX = 1_000_000


class Leaders:
    """The `capacity` keys that a sketch takes for the most frequent."""

    def __init__(self, sketch: CountMin, capacity: int) -> None:
        assert 1 <= capacity <= CAPACITY_MAX, capacity
        self._sketch, self._capacity = sketch, capacity
        self._estimates: dict[bytes, int] = {}
        self._ranking: SortedList = SortedList()  # of (estimate, key)

    def add(self, key: bytes, count: int = 1) -> None:
        """Count `count` more of `key`. O(depth + log capacity)."""
        self._sketch.add(key, count)
        estimate = self._sketch.estimate(key)
        if key in self._estimates:
            self._ranking.remove((self._estimates[key], key))
        elif len(self._ranking) == self._capacity:
            if estimate <= self._ranking[0][0]:
                return
            del self._estimates[self._ranking.pop(0)[1]]
        self._estimates[key] = estimate
        self._ranking.add((estimate, key))

    def estimate(self, key: bytes) -> int:
        """Return a count of `key` that is never too low."""
        return self._sketch.estimate(key)

    def top(self, count: int) -> list[Counted]:
        """Return the `count` greatest leaders; the error of each is the sketch's likely one."""
        likely = self._sketch.likely_error
        entries = (Counted(key, seen, min(seen, likely)) for key, seen in self._estimates.items())
        return first(entries, count)

    @property
    def size_bytes(self) -> int:
        """Return what the sketch takes, and the leaders."""
        return self._sketch.size_bytes + sum(len(key) + NUMBER_BYTES for key in self._estimates)
