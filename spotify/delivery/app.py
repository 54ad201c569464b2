"""An edge or the origin as a process: real clock and sockets, and what it is told by the environment.

    KIT_SPOTIFY_PART = {"name": "edge-1", "origin": "http://127.0.0.1:9301", "secret": …, "library": …}

An edge that was killed stays dead while `<down>/<name>` exists: whoever starts it again waits here.
Page: docs/spotify/delivery.md
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chapters.cache.policies import named
from chapters.portal import parts, serving
from chapters.portal.bare import Application
from chapters.portal.lifetime import end_with_parent
from chapters.sim.real import WallClock
from spotify.delivery.edge import Edge
from spotify.delivery.origin import Origin
from spotify.delivery.signing import Signer
from spotify.delivery.wire import EdgeServer, fetch_from, origin_application

SETTINGS = "KIT_SPOTIFY_PART"
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """What an edge, or the origin (without `origin`), is told."""

    name: str
    library: str
    down: str
    secret: str = ""  # hexadecimal; what addresses are signed with
    origin: str = ""  # its address
    policy: str = "s3-fifo"
    capacity_bytes: int = 32 * 1024 * 1024

    @classmethod
    def read(cls) -> "Settings":
        """Return the settings of this process. Raises `UsageError` when it was started alone."""
        return parts.told(SETTINGS, cls, "kit serve spotify")


def run(settings: Settings, host: str, port: int) -> None:
    """Be this edge, or the origin, until told to stop."""
    end_with_parent()
    parts.wait_while_down(Path(settings.down), settings.name)
    parts.tell(SETTINGS, settings)
    serving.serve("spotify.delivery.app:web", host, port, at_once=AT_ONCE)


def web() -> Application:
    """Return the application of this process: granian calls this."""
    end_with_parent()
    return application(Settings.read())


def application(settings: Settings) -> Application:
    """Return an edge's HTTP, or the origin's."""
    if not settings.origin:
        return origin_application(Origin(Path(settings.library)))
    edge = Edge(settings.name, partial(named(settings.policy), settings.capacity_bytes))
    signer = Signer(bytes.fromhex(settings.secret))
    return EdgeServer(edge, signer, fetch_from(settings.origin), clock=WallClock())
