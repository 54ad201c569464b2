"""Both ends of the line between the town and its gateways, in two processes.

    the town's process:    Outlet      listens, and tells everybody who connects
    a gateway's process:   gateway()   connects, and holds the sessions

The gateway connects, not the town: one that was killed and comes back needs nobody to notice, and there
may be several. Page: docs/zomato/tracking.md
"""

import asyncio
import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from zomato.days import Days
from zomato.tracking.teller import Teller, lines
from zomato.tracking.wire import ASKING_MAX, Gateway, serve

SESSIONS_MAX = 15_000
OTHER_FILES = 64  # what the process has open besides the sessions
GATEWAYS_MAX = 16
SEND_S_MAX = (
    2.0  # a gateway that takes nothing for so long is let go; it comes back and gets everything
)


class Outlet:
    """The town's end, for one thread; `run` is a word for this life of the town's process."""

    def __init__(self, path: str, run: str) -> None:
        self._run, self._day = run, 0
        self._teller = Teller(run)
        Path(path).unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(GATEWAYS_MAX)
        self._listener.setblocking(False)
        self._gateways: list[socket.socket] = []

    @property
    def gateways(self) -> int:
        """How many are here, as far as one knows without telling them anything."""
        return len(self._gateways)

    def tell_of(self, days: Days) -> None:
        """Send what is new in the day that is behind the page."""
        with days.turn:
            anew = days.number != self._day
            if anew:
                self._day, self._teller = days.number, Teller(f"{self._run}.{days.number}")
            facts = self._teller.news(days.shop)
        everything = self._teller.everything
        self.tell(everything() if anew else lines(facts), everything)

    def tell(self, news: bytes, everything: Callable[[], bytes]) -> None:
        """Send what is new to the gateways that are here, and everything to those that have come."""
        if news:
            self._gateways = [each for each in self._gateways if _sent(each, news)]
        with suppress(OSError):  # nobody else has come, as a rule
            while True:
                gateway, _ = self._listener.accept()
                gateway.settimeout(SEND_S_MAX)
                if len(self._gateways) >= GATEWAYS_MAX:
                    gateway.close()
                elif _sent(gateway, everything()):
                    self._gateways.append(gateway)

    def close(self) -> None:
        """Let all of them go."""
        for each in (*self._gateways, self._listener):
            each.close()


def _sent(gateway: socket.socket, lines: bytes) -> bool:
    try:
        gateway.sendall(lines)
    except OSError:
        gateway.close()
        return False
    return True


def gateway(
    host: str,
    port: int,
    *,
    page_port: int,
    town: str,
    sessions_max: int = SESSIONS_MAX,
    on_ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Be a gateway until killed. Raises `PortInUse`, `CannotListen`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    room = hard if hard != resource.RLIM_INFINITY else soft + sessions_max + 2 * ASKING_MAX
    sessions_max = max(1, min(sessions_max, room - ASKING_MAX - OTHER_FILES))
    asyncio.run(serve(Gateway(page_port, sessions_max), host, port, town, on_ready))
