"""The running service: the one place where real clocks, ports, processes and folders are chosen.

    port       page, Subsonic, Web API          port + 1   origin
    port + 2…  edges                            each a process of its own

Page: docs/spotify/serve.md
"""

import hmac
import os
import random
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from flask import Flask

from chapters.cache.policies import named
from chapters.errors import UsageError
from chapters.lease import Leases
from chapters.log import Log
from chapters.portal import parts, serving
from chapters.portal.lifetime import end_with_parent
from chapters.sim.real import RealDisk, WallClock
from spotify import demo_library, wire
from spotify.accounts.users import Users
from spotify.charts.charts import of as charts_of
from spotify.collection.collection import Collection
from spotify.connect.session import Connect
from spotify.delivery import app as delivery
from spotify.delivery.fleet import Fleet
from spotify.delivery.routing import Router
from spotify.delivery.signing import Signer
from spotify.events.intake import EventLog, Intake
from spotify.events.stats import Stats
from spotify.events.wire import Stream
from spotify.house import House, Shelf
from spotify.offline.desk import OfflineDesk
from spotify.places import library_folder, secret_of
from spotify.playback.offer import Desk
from spotify.playlists.service import Playlists
from spotify.recs.desk import HomeDesk
from spotify.recs.home import ROWS, Rows
from spotify.search.search import Search
from spotify.webapi.tokens import Tokens

SETTINGS = "KIT_SPOTIFY"
EVENTS_VARIABLE = "KIT_EVENTS"  # nats://host:port, where plays are kept instead of in the folder
EDGES_MAX = 8
LOOK_EVERY_S = 0.5
HOME_EVERY_S = 5.0
AT_ONCE = 32
MIB = 1024 * 1024
LISTENERS = (("ada", "SE"), ("ben", "US"), ("kim", "DE"))  # who is there to begin with
PASSWORD = "tide"  # of all of them; they are on the page for anybody to choose


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service's processes are told, through the environment."""

    host: str
    port: int
    library: str
    folder: str  # accounts, playlists, plays, and which edges are down
    events: str  # nats://host:port, where plays are kept; empty: in the folder
    secret: str  # hexadecimal
    edges: int
    policy: str
    capacity_bytes: int

    @classmethod
    def read(cls) -> "Settings":
        """Return the settings of this process. Raises `UsageError` when it was started alone."""
        return parts.told(SETTINGS, cls, "kit serve spotify")

    @property
    def down(self) -> Path:
        """The folder whose files say which edges are to stay dead."""
        return Path(self.folder) / "down"

    @property
    def urls(self) -> dict[str, str]:
        """The edges' addresses by name."""
        return {
            f"edge-{number}": f"http://{self.host}:{self.port + 1 + number}"
            for number in range(1, self.edges + 1)
        }

    @property
    def origin_url(self) -> str:
        """The origin's address."""
        return f"http://{self.host}:{self.port + 1}"

    def derived(self, purpose: bytes) -> bytes:
        """A key for one purpose alone, so that edges never see what other keys come from."""
        return hmac.new(bytes.fromhex(self.secret), purpose, sha256).digest()


def serve(
    host: str = "127.0.0.1",
    port: int = 9300,
    *,
    library: Path | None = None,
    folder: Path | None = None,
    edges: int = 3,
    policy: str = "s3-fifo",
    capacity_mib: int = 32,
    on_ready: Callable[..., None] = lambda url, *more: None,
) -> None:
    """Serve the albums of `library` at `port`, with a page to hear them on, until told to stop.

    Without a `library` it is the one of `kit spotify albums`, with computed music to begin with.
    Accounts, playlists and plays are kept in `folder`, else beside the library. Each edge keeps
    `capacity_mib` by `policy`. Raises `PortInUse`, `UsageError`, `NoFfmpeg`, `Unreachable`.
    """
    if not 1 <= edges <= EDGES_MAX:
        raise UsageError(f"--edges is {edges}; it must be 1 to {EDGES_MAX}")
    named(policy)
    events = os.environ.get(EVENTS_VARIABLE, "")
    if events:
        Stream(events, "plays").close()
    serving.must_be_free(host, port, ports=2 + edges)
    place = library or library_folder()
    secret = secret_of(place, rng=random.SystemRandom())
    if library is None:
        demo_library.ensure(place, _told)
    settings = Settings(
        host=host,
        port=port,
        library=str(place),
        folder=str(folder or place.with_name(f"{place.name}-listeners")),
        events=events,
        secret=secret.hex(),
        edges=edges,
        policy=policy,
        capacity_bytes=capacity_mib * MIB,
    )
    parts.tell(SETTINGS, settings)
    names = ["origin", *settings.urls]
    beside = [(sys.executable, "-m", "chapters.cli", "spotify", "part", each) for each in names]
    ready = parts.when_up(
        [settings.origin_url, *settings.urls.values()], partial(_ready, settings, on_ready)
    )
    serving.serve("spotify.app:web", host, port, beside=beside, at_once=AT_ONCE, on_ready=ready)


