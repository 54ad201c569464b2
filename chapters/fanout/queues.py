"""A queue for each reader, as long as it gets: what one writes first, for contrast.

Nobody misses anything. A reader that is slower than the feed sees the past, further back every minute,
and the past is kept for each of them. Page: docs/chapters/fanout.md
"""

from collections import deque

from chapters.fanout.hub import Line


class QueueReader:
    """Somebody with a queue of their own."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.waiting: deque[bytes] = deque()
        self.free = True

    def offer(self) -> None:
        """Hand over what is at the head of the queue, as long as the line is free."""
        while self.free and self.waiting:
            self.free = self.line.send(self.waiting.popleft())

    def drained(self) -> None:
        """The line is free again."""
        self.free = True
        self.offer()


class Queues:
    """One feed; changes and values are the same to it."""

    def __init__(self) -> None:
        self.readers: list[QueueReader] = []

    def join(self, line: Line) -> QueueReader:
        """Add a reader."""
        self.readers.append(QueueReader(line))
        return self.readers[-1]

    def change(self, number: int, chunk: bytes) -> None:
        """Publish: one entry more in each queue."""
        for reader in self.readers:
            reader.waiting.append(chunk)
            reader.offer()

    def value(self, number: int, key: str, chunk: bytes) -> None:
        """Publish; an older value of the same key that still waits is sent all the same."""
        self.change(number, chunk)
