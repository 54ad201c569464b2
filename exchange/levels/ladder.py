"""The price ladder: one slot for every price, as traders draw it; fastest when prices are dense.

    price    … 997  998  999 1000 1001 1002 …
    slot         ·    ■    ■    ■    ·    ■          ■ a queue   · nobody

Finding a price is arithmetic instead of a search; finding the *next best* price is a walk over empty
slots, and in a sparse book that walk is its undoing: the flow that breaks it takes the best order of a
book whose next price is a million ticks away. Cost: O(1), but best() is O(gap) after a level runs
empty. Same interface as `book.BookSide`. Source: the array books of many production engines, e.g.
QuantCup's winner of 2011. Page: docs/exchange/book.md
"""

from collections.abc import Iterator

from exchange.book import Level

SLOTS_MAX = 8_000_000  # ticks between the lowest and the highest price; 64 MB of pointers


class LadderSide:
    """A slot per key between the lowest and the highest seen, and where the best one is."""

    def __init__(self) -> None:
        self.slots: list[Level | None] = []
        self.lowest_key = 0
        self.best_index = 0
        self.count = 0  # levels with orders

    def at(self, key: int, price: int) -> Level:
        """Return the level at `price`. O(1), and O(ticks added) when the ladder must grow."""
        index = self._index(key)
        level = self.slots[index]
        if level is None:
            level = self.slots[index] = Level(key, price)
        if level.first is None:
            self.best_index = index if not self.count else min(self.best_index, index)
            self.count += 1
        return level

    def vacated(self, level: Level) -> None:
        """Note that `level` ran empty."""
        self.count -= 1

    def best(self) -> Level | None:
        """Return the level with the best price: the first slot with a queue. O(gap)."""
        if not self.count:
            return None
        while (level := self.slots[self.best_index]) is None or level.first is None:
            self.best_index += 1
        return level

    def walk(self) -> Iterator[Level]:
        """Yield the levels from the best price on. O(ticks)."""
        for level in self.slots[self.best_index :]:
            if level is not None and level.first is not None:
                yield level

    def _index(self, key: int) -> int:
        """Return the slot of `key`, growing the ladder to reach it."""
        if not self.slots:
            self.lowest_key = key
        below, above = self.lowest_key - key, key - self.lowest_key - len(self.slots) + 1
        assert max(below, above) + len(self.slots) <= SLOTS_MAX, "prices too far apart for a ladder"
        if below > 0:
            self.slots[:0] = [None] * below
            self.best_index += below
            self.lowest_key = key
        elif above > 0:
            self.slots.extend([None] * above)
        return key - self.lowest_key
