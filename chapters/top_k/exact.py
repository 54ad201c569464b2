"""The exact answer: a number for everybody, however many there are.

Invariant: every count is the truth. The price is a key and a number for each different key, most of
which come by once and never matter. Page: docs/chapters/top_k.md
"""

from chapters.top_k.counted import NUMBER_BYTES, Counted, first


class Exact:
    """A dict of counts, to compare the others with."""

    def __init__(self) -> None:
        self.total = 0
        self._counts: dict[bytes, int] = {}

    def add(self, key: bytes, count: int = 1) -> None:
        """Count `count` more of `key`. O(1), and memory for each new key."""
        assert count > 0, count
        self.total += count
        self._counts[key] = self._counts.get(key, 0) + count

    def estimate(self, key: bytes) -> int:
        """Return how often `key` came by."""
        return self._counts.get(key, 0)

    def top(self, count: int) -> list[Counted]:
        """Return the `count` most frequent keys. O(keys × log count)."""
        entries = (Counted(key, seen, 0, True) for key, seen in self._counts.items())
        return first(entries, count)

    def merge(self, other: "Exact") -> None:
        """Add what `other` counted."""
        for key, count in list(other._counts.items()):
            self.add(key, count)

    @property
    def size_bytes(self) -> int:
        """Return what its keys and numbers take."""
        return sum(len(key) + NUMBER_BYTES for key in self._counts)
