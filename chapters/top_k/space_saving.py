"""Who is most frequent, from a fixed number of counters: whoever is new takes over the least.

    counters    X 1    Y 2              two counters, after X, Y, Y
    Z arrives   ─┐                      none is free, and the least is X's:
    counters    Z 2    Y 2              Z takes it over with its count; so up to 1 of the 2 may be X's
              error 1

Invariant: the truth lies between count − error and count, and the counts sum to what was added. So
the least of `capacity` counts is at most total/capacity, no error is greater than that, and whoever
came by more often than that has a counter. No chance is involved.

Counters stand in buckets, one for each count, so that the least is found at once: the paper's "stream
summary", with a sorted dict where the paper has a linked list, as counts may grow by more than one.
Merging adds count to count; a key that one side does not know had up to its least there. Of all keys
the greatest stay, and then the counts sum to at most what was added: the bounds hold as before.
Source: Metwally, Agrawal & El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data
Streams", 2005; merging: Agarwal et al., "Mergeable Summaries", 2012; Cafaro et al., 2016.
Page: docs/chapters/top_k.md
"""

from dataclasses import replace

from sortedcontainers import SortedDict

from chapters.top_k.counted import NUMBER_BYTES, Counted, first
from chapters.top_k.errors import Unmergeable

CAPACITY_MAX = 1_000_000


class SpaceSaving:
    """The most frequent keys of a stream, from `capacity` counters."""

    def __init__(self, capacity: int) -> None:
        assert 1 <= capacity <= CAPACITY_MAX, capacity
        self.capacity = capacity
        self.total = 0
        self._counters: dict[bytes, Counted] = {}
        self._buckets: SortedDict = SortedDict()  # count → its keys, in the order of their coming

    def __len__(self) -> int:
        return len(self._counters)

    def __contains__(self, key: bytes) -> bool:
        return key in self._counters

    @property
    def floor(self) -> int:
        """Return how often a key without a counter may have come by, at most."""
        return self._buckets.peekitem(0)[0] if len(self) == self.capacity else 0

    def add(self, key: bytes, count: int = 1) -> None:
        """Count `count` more of `key`, taking over the least counter if none is free.

        O(log of the number of different counts).
        """
        assert count > 0, count
        self.total += count
        if key in self._counters:
            before = self._take(key)
            self._put(key, before.count + count, before.error)
        elif len(self) < self.capacity:
            self._put(key, count, 0)
        else:
            least = self._take(self._least())
            self._put(key, least.count + count, least.count)

    def _least(self) -> bytes:
        """The key with the least count; of several the one that has had it longest."""
        keys: dict[bytes, None] = self._buckets.peekitem(0)[1]
        return next(iter(keys))

    def _take(self, key: bytes) -> Counted:
        """Take the key's counter away, and return what it said."""
        counter = self._counters.pop(key)
        keys = self._buckets[counter.count]
        del keys[key]
        if not keys:
            del self._buckets[counter.count]
        return counter

    def _put(self, key: bytes, count: int, error: int) -> None:
        """Give `key` a counter that says so."""
        self._counters[key] = Counted(key, count, error)
        self._buckets.setdefault(count, {})[key] = None

    def estimate(self, key: bytes) -> int:
        """Return a count of `key` that is never too low. O(1)."""
        return self._counted(key).count

    def _counted(self, key: bytes) -> Counted:
        """What is known of `key`; without a counter, anything from nothing to the floor."""
        return self._counters.get(key) or Counted(key, self.floor, self.floor)

    def top(self, count: int) -> list[Counted]:
        """Return the `count` greatest, each guaranteed if no other key can have come more often.

        That is: its least is no less than what the first one left out may have. O(capacity × log).
        """
        ranked = first(self._counters.values(), count + 1)
        others = ranked[count].count if len(ranked) > count else self.floor
        return [replace(each, is_guaranteed=each.least >= others) for each in ranked[:count]]

    def merge(self, other: "SpaceSaving") -> None:
        """Add what `other` counted, within the bounds for both streams. Raises `Unmergeable`."""
        if self.capacity != other.capacity:
            raise Unmergeable(
                f"{other.capacity} counters into {self.capacity}: make both alike, or the error of "
                f"the smaller is that of both"
            )
        sums = []
        for key in self._counters.keys() | other._counters.keys():
            mine, theirs = self._counted(key), other._counted(key)
            sums.append(Counted(key, mine.count + theirs.count, mine.error + theirs.error))
        self.total += other.total
        self._counters, self._buckets = {}, SortedDict()
        for each in first(sums, self.capacity):
            self._put(each.key, each.count, each.error)

    def check(self) -> None:
        """Assert what always holds; what does not is a mistake in this file."""
        assert len(self) <= self.capacity
        assert sum(each.count for each in self._counters.values()) <= self.total
        assert self.floor * self.capacity <= self.total
        assert all(0 <= each.error <= self.floor for each in self._counters.values())
        buckets = {key: count for count, keys in self._buckets.items() for key in keys}
        assert buckets == {key: each.count for key, each in self._counters.items()}

    @property
    def size_bytes(self) -> int:
        """Return what its keys take, with two numbers each."""
        return sum(len(key) + 2 * NUMBER_BYTES for key in self._counters)
