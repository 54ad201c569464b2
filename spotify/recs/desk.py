"""The home page of the running service: its rows from all plays, in the order that was learnt.

Lists and neighbours are made again when they are older than a minute, as a small service can; a large one
makes the lists once a week, as a batch. Nothing here is needed to play: without plays there are no rows.
Page: docs/spotify/home.md
"""

from collections.abc import Callable, Iterable, Sequence
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

MADE_AGAIN_MS = 60_000
SHOWN = 10  # tracks of a row
TITLES = {
    "made for you": "Made for you",
    "again": "Heard before",
    "together": "Goes with what you heard last",
    "charts": "Most heard this week",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of the plays at one time; `heard`: each listener's tracks, the latest first."""

    at_ms: int
    lists: Lists
    together: Together
    heard: dict[str, list[str]]


class HomeDesk:
    """Answers with a listener's rows. One caller at a time."""

    def __init__(self, rows: Rows, plays: Callable[[], Iterable[Play]], charts: Charts) -> None:
        self.rows, self._plays, self._charts = rows, plays, charts
        self._made: Made | None = None

    def page(self, user: User, catalogue: Catalogue, now_ms: int) -> list[tuple[str, list[str]]]:
        """Return the rows from the top: a name, and the ids of tracks that may be played there."""
        made = self._fresh(catalogue, now_ms)
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

    def begun(self, plays: Iterable[Play]) -> None:
        """Hear what was played: whether a row led to it."""
        for play in plays:
            self.rows.begun(play.user, play.source)

    def _fresh(self, catalogue: Catalogue, now_ms: int) -> Made:
        if self._made is None or now_ms - self._made.at_ms > MADE_AGAIN_MS:
            plays = [play for play in self._plays() if play.counts]
            artists = {track.id: track.artist_id for track in catalogue.tracks.values()}
            with executor("serial") as pool:
                lists = weekly(plays, artists, {}, pool)
            heard: dict[str, dict[str, None]] = {}
            for play in sorted(plays, key=lambda play: -play.at_ms):
                heard.setdefault(play.user, {})[play.track] = None
            together = Together(plays, np.random.default_rng(0))
            self._made = Made(now_ms, lists, together, {who: [*own] for who, own in heard.items()})
        return self._made

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
