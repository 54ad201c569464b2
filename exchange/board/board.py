"""One feed for all pages: every trade reaches every reader, of all else the newest, when a reader has room.

    Spectator ──► quote, depth, candle, each ──► values: one a symbol, a newer one takes its place
              ──► trades, and all else ────────► changes: a ring of the last, nobody may miss one

A reader on a slow line costs what one on a fast line does: a number. It is given fewer pictures of the
book, none of them old. Whoever has missed trades that are gone begins anew.
Page: docs/exchange/market-data.md
"""

from collections.abc import Iterable

from chapters.fanout import Feed, Hub
from chapters.portal.history import Event

NAME = "market"
PICTURES = ("quote", "depth", "candle")  # of each, the newest is all that anybody wants
TRADES_KEPT = 4_096  # about a minute of a busy market, a few hundred kilobytes
RESET = b"event: reset\ndata: {}\n\n"  # the page asks for book and trades, then follows


class Board:
    """A hub with one feed, on which page events are published."""

    def __init__(self, forgotten: int = 0, *, kept: int = TRADES_KEPT) -> None:
        self.hub = Hub(kept=kept)
        self._feed: Feed = self.hub.open(NAME, forgotten=forgotten)
        self._feed.whole(forgotten, RESET)

    def publish(self, events: Iterable[Event]) -> None:
        """Publish what is new, and offer it to everybody whose line is free."""
        for event in events:
            if event.name in PICTURES:
                self._feed.value(event.id, key_of(event), event.encode())
            else:
                self._feed.change(event.id, event.encode())
        # Whoever begins now asks for the state, and needs no trades of before.
        self._feed.whole(self._feed.newest, RESET)
        self.hub.tell(NAME)


def key_of(event: Event) -> str:
    """Return what a newer event takes the place of: the same picture of the same symbol."""
    assert isinstance(event.data, dict)
    return "/".join((event.name, event.data["symbol"], event.data.get("interval", "")))
