"""Clients that are shown what is committed, and nothing else.

    client ──Watch(after 41)──► primary ──Shown(behind 41: records 42 to 57)──► client
                                        ──Shown(behind 57: records 58, 59)──►   as they are committed

A watcher's disk does not count, and it confirms nothing: what it is shown has happened already, whatever
becomes of it or of the primary. Page: docs/exchange/standby.md
"""

from collections.abc import Callable
from dataclasses import dataclass

from exchange.standby.copies import Copies
from exchange.standby.journal import Journal
from exchange.standby.messages import PRIMARY, SHORT, Message, Shown

WATCHERS_MAX = 64  # of one more, the one that came first is forgotten, until it asks again
PATIENCE = 8  # questions from the same place; then what was sent behind it is taken for lost


@dataclass(slots=True)
class Watcher:
    """A client as the primary knows it."""

    sent: int  # the last record sent to it
    asked: int = -1  # what it wanted to go on from, when it asked last
    times: int = 0  # that it has asked from there


class Watchers:
    """The watchers of one primary, by name."""

    def __init__(
        self, epoch: int, copies: Copies, journal: Journal, *,
        send: Callable[[str, Message], object], chunk: int,
    ) -> None:  # fmt: skip
        self._epoch, self._copies, self._journal = epoch, copies, journal
        self._send, self._chunk = send, chunk
        self._watchers: dict[str, Watcher] = {}

    def asked(self, name: str, after: int) -> None:
        """Answer a client that has everything up to record `after`; from now on it watches."""
        if after > self._journal.last:
            self._send(name, Shown(SHORT, self._epoch, self._journal.last, self._copies.committed))
            return
        watcher = self._watchers.setdefault(name, Watcher(after))
        if len(self._watchers) > WATCHERS_MAX:
            del self._watchers[next(iter(self._watchers))]
        watcher.times = watcher.times + 1 if watcher.asked == after else 0
        watcher.asked = after
        if watcher.times >= PATIENCE or watcher.sent < after:
            watcher.sent, watcher.times = after, 0
        self._show(name, watcher)

    def show(self, up_to: int) -> None:
        """Show everybody what is committed up to `up_to`; while it is in memory, that is cheap."""
        for name, watcher in self._watchers.items():
            if watcher.sent < up_to:
                self._show(name, watcher)

    def _show(self, name: str, watcher: Watcher) -> None:
        committed, previous = self._copies.committed, watcher.sent
        count = max(0, min(self._chunk, committed - previous))
        payloads = self._journal.read(previous + 1, count)
        watcher.sent += len(payloads)
        copies = self._copies.copies(committed)
        last = self._journal.last
        message = Shown(PRIMARY, self._epoch, last, committed, copies, previous, payloads)
        self._send(name, message)
