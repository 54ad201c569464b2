"""A play: who heard what, for how long. It has an id that the player drew when it began.

    begins   the player draws an id
    ends     it reports, and reports again until it hears that it was taken: the id stays

Invariant: an id is one play, however often it is reported. A server that makes up ids when reports come
in counts the same evening twice; that is the oldest bug of scrobbling. Page: docs/spotify/events.md
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from spotify.catalogue.track import Track

ID_CHARS_MAX = 64
SLACK_MS = 2_000  # by which a player's own clock may err
COUNTS_MS = 30_000  # who hears less has not heard it: Spotify pays from 30 s on
AHEAD_MS_MAX = 5 * 60_000  # by how much a player's clock may be ahead of ours


@dataclass(frozen=True, slots=True)
class Play:
    """One listening. Times in milliseconds; `at_ms` since the epoch, by the player's clock."""

    id: str
    user: str
    track: str
    at_ms: int
    played_ms: int
    source: str = ""  # what it was begun from: album, playlist, radio, search

    @property
    def counts(self) -> bool:
        """Return whether it is long enough to be paid for and to be in the charts."""
        return self.played_ms >= COUNTS_MS

    def to_bytes(self) -> bytes:
        """Return the play as it is kept."""
        return json.dumps(asdict(self), separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Play":
        """Return the play that was kept."""
        return cls(**json.loads(data))


class BadPlay(Exception):
    """A report that cannot be a play: `reason` is one word, for counting."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def checked(facts: object, tracks: Mapping[str, Track], now_ms: int) -> Play:
    """Return the play that a report tells of. Raises `BadPlay`; what it refuses is never paid."""
    if not isinstance(facts, Mapping):
        raise BadPlay("shape", "a play is a JSON object")
    id, user = _text(facts, "id"), _text(facts, "user")
    track = tracks.get(_text(facts, "track"))
    if track is None:
        raise BadPlay("track", f"there is no track {facts.get('track')!r}")
    at_ms, played_ms = _count(facts, "at_ms"), _count(facts, "played_ms")
    if played_ms > track.duration_ms + SLACK_MS:
        raise BadPlay("long", f"{played_ms} ms were heard of {track.duration_ms}")
    if at_ms > now_ms + AHEAD_MS_MAX:
        raise BadPlay("future", f"it was begun {(at_ms - now_ms) // 1000} s from now")
    source = facts.get("source", "")
    return Play(id, user, track.id, at_ms, played_ms, source if isinstance(source, str) else "")


def _text(facts: Mapping[str, object], name: str) -> str:
    value = facts.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= ID_CHARS_MAX:
        raise BadPlay(name, f"{name} is {value!r:.40}; it must be 1 to {ID_CHARS_MAX} letters")
    return value


def _count(facts: Mapping[str, object], name: str) -> int:
    value = facts.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadPlay(name, f"{name} is {value!r:.40}; it must be a whole number from 0")
    return value
