"""What the running service consists of, behind all of its doors: the page, Subsonic and the Web API.

Page: docs/spotify/serve.md
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

from chapters.sim.clock import MS, Clock
from spotify.accounts.users import Users
from spotify.catalogue.catalogue import Catalogue
from spotify.catalogue.library import FACTS, albums
from spotify.catalogue.track import id_of
from spotify.charts.charts import Charts
from spotify.collection.collection import Collection
from spotify.connect.session import Connect
from spotify.delivery.fleet import Fleet
from spotify.events.intake import Intake, Taken
from spotify.events.stats import Stats
from spotify.offline.desk import OfflineDesk
from spotify.playback.offer import Desk
from spotify.playlists.service import Playlists
from spotify.recs.desk import HomeDesk
from spotify.recs.sound import alike
from spotify.search.search import Search
from spotify.webapi.tokens import Tokens

Thing = TypeVar("Thing")


class Shelf:
    """The library as it is on disk now: read again when an album has come, changed or gone.

    Many ask at once; `turn` lets one of them read, and tell the listeners, while the others wait.
    """

    def __init__(self, library: Path, turn: AbstractContextManager[object]) -> None:
        self._library, self._turn = library, turn
        self._mark: object = None
        self._catalogue = Catalogue(())
        self._listeners: list[Callable[[Catalogue], object]] = []

    def on_change(self, listener: Callable[[Catalogue], object]) -> None:
        """Call `listener` with the catalogue, now and whenever it is another."""
        now = self.catalogue()
        self._listeners.append(listener)
        listener(now)

    def catalogue(self) -> Catalogue:
        """Return the catalogue of the library as it is."""
        with self._turn:
            mark = sorted(
                (path.parent.name, path.stat().st_mtime_ns)
                for path in self._library.glob(f"*/{FACTS}")
            )
            if mark != self._mark:
                self._catalogue, self._mark = Catalogue(albums(self._library)), mark
                for listener in self._listeners:
                    listener(self._catalogue)
            return self._catalogue


@dataclass(slots=True)
class House:
    """The parts that doors lead to; `turn` is held by whoever changes something."""

    clock: Clock
    rng: Random
    library: Path
    shelf: Shelf
    users: Users
    tokens: Tokens
    desk: Desk
    intake: Intake
    stats: Stats
    charts: Charts
    home: HomeDesk
    finder: Search
    collection: Collection
    playlists: Playlists
    offline: OfflineDesk
    connect: Connect
    fleet: Fleet
    turn: AbstractContextManager[object]

    @property
    def now_ms(self) -> int:
        """Return the time in milliseconds since the epoch."""
        return self.clock.now_ns() // MS

    def new_id(self) -> str:
        """Return an id that nothing has."""
        return id_of(self.rng.randbytes(16).hex())

    def shuffled(self, items: Sequence[Thing]) -> list[Thing]:
        """Return things in an order by lot."""
        return self.rng.sample(items, len(items))

    def search(self, kind: str, query: str, count: int) -> list[str]:
        """Return the ids of the best of a kind: `song`, `album` or `artist`."""
        self.shelf.catalogue()
        return self.finder.find(kind, query, count)

    def radio(self, track: str, market: str | None, count: int) -> list[str]:
        """Return tracks that sound like one and play in a market. Raises `Refused` with 404."""
        catalogue = self.shelf.catalogue()
        found = alike(catalogue.track(track), catalogue.of_market(market), count)
        return [each.id for each in found]

    def take_plays(self, batch: object) -> Taken:
        """Take reports of what was heard. Raises what `Intake.take` does."""
        taken = self.intake.take(batch, self.shelf.catalogue().tracks, self.now_ms)
        for play in taken.plays:
            self.stats.add(play)
            self.charts.add(play)
        self.home.begun(taken.plays)
        self.finder.heard({play.track for play in taken.plays})
        return taken

    def make_home(self) -> None:
        """Make the rows of all home pages again; others may be answered meanwhile."""
        self.home.make(self.shelf.catalogue(), [user.name for user in self.users])