def _told(what: str, done: int, total: int) -> None:
    sys.stderr.write(f"  {what} ({done} of {total}); this is done once\n")


def _ready(settings: Settings, on_ready: Callable[..., None], url: str) -> None:
    """Say where the page is, and what other players must be told."""
    users = Users(Path(settings.folder) / "accounts.json", rng=random.SystemRandom())
    name = LISTENERS[0][0]
    password = users.named(name).app_password
    on_ready(url, f"Subsonic clients: {url}  user {name}  password {password}")


def web() -> Flask:
    """Return the application of `kit serve spotify`: granian calls this in its own process."""
    end_with_parent()
    settings = Settings.read()
    house = build(settings)
    parts.repeat(house.fleet.look, LOOK_EVERY_S)
    parts.repeat(house.make_home, HOME_EVERY_S)
    return wire.create(house, list(settings.urls.values()))


def build(settings: Settings) -> House:
    """Return the service's parts, on real clocks and disks."""
    clock, folder = WallClock(), Path(settings.folder)
    shelf = Shelf(Path(settings.library), threading.Lock())
    fleet = Fleet(settings.urls, settings.down)
    users = Users(folder / "accounts.json", rng=random.SystemRandom())
    for name, market in LISTENERS:
        users.add(name, PASSWORD, market)
    desk = Desk(
        shelf.catalogue,
        Router(settings.urls),
        Signer(settings.derived(b"addresses")),
        clock=clock,
        down=fleet.down,
    )
    intake = Intake(_events(settings, "plays"), _events(settings, "dead"))
    stats = Stats(intake.plays())
    markets = {user.name: user.market for user in users}
    charts = charts_of(intake.plays(), "space-saving", markets)
    rows = Rows(ROWS, rng=random.SystemRandom())
    finder = Search(stats.plays)
    shelf.on_change(finder.refresh)
    return House(
        clock=clock,
        rng=random.SystemRandom(),
        library=Path(settings.library),
        shelf=shelf,
        users=users,
        tokens=Tokens(settings.derived(b"tokens")),
        desk=desk,
        intake=intake,
        stats=stats,
        charts=charts,
        home=HomeDesk(rows, intake.plays(), charts),
        finder=finder,
        collection=Collection(_log(folder / "collection")),
        playlists=Playlists(_log(folder / "playlists")),
        offline=OfflineDesk(
            shelf.catalogue, _log(folder / "devices"), settings.derived(b"offline"), clock=clock
        ),
        connect=Connect(Leases(clock=clock, disk=_disk(folder / "leases")), clock=clock),
        fleet=fleet,
        turn=threading.Lock(),
    )


def _events(settings: Settings, name: str) -> EventLog:
    """Return the log of that name: in the folder, or on the server that KIT_EVENTS names."""
    return Stream(settings.events, name) if settings.events else _log(Path(settings.folder) / name)


def _log(folder: Path) -> Log:
    return Log(disk=_disk(folder))


def _disk(folder: Path) -> RealDisk:
    disk = RealDisk(folder)
    disk.claim()
    return disk


def part(name: str) -> None:
    """Be the origin or an edge of `kit serve spotify`."""
    settings = Settings.read()
    number = 0 if name == "origin" else int(name.rpartition("-")[2])
    told = delivery.Settings(
        name=name,
        library=settings.library,
        down=str(settings.down),
        secret=settings.derived(b"addresses").hex(),
        origin=settings.origin_url if number else "",
        policy=settings.policy,
        capacity_bytes=settings.capacity_bytes,
    )
    delivery.run(told, settings.host, settings.port + 1 + number)
