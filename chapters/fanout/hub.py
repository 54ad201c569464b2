"""Many readers at many feeds; each is given what it has not had, whenever its line is free.

    publish ──► Feed ──► each reader whose line is free: what comes after its place
                         a reader whose line is busy: nothing, and nothing is kept for it
    its line is free again ──► what comes after its place by then: all changes, the newest values

New, slow, cut off, too late: one mechanism. A reader that has lost its place, as one has that never had
one, begins with a snapshot. Page: docs/chapters/fanout.md
"""

from collections.abc import Iterator
from typing import Protocol

from chapters.fanout.errors import HubFull, LostPlace, NoSuchFeed
from chapters.fanout.feed import KEPT, Feed
from chapters.fanout.place import NOWHERE, number_of
from chapters.sim.errors import at_least

READERS_MAX = 10_000
STUCK_SWEEPS_MAX = 2


class Line(Protocol):
    """The way to a reader: a socket, as a rule."""

    def send(self, chunk: bytes) -> bool:
        """Take all of `chunk`; return whether more may follow at once, or only after `drained`."""


class Reader:
    """Somebody who follows a feed: where they are, and whether their line is free."""

    __slots__ = ("at", "begun", "feed", "free", "line", "name", "stuck_sweeps")

    def __init__(self, name: str, feed: Feed, at: int, line: Line) -> None:
        self.name, self.feed, self.at, self.line = name, feed, at, line
        self.free = True
        self.begun = 0  # how often it was given a snapshot
        self.stuck_sweeps = 0

    def offer(self) -> None:
        """Hand over what the reader has not had, as long as its line is free."""
        while self.free and self.at != self.feed.newest:
            try:
                self.at, chunk = self.feed.after(self.at)
            except LostPlace:
                self.at, chunk = self.feed.begin()
                self.begun += 1
            if chunk:
                self.free = self.line.send(chunk)

    def drained(self) -> None:
        """The line is free again."""
        self.free, self.stuck_sweeps = True, 0
        self.offer()


class Hub:
    """Feeds by name, and who reads them."""

    def __init__(self, *, readers_max: int = READERS_MAX, kept: int = KEPT) -> None:
        at_least(1, readers_max=readers_max)
        self._readers_max, self._kept = readers_max, kept
        self._feeds: dict[str, Feed] = {}
        self._readers: dict[str, dict[Reader, None]] = {}
        self.readers = 0

    @property
    def names(self) -> list[str]:
        """The feeds that there are."""
        return list(self._feeds)

    def __contains__(self, name: object) -> bool:
        return name in self._feeds

    def open(self, name: str, life: str = "", *, forgotten: int = 0) -> Feed:
        """Return the feed of that name and life, whose changes up to `forgotten` are not to be had.

        If it is another life than before, or changes between are missing, its readers begin anew.
        """
        feed = self._feeds.get(name)
        if feed is None or feed.life != life or feed.newest < forgotten:
            self._feeds[name] = feed = Feed(life, kept=self._kept, forgotten=forgotten)
            for reader in self._readers.setdefault(name, {}):
                reader.feed, reader.at = feed, NOWHERE
        return feed

    def close(self, name: str) -> list[Reader]:
        """End a feed; return who read it. Raises `NoSuchFeed`."""
        self._found(name)
        del self._feeds[name]
        gone = list(self._readers.pop(name))
        self.readers -= len(gone)
        return gone

    def join(self, name: str, line: Line, last: str = "") -> Reader:
        """Give a reader what it missed since the place `last`, else a snapshot; then what comes.

        Raises `NoSuchFeed`, `HubFull`.
        """
        feed = self._found(name)
        if self.readers >= self._readers_max:
            raise HubFull(self._readers_max)
        try:
            at = number_of(last, feed.life)
        except LostPlace:
            at = NOWHERE
        reader = Reader(name, feed, at, line)
        self._readers[name][reader] = None
        self.readers += 1
        reader.offer()
        return reader

    def leave(self, reader: Reader) -> None:
        """Forget a reader; one that is not here any more is no error."""
        readers = self._readers.get(reader.name, {})
        if reader in readers:
            del readers[reader]
            self.readers -= 1

    def tell(self, name: str) -> None:
        """Offer what was published to all who read it; call it after a change or a value."""
        for reader in tuple(self._readers.get(name, ())):
            reader.offer()

    def sweep(self) -> Iterator[tuple[Reader, bool]]:
        """Yield every reader, and whether to cut it off: its line was busy in the last sweeps too."""
        for reader in [each for readers in self._readers.values() for each in readers]:
            reader.stuck_sweeps = 0 if reader.free else reader.stuck_sweeps + 1
            yield reader, reader.stuck_sweeps > STUCK_SWEEPS_MAX

    def _found(self, name: str) -> Feed:
        if name not in self._feeds:
            raise NoSuchFeed(name)
        return self._feeds[name]
