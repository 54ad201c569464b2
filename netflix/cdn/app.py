"""An edge or the origin as a process: real clock and sockets, and what it is told by the environment.

    KIT_CDN = {"name": "edge-1", "origin": "http://127.0.0.1:9101", "secret": …, "library": …}

An edge that was killed stays dead while `<down>/<name>` exists: whoever starts it again waits here.
Page: docs/netflix/edges.md
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chapters.cache.policies import named
from chapters.cache.policy import Key, Policy
from chapters.circuit_breaker.breaker import Breaker
from chapters.portal import parts, serving
from chapters.portal.bare import Application
from chapters.portal.lifetime import end_with_parent
from chapters.sim.real import WallClock
from netflix.cdn.edge import Edge
from netflix.cdn.origin import Origin
from netflix.cdn.signing import Signer
from netflix.cdn.wire import EdgeServer, fetch_from, origin_application

SETTINGS = "KIT_CDN"
AT_ONCE = 64
CAPACITY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What an edge, or the origin (without `origin`), is told."""

    name: str
    library: str
    down: str
    secret: str = ""  # hexadecimal; what addresses are signed with
    origin: str = ""  # its address
    policy: str = "s3-fifo"
    capacity_bytes: int = CAPACITY_BYTES  # of its cache, and of its shelf

    @classmethod
    def read(cls) -> "Settings":
        """Return the settings of this process. Raises `UsageError` when it was started alone."""
        return parts.told(SETTINGS, cls, "kit serve netflix")


def run(settings: Settings, host: str, port: int) -> None:
    """Be this edge, or the origin, until told to stop."""
    end_with_parent()
    parts.wait_while_down(Path(settings.down), settings.name)
    parts.tell(SETTINGS, settings)
    serving.serve("netflix.cdn.app:web", host, port, at_once=AT_ONCE)


def web() -> Application:
    """Return the application of this process: granian calls this."""
    end_with_parent()
    return application(Settings.read())


def application(settings: Settings) -> Application:
    """Return an edge's HTTP, or the origin's."""
    if not settings.origin:
        return origin_application(Origin(Path(settings.library)))
    room_bytes = settings.capacity_bytes
    edge = Edge(settings.name, policy_of(settings.policy, room_bytes), room_bytes)
    signer = Signer(bytes.fromhex(settings.secret))
    clock = WallClock()
    breaker = Breaker(clock=clock, rng=random.Random())  # of the origin
    return EdgeServer(edge, signer, fetch_from(settings.origin), clock=clock, breaker=breaker)


def policy_of(name: str, capacity_bytes: int) -> Callable[[Callable[[Key], object]], Policy]:
    """Return what makes a policy of that name. Raises `UsageError`."""
    return partial(named(name), capacity_bytes)
