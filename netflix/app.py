"""The running service: the one place where real clocks, ports, processes and folders are chosen.

    port       control plane and page          port + 1   origin
    port + 2…  edges                           each a process of its own

Page: docs/netflix/serve.md
"""

import hmac
import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from flask import Flask

from chapters.cache.policies import named
from chapters.errors import UsageError
from chapters.geo import Place
from chapters.log import Log
from chapters.portal import parts, serving
from chapters.portal.lifetime import end_with_parent
from chapters.sim.real import RealDisk, WallClock
from netflix import demo_library, wire
from netflix.cdn import app as cdn
from netflix.cdn.fleet import Fleet
from netflix.cdn.signing import Signer
from netflix.cdn.steering import way_ms
from netflix.control.bookmarks import Bookmarks
from netflix.control.service import Control
from netflix.package.published import library as published_in
from netflix.places import library_folder, secret_of
from netflix.recs.artwork import Artwork
from netflix.resilience.limits import Limiter, Vegas
from netflix.resilience.shed import Gate

SETTINGS = "KIT_NETFLIX"
EDGES_MAX = 8
VIEWER = Place(12.97, 77.59)  # Bengaluru
EDGE_PLACES = (  # there, in Chennai, Mumbai, Delhi, Dubai, Singapore, Tokyo and Frankfurt
    VIEWER, Place(13.08, 80.27), Place(19.08, 72.88), Place(28.61, 77.21), Place(25.2, 55.27),
    Place(1.35, 103.82), Place(35.68, 139.69), Place(50.11, 8.68),
)  # fmt: skip
LOOK_EVERY_S = 0.5
AT_ONCE = 64
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service's processes are told, through the environment."""

    host: str
    port: int
    library: str
    folder: str  # bookmarks, events, and which edges are down
    secret: str  # hexadecimal
    edges: int
    policy: str
    capacity_bytes: int

    @classmethod
    def read(cls) -> "Settings":
        """Return the settings of this process. Raises `UsageError` when it was started alone."""
        return parts.told(SETTINGS, cls, "kit serve netflix")

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

    def signing_secret(self) -> bytes:
        """What addresses are signed with: derived, so that edges never see what keys come from."""
        return hmac.new(bytes.fromhex(self.secret), b"addresses", sha256).digest()


def serve(
    host: str = "127.0.0.1",
    port: int = 9100,
    *,
    library: Path | None = None,
    folder: Path | None = None,
    edges: int = 4,
    policy: str = "s3-fifo",
    capacity_mib: int = 64,
    on_ready: Callable[..., None] = lambda url, *more: None,
) -> None:
    """Serve the titles of `library` at `port`, with a page to watch them on, until told to stop.

    Without a `library` it is the one of `kit netflix titles`, with six computed films to begin with.
    Bookmarks and events are kept in `folder`, else in a temporary one. Each edge keeps `capacity_mib` by
    `policy`, and has a shelf of that size for what it is filled with. Raises `PortInUse`, `UsageError`,
    `EncodeFailed`.
    """
    if not 1 <= edges <= EDGES_MAX:
        raise UsageError(f"--edges is {edges}; it must be 1 to {EDGES_MAX}")
    named(policy)
    serving.must_be_free(host, port, ports=2 + edges)
    place = library or library_folder()
    secret = secret_of(place, rng=random.SystemRandom())
    if library is None:
        demo_library.ensure(place, secret, _told)
    with tempfile.TemporaryDirectory(prefix="kit-netflix-") as temporary:
        settings = Settings(
            host=host,
            port=port,
            library=str(place),
            folder=str(folder or temporary),
            secret=secret.hex(),
            edges=edges,
            policy=policy,
            capacity_bytes=capacity_mib * MIB,
        )
        parts.tell(SETTINGS, settings)
        names = ["origin", *settings.urls]
        beside = [(sys.executable, "-m", "chapters.cli", "netflix", "part", each) for each in names]
        ready = parts.when_up(
            [settings.origin_url, *settings.urls.values()], partial(_ready, settings, on_ready)
        )
        serving.serve("netflix.app:web", host, port, beside=beside, at_once=AT_ONCE, on_ready=ready)


def _told(name: str, place: int, total: int) -> None:
    sys.stderr.write(f"  making the title {name} ({place} of {total}); this is done once\n")


def _ready(settings: Settings, on_ready: Callable[..., None], url: str) -> None:
    edges = ", ".join(settings.urls.values())
    on_ready(url, f"titles: {settings.library}", f"edges: {edges}")


def web() -> Flask:
    """Return the application of `kit serve netflix`: granian calls this in its own process."""
    end_with_parent()
    settings = Settings.read()
    return build(settings)


def build(settings: Settings) -> Flask:
    """Return the page and the control plane, with the edges looked at in the background."""
    clock, secret = WallClock(), bytes.fromhex(settings.secret)
    fleet = Fleet(settings.urls, settings.down, ask=parts.ask, clock=clock)
    library, folder = Path(settings.library), Path(settings.folder)
    control = Control(
        clock=clock,
        rng=random.SystemRandom(),
        library=lambda: published_in(library),
        edges=fleet.states,
        distance_ms={
            name: way_ms(VIEWER, place)
            for name, place in zip(settings.urls, EDGE_PLACES, strict=False)
        },
        signer=Signer(settings.signing_secret()),
        secret=secret,
        bookmarks=Bookmarks(_log(folder / "bookmarks")),
    )
    parts.repeat(fleet.look, LOOK_EVERY_S)
    hosts = list(settings.urls.values())
    gate = Gate(Limiter(Vegas(), clock=clock))
    artwork = Artwork(rng=random.SystemRandom())
    return wire.create(control, fleet, _log(folder / "events"), library, hosts, gate, artwork)


def _log(folder: Path) -> Log:
    disk = RealDisk(folder)
    disk.claim()
    return Log(disk=disk)


def part(name: str) -> None:
    """Be the origin or an edge of `kit serve netflix`."""
    settings = Settings.read()
    number = 0 if name == "origin" else int(name.rpartition("-")[2])
    told = cdn.Settings(
        name=name,
        library=settings.library,
        down=str(settings.down),
        secret=settings.signing_secret().hex(),
        origin=settings.origin_url if number else "",
        policy=settings.policy,
        capacity_bytes=settings.capacity_bytes,
    )
    cdn.run(told, settings.host, settings.port + 1 + number)
