"""Likes, ratings and play queues of everybody: a log of facts, and what follows from them.

    fact ──► log, one commit ──► applied ──► answered      opening reads the log and applies it all again

Invariant: what was answered is there after any crash; of two facts about the same thing the later one
counts. Page: docs/spotify/accounts.md
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chapters.errors import Refused
from chapters.log import Log

KINDS = ("track", "album", "artist")
RATING_MAX = 5
QUEUE_TRACKS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Queue:
    """Where a listener was: tracks, which of them (by number), and how far into it."""

    tracks: tuple[str, ...]
    current: int
    position_ms: int
    changed_ms: int
    changed_by: str


class Collection:
    """The facts of one log. One caller at a time."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._likes: dict[str, dict[tuple[str, str], int]] = {}
        self._ratings: dict[str, dict[str, int]] = {}
        self._queues: dict[str, Queue] = {}
        for record in log.read():
            self._apply(json.loads(record.payload))

    def like(self, user: str, kind: str, id: str, at_ms: int) -> None:
        """Like a track, an album or an artist; what is liked already keeps its time."""
        assert kind in KINDS
        if (kind, id) not in self._likes.get(user, {}):
            self._do({"do": "like", "user": user, "kind": kind, "id": id, "at_ms": at_ms})

    def unlike(self, user: str, kind: str, id: str) -> None:
        """Take a like back."""
        if (kind, id) in self._likes.get(user, {}):
            self._do({"do": "unlike", "user": user, "kind": kind, "id": id})

    def rate(self, user: str, id: str, stars: int) -> None:
        """Rate something with 1 to 5 stars; 0 takes it back. Raises `Refused` with 400."""
        if not 0 <= stars <= RATING_MAX:
            raise Refused(400, f"rating is {stars}; it must be 0 to {RATING_MAX}")
        self._do({"do": "rate", "user": user, "id": id, "stars": stars})

    def save_queue(self, user: str, queue: Queue) -> None:
        """Keep where a listener is. Raises `Refused` with 400 when the queue is too long."""
        if len(queue.tracks) > QUEUE_TRACKS_MAX:
            raise Refused(400, f"a queue of {len(queue.tracks)} tracks; at most {QUEUE_TRACKS_MAX}")
        facts = {
            "tracks": queue.tracks, "current": queue.current, "position_ms": queue.position_ms,
            "changed_ms": queue.changed_ms, "changed_by": queue.changed_by,
        }  # fmt: skip
        self._do({"do": "queue", "user": user, **facts})

    def liked(self, user: str, kind: str) -> dict[str, int]:
        """Return what a user likes of a kind, with the time of each, the oldest first."""
        own = self._likes.get(user, {})
        return {id: at_ms for (each, id), at_ms in own.items() if each == kind}

    def rating(self, user: str, id: str) -> int:
        """Return how many stars a user gave; 0 for none."""
        return self._ratings.get(user, {}).get(id, 0)

    def queue(self, user: str) -> Queue | None:
        """Return where a listener was."""
        return self._queues.get(user)

    def _do(self, fact: Mapping[str, Any]) -> None:
        self._log.append(json.dumps(fact, separators=(",", ":")).encode())
        self._log.commit()
        self._apply(fact)

    def _apply(self, fact: Mapping[str, Any]) -> None:
        user = fact["user"]
        match fact["do"]:
            case "like":
                self._likes.setdefault(user, {})[fact["kind"], fact["id"]] = fact["at_ms"]
            case "unlike":
                self._likes.get(user, {}).pop((fact["kind"], fact["id"]), None)
            case "rate":
                self._ratings.setdefault(user, {})[fact["id"]] = fact["stars"]
            case "queue":
                names = ("current", "position_ms", "changed_ms", "changed_by")
                self._queues[user] = Queue(tuple(fact["tracks"]), *(fact[name] for name in names))
