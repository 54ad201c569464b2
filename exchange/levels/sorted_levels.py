"""The book that a professional would write with a library: levels in sortedcontainers' SortedDict.

Same interface as `book.BookSide`, and the yardstick of `kit bench exchange`. Every price stays in
order at all times, which makes walks easy and is more than matching needs: only the best must be known.
Cost: O(log levels) for a new price and for one that ran empty; best O(log levels) too.
Source: Jenks, sortedcontainers. Page: docs/exchange/book.md
"""

from collections.abc import Iterator

from sortedcontainers import SortedDict

from exchange.book import Level


class SortedSide:
    """Levels in a SortedDict by key; no level is ever empty between two commands."""

    def __init__(self) -> None:
        self.levels: SortedDict = SortedDict()

    def at(self, key: int, price: int) -> Level:
        """Return the level at `price`."""
        level: Level | None = self.levels.get(key)
        if level is None:
            level = self.levels[key] = Level(key, price)
        return level

    def vacated(self, level: Level) -> None:
        """Forget `level`."""
        del self.levels[level.key]

    def best(self) -> Level | None:
        """Return the level with the best price."""
        return self.levels.peekitem(0)[1] if self.levels else None

    def walk(self) -> Iterator[Level]:
        """Yield the levels from the best price on."""
        yield from list(self.levels.values())
