"""Numbers what the public is told, sends it once, and keeps the last of it for whoever missed some.

    journal ──► View ──► messages, numbered ──► packets ──► all
                                          └──► the last 65,536 ──► again(first, count): who missed some
                  └──► snapshot(): all books at number n ──► who comes late, or missed too much

A number is the count of messages since the first command of the journal. So it depends on the journal and
on nothing else: a publisher that is started again, or on another machine, goes on with the same numbers.
Cost: O(1) a message; a snapshot O(orders × log orders). Page: docs/exchange/feed.md
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from exchange.errors import NotKept
from exchange.feed.messages import Message, encode
from exchange.feed.packets import Packet, pack, packets
from exchange.feed.view import View
from exchange.sequencer import Sequenced

KEPT = 65_536  # messages: some 2 MB, a few seconds of a very busy feed
AGAIN_MAX = 2_048  # messages an answer: nobody's gap holds up the others'


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The messages that build all books as they are after message `number`."""

    session: str
    number: int
    messages: tuple[bytes, ...]


class Publisher:
    """What was told so far: its number, its books, and the last messages themselves."""

    def __init__(self, view: View, session: str, *, kept: int = KEPT) -> None:
        self.view, self.session = view, session
        self._last: deque[bytes] = deque(maxlen=kept)
        self.number = 0  # of the last message
        self.time_ns = 0
        self.beginning = self._number(view.begin(0))

    def publish(self, done: Iterable[Sequenced]) -> Iterator[bytes]:
        """Yield the packets that tell of what was done."""
        first, fresh = self.number + 1, list[bytes]()
        for each in done:
            self.time_ns = each.now_ns
            fresh += self._number(self.view.apply(each))
        yield from map(pack, packets(self.session, first, fresh))

    def heartbeat(self) -> bytes:
        """Return a packet without messages: its number is news to whoever missed the last one."""
        return pack(Packet(self.session, self.number + 1))

    def end(self) -> bytes:
        """Return the packet that ends the session."""
        return pack(Packet(self.session, self.number + 1, is_end=True))

    def again(self, number: int, count: int) -> Iterator[bytes]:
        """Yield packets with `count` messages from `number` on, `AGAIN_MAX` at most. Raises `NotKept`."""
        oldest = self.number + 1 - len(self._last)
        if not oldest <= number <= self.number:
            raise NotKept(
                f"message {number} is not kept; {oldest} to {self.number} are: take a snapshot"
            )
        start = number - oldest
        found = list(islice(self._last, start, start + min(count, AGAIN_MAX)))
        return map(pack, packets(self.session, number, found))

    def snapshot(self) -> Snapshot:
        """Return all books as they are now."""
        messages = tuple(map(encode, self.view.snapshot(self.time_ns)))
        return Snapshot(self.session, self.number, messages)

    def _number(self, messages: Iterable[Message]) -> list[bytes]:
        fresh = [encode(message) for message in messages]
        self._last.extend(fresh)
        self.number += len(fresh)
        return fresh
