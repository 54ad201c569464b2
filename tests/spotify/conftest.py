"""A small library, made once, and the whole service in this process upon it."""

import shutil
import threading
from fcntl import LOCK_EX, flock
from pathlib import Path
from random import Random

import pytest

from chapters.lease import Leases
from chapters.log import Log
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from spotify.accounts.users import Users
from spotify.charts.charts import Charts
from spotify.collection.collection import Collection
from spotify.connect.session import Connect
from spotify.delivery.fleet import Fleet
from spotify.delivery.routing import Router
from spotify.delivery.signing import Signer
from spotify.events.intake import Intake
from spotify.events.stats import Stats
from spotify.house import House, Shelf
from spotify.ingest.folder import ingest
from spotify.offline.desk import OfflineDesk
from spotify.playback.offer import Desk
from spotify.playlists.service import Playlists
from spotify.recs.desk import HomeDesk
from spotify.recs.home import ROWS, Rows
from spotify.search.search import Search
from spotify.studio.repertoire import RECORDS, write
from spotify.webapi.tokens import Tokens

NOW_S = 1_767_297_600
SMALL = tuple(
    each for each in RECORDS if each.title.startswith(("Harbour", "After the Ferry", "Songs for"))
)


@pytest.fixture(scope="session")
def studio(tmp_path_factory, worker_id) -> Path:
    """The sources of three small albums, made by whichever of a run's workers comes first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "spotify"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (folder / "library").is_dir():
            write(folder / "studio", bars=4, records=SMALL)
            ingest(folder / "studio", folder / "draft", workers=2)
            (folder / "draft").rename(folder / "library")
    return folder / "studio"


@pytest.fixture(scope="session")
def library(studio) -> Path:
    """Those albums, published."""
    return studio.parent / "library"


@pytest.fixture(scope="session")
def accounts(tmp_path_factory) -> Path:
    """The accounts of ada in Sweden and ben in the USA, with the password "tide"."""
    path = tmp_path_factory.mktemp("accounts") / "accounts.json"
    users = Users(path, rng=Random(1))
    for name, market in (("ada", "SE"), ("ben", "US")):
        users.add(name, "tide", market)
    return path


@pytest.fixture
def house(library, accounts, tmp_path) -> House:
    """The service's parts, in virtual time and with logs on a simulated disk."""
    clock = VirtualClock()
    clock.advance(NOW_S * S)
    urls = {f"edge-{n}": f"http://127.0.0.1:{n}" for n in (1, 2, 3)}
    shelf = Shelf(library, threading.Lock())
    users = Users(Path(shutil.copy(accounts, tmp_path)), rng=Random(1))
    intake = Intake(log(1), log(2))
    stats = Stats(intake.plays())
    charts = Charts("exact", {"ada": "SE", "ben": "US"})
    finder = Search(stats.plays)
    shelf.on_change(finder.refresh)
    return House(
        clock=clock,
        rng=Random(2),
        library=library,
        shelf=shelf,
        users=users,
        tokens=Tokens(b"secret"),
        desk=Desk(shelf.catalogue, Router(urls), Signer(b"secret"), clock=clock),
        intake=intake,
        stats=stats,
        charts=charts,
        home=HomeDesk(Rows(ROWS, rng=Random(7)), intake.plays(), charts),
        finder=finder,
        collection=Collection(log(3)),
        playlists=Playlists(log(4)),
        offline=OfflineDesk(shelf.catalogue, log(5), b"secret", clock=clock),
        connect=Connect(Leases(clock=clock, disk=SimDisk(rng=Random(6))), clock=clock),
        fleet=Fleet(urls, tmp_path / "down"),
        turn=threading.Lock(),
    )


def log(seed: int) -> Log:
    return Log(disk=SimDisk(rng=Random(seed)))
