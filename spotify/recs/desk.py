"""The home page of the running service: its rows from all plays, in the order that was learnt.

    plays ──► make, beside the answering, now and then ──► Made ──► page, at once

Nothing here is needed to play: without plays there are no rows. All plays are in memory, as is what was
made of them; a large service makes lists once a week, as a batch. Page: docs/spotify/home.md
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from chapters.batch import executor
from spotify.accounts.users import User
from spotify.catalogue.catalogue import Catalogue, may
from spotify.charts.charts import Charts, week_of
from spotify.events.play import Play
from spotify.recs.home import Rows
from spotify.recs.sound import alike
from spotify.recs.together import Together
from spotify.recs.weekly import Lists, weekly

SHOWN = 10  # tracks of a row
TITLES = {
    "made for you": "Made for you",
    "again": "Heard before",
    "together": "Goes with what you heard last",
    "charts": "Most heard this week",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of so many plays; `heard`: each listener's tracks, the latest first."""

    plays: int
    lists: Lists
    together: Together
    heard: dict[str, list[str]]


class HomeDesk:
    """Answers with a listener's rows, one caller at a time; `make` may run beside that."""

    def __init__(self, rows: Rows, plays: Iterable[Play], charts: Charts) -> None:
        self.rows, self._charts = rows, charts
        self._plays = [play for play in plays if play.counts]
        self._made: Made | None = None

    def begun(self, plays: Iterable[Play]) -> None:
        """Hear what was played, and whether a row led to it."""
        for play in plays:
            self.rows.begun(play.user, play.source)
            if play.counts:
                self._plays.append(play)

    def make(self, catalogue: Catalogue, listeners: Iterable[str]) -> None:
        """Make lists and neighbours of all plays, unless nothing was played since the last time."""
        plays = self._plays.copy()
        if len(plays) == (self._made.plays if self._made else 0):
            return
        artists = {track.id: track.artist_id for track in catalogue.tracks.values()}
        with executor("serial") as pool:
            lists = weekly(plays, artists, {}, pool, listeners=listeners)
        heard: dict[str, dict[str, None]] = {}
        for play in sorted(plays, key=lambda play: -play.at_ms):
            heard.setdefault(play.user, {})[play.track] = None
        together = Together(plays, np.random.default_rng(0))
        self._made = Made(len(plays), lists, together, {who: [*own] for who, own in heard.items()})

    def page(self, user: User, catalogue: Catalogue, now_ms: int) -> list[tuple[str, list[str]]]:
        """Return the rows from the top: a name, and the ids of tracks that may be played there."""
        made = self._made
        if made is None:
            return []
        heard = made.heard.get(user.name, [])
        charts = [track for track, _ in self._charts.top(week_of(now_ms), user.market)]
        offered = {
            "made for you": made.lists.get(user.name, []),
            "again": heard,
            "together": self._beside(heard[0], made, catalogue) if heard else [],
            "charts": charts,
        }
        rows = {name: shown(tracks, catalogue, user.market) for name, tracks in offered.items()}
        filled = [name for name, tracks in rows.items() if tracks]
        if not filled:
            return []
        return [(name, rows[name]) for name in self.rows.order(user.name, now_ms, filled)]

    def _beside(self, track: str, made: Made, catalogue: Catalogue) -> list[str]:
        """What is heard with a track; what sounds like it, as long as nobody knows."""
        if track in made.together or track not in catalogue.tracks:
            return made.together.near(track, SHOWN)
        tracks = list(catalogue.tracks.values())
        return [each.id for each in alike(catalogue.tracks[track], tracks, SHOWN)]


def shown(tracks: Sequence[str], catalogue: Catalogue, market: str) -> list[str]:
    """Return the first of them that are there and may be played in a market."""
    known = [catalogue.tracks[track] for track in tracks if track in catalogue.tracks]
    return [track.id for track in known if may(track, market)][:SHOWN]
