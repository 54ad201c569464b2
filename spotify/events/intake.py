"""Reports are on disk before a player hears that they were taken, and each play is there once.

    report ──► can it be a play? ── no ──► dead letters, counted by reason
                   │ yes
                   ▼
               seen before? ── yes ──► taken, again: the player's answer was lost
                   │ no
                   ▼
               log, one commit ──► taken

Invariant: a play that was answered is in the log exactly once, whatever was killed; what cannot be a
play is in the dead letters, and nothing is in neither. The ids that were seen are read from the log
itself when it is opened, so that a restart forgets none. Page: docs/spotify/events.md
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chapters.errors import Refused
from chapters.log.record import Record
from spotify.catalogue.track import Track
from spotify.events.play import BadPlay, Play, checked

BATCH_MAX = 500
LETTER_BYTES_MAX = 2_000  # of a dead letter; what is longer is kept as its beginning


class EventLog(Protocol):
    """Where records are added and read again: a `Log` in a folder, or a `Stream` on a server."""

    def append(self, payload: bytes) -> int:
        """Return the sequence given to `payload`, which is a promise to nobody before `commit`."""

    def commit(self) -> int:
        """Make all that was appended durable."""

    def read(self, first: int | None = None) -> Iterator[Record]:
        """Yield the durable records from `first` on."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch."""

    plays: tuple[Play, ...]  # those that are new
    repeated: int
    dead: int

    def shown(self) -> dict[str, int]:
        """Return the counts."""
        return {"taken": len(self.plays), "repeated": self.repeated, "dead": self.dead}


class Intake:
    """The end of two logs where reports come in: plays, and dead letters. One caller at a time."""

    def __init__(self, plays: EventLog, dead: EventLog) -> None:
        self._plays, self._dead = plays, dead
        self._seen = {play.id for play in read(plays)}
        self.reasons: Counter[str] = Counter(
            json.loads(record.payload)["reason"] for record in dead.read()
        )

    def take(self, batch: object, tracks: Mapping[str, Track], now_ms: int) -> Taken:
        """Take a list of reports. Raises `Refused` (400, 413) with nothing taken, and as `commit`."""
        if not isinstance(batch, Sequence) or isinstance(batch, str):
            raise Refused(400, "send a JSON list of plays")
        if len(batch) > BATCH_MAX:
            raise Refused(413, f"{len(batch)} plays at once; send at most {BATCH_MAX}")
        good: dict[str, Play] = {}
        letters: list[tuple[str, object]] = []
        for facts in batch:
            try:
                play = checked(facts, tracks, now_ms)
                good.setdefault(play.id, play)
            except BadPlay as bad:
                letters.append((bad.reason, facts))
        new = [play for id, play in good.items() if id not in self._seen]
        self._bury(letters)
        for play in new:
            self._plays.append(play.to_bytes())
        self._plays.commit()
        self._seen |= {play.id for play in new}
        return Taken(tuple(new), len(batch) - len(letters) - len(new), len(letters))

    def _bury(self, letters: Sequence[tuple[str, object]]) -> None:
        for reason, facts in letters:
            told = json.dumps(facts)[:LETTER_BYTES_MAX]
            self._dead.append(json.dumps({"reason": reason, "report": told}).encode())
        self._dead.commit()
        self.reasons.update(reason for reason, _ in letters)

    def plays(self, first: int | None = None) -> Iterator[Play]:
        """Yield the plays from record `first` on."""
        return read(self._plays, first)


def read(log: EventLog, first: int | None = None) -> Iterator[Play]:
    """Yield the plays in a log from record `first` on."""
    for record in log.read(first):
        yield Play.from_bytes(record.payload)
