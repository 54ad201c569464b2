"""From the town's facts to the feeds of a hub, with what each reader is sent as bytes: Server-Sent Events.

    event: snapshot   id: e3-4    all that is known, first of all, or because you were away too long
    event: state      id: e3-5    a change, and all that is known since
    event: position               no id: the newest is enough, and nobody comes back for an older one

Page: docs/zomato/tracking.md
"""

from chapters.fanout import Hub, Reader, text_of
from zomato.tracking.facts import STATE, Fact

SNAPSHOT = "snapshot"


class Relay:
    """Publishes what the town says. Nobody may join before it `is_ready`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._named: set[str] = set()
        self.is_ready = False

    def begin(self) -> None:
        """The town tells all that it knows, from here to `ready`."""
        self._named = set()

    def hear(self, fact: Fact) -> None:
        """Publish a fact, unless it is known."""
        self._named.add(fact.order)
        feed = self._hub.open(fact.order, fact.life, forgotten=fact.forgotten)
        if fact.number <= feed.newest:
            return
        if fact.kind == STATE:
            place = text_of(fact.life, fact.number)
            feed.change(fact.number, encoded(STATE, fact.data, place))
            feed.whole(fact.number, encoded(SNAPSHOT, fact.data, place))
        else:
            feed.value(fact.number, fact.kind, encoded(fact.kind, fact.data))
        self._hub.tell(fact.order)

    def ready(self) -> list[Reader]:
        """That was all; return the readers of orders that are no more."""
        gone = [name for name in self._hub.names if name not in self._named]
        self.is_ready = True
        return [reader for name in gone for reader in self._hub.close(name)]


def encoded(event: str, data: bytes, id: str = "") -> bytes:
    """Return an event as the lines that travel, the empty one included."""
    place = f"id: {id}\n" if id else ""
    return b"%bevent: %b\ndata: %b\n\n" % (place.encode(), event.encode(), data)
