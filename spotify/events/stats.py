"""How often each track was heard, when last, and what is heard now.

Page: docs/spotify/events.md
"""

from collections import Counter
from collections.abc import Iterable

from spotify.events.play import Play

NOW_MS = 10 * 60_000  # who was heard of longer ago is not listening now


class Stats:
    """Counts of plays that count."""

    def __init__(self, plays: Iterable[Play] = ()) -> None:
        self._plays: Counter[str] = Counter()
        self._last: dict[str, int] = {}
        self._playing: dict[str, tuple[str, int, str]] = {}
        for play in plays:
            self.add(play)

    def add(self, play: Play) -> None:
        """Count a play."""
        if play.counts:
            self._plays[play.track] += 1
            self._last[play.track] = max(play.at_ms, self.last_ms(play.track))

    def playing(self, user: str, track: str, at_ms: int, client: str) -> None:
        """Take note of what somebody has begun to hear."""
        self._playing[user] = track, at_ms, client

    def plays(self, track: str) -> int:
        """Return how often a track was heard."""
        return self._plays[track]

    def last_ms(self, track: str) -> int:
        """Return when a track was heard last; 0 for never."""
        return self._last.get(track, 0)

    def now_playing(self, now_ms: int) -> dict[str, tuple[str, int, str]]:
        """Return by user: the track, since when, on which client."""
        return {user: own for user, own in self._playing.items() if now_ms - own[1] < NOW_MS}
