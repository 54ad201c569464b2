"""Reports are on disk before the player hears that they are taken; whoever hears nothing sends again.

    POST [{…}, {…}] ──► all readable? ──► append … append, one commit ──► {"taken": 2}

Invariant: what was answered with `taken` is in the log. It may be there twice: a player whose answer was
lost sends again, and the log does not look. At least once here, and numbers in the reports: that is
exactly once for whoever counts distinct ones. Page: docs/netflix/events.md
"""

import json
from collections.abc import Iterator, Sequence

from chapters.log import Log
from netflix.events.errors import BadEvent, BatchTooLong
from netflix.events.event import Event

BATCH_MAX = 500  # events at once; a player has one every 20 s, so that is three hours of no network


class Intake:
    """The end of the log where reports come in. One at a time: the caller sees to that."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def take(self, batch: object) -> int:
        """Return how many events were taken: all of the batch, safely.

        Raises `BadEvent` and `BatchTooLong`, with nothing taken; what `Log.commit` raises.
        """
        if not isinstance(batch, Sequence) or isinstance(batch, str):
            raise BadEvent("send a JSON list of events")
        if len(batch) > BATCH_MAX:
            raise BatchTooLong(f"{len(batch)} events at once; send at most {BATCH_MAX}")
        events = [Event.from_json(each) for each in batch]
        for event in events:
            self._log.append(event.to_bytes())
        self._log.commit()
        return len(events)


def events(log: Log, first: int = 1) -> Iterator[Event]:
    """Yield what is in the log from record `first` on, duplicates and all."""
    for record in log.read(first):
        yield Event.from_json(json.loads(record.payload))
