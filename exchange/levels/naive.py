"""The book that one writes first: a list of levels, sorted again whenever a price appears.

Same interface as `book.BookSide`, so every test, exercise and benchmark of the book runs on it too.
Cost: O(levels × log levels) for a new price, O(levels) for a price that ran empty. With ten prices it
is the fastest of all; with ten thousand it is not. Page: docs/exchange/book.md
"""

from collections.abc import Iterator

from exchange.book import Level


class NaiveSide:
    """Levels in a sorted list; no level is ever empty between two commands."""

    def __init__(self) -> None:
        self.levels: list[Level] = []

    def at(self, key: int, price: int) -> Level:
        """Return the level at `price`. O(levels × log levels) when it is new."""
        for level in self.levels:
            if level.key == key:
                return level
        level = Level(key, price)
        self.levels.append(level)
        self.levels.sort(key=lambda level: level.key)
        return level

    def vacated(self, level: Level) -> None:
        """Forget `level`. O(levels)."""
        self.levels.remove(level)

    def best(self) -> Level | None:
        """Return the level with the best price. O(1)."""
        return self.levels[0] if self.levels else None

    def walk(self) -> Iterator[Level]:
        """Yield the levels from the best price on."""
        yield from list(self.levels)
