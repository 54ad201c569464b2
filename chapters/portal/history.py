"""The last few thousand events of a stream, so that a reader who was away a moment misses nothing.

    ids   … 41 42 [43 44 45 46]      a ring of `capacity` events; older ones are gone
                    ▲
        Last-Event-ID: 43  ──►  44 45 46         resumed, without a gap
        Last-Event-ID: 40  ──►  reset, 43 … 46   too long away: start over from a snapshot

Ids rise strictly; they need not be dense. Source: WHATWG HTML, §9.2 Server-sent events.
Page: docs/chapters/portal.md
"""

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

HISTORY_EVENTS_MAX = 4_096  # about a minute of a busy feed, a few hundred kilobytes


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: its place in the stream, its kind, and what is known (JSON)."""

    id: int
    name: str
    data: object

    def encode(self) -> bytes:
        """Return the event as the lines that travel, blank line included."""
        data = json.dumps(self.data, separators=(",", ":"))
        return f"id: {self.id}\nevent: {self.name}\ndata: {data}\n\n".encode()


class History:
    """A bounded ring of events, in order of their ids."""

    def __init__(self, capacity: int = HISTORY_EVENTS_MAX) -> None:
        self._capacity = capacity
        self._events: list[Event] = []
        self._forgotten = -1  # the highest id that is not held any more

    def add(self, event: Event) -> None:
        """Keep `event`; O(1) on average. Ids that do not rise are a bug of the source."""
        newest = self.newest
        assert event.id > newest, f"event id {event.id} after {newest}: ids must rise"
        self._events.append(event)
        if len(self._events) > 2 * self._capacity:
            self._forgotten = self._events[-self._capacity - 1].id
            del self._events[: -self._capacity]

    @property
    def newest(self) -> int:
        """The highest id so far, -1 before the first event."""
        return self._events[-1].id if self._events else self._forgotten

    def after(self, last: int) -> tuple[bool, Iterable[Event]]:
        """Return whether nothing is missing after id `last`, and the events that came since.

        An id from the future is one of an earlier life of this server: that reader starts over.
        """
        whole = self._forgotten <= last <= self.newest
        start = bisect_right(self._events, last, key=lambda event: event.id) if whole else 0
        return whole, self._events[start:]
