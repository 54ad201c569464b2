"""A page's server: granian in front of a Flask application, stopped as one with its helpers.

    serve("exchange.app:web", host, port, beside=[event stream process])

granian answers with the least processor time a request of the servers measured, but its threads
would each be held by one event stream; so streams have a process of their own, started `beside`, started
again when they die, and ended with the server, whichever way it ends. Slow clients hold threads as well:
`places` bounds the work instead of them, `keeper` ends those who do not move.
Page: docs/chapters/portal.md
"""

import importlib
import multiprocessing
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from chapters.portal.bare import Application
from chapters.portal.errors import PORT_MAX, NoSuchPort, refusal
from chapters.portal.keeper import STILL_S_MAX, Keeper
from chapters.portal.places import Hands, Places

if TYPE_CHECKING:
    from granian.server import MPServer, MTServer

AT_ONCE = 32  # requests
CONNECTIONS_MAX = 1_024  # and a thread for each; one more waits in the kernel until one has gone
HEAD_S_MAX = 15.0  # for the whole head of a request, and between two of them
HEAD_BYTES_MAX = 64 * 1024  # a request's line and headers; common servers take 8 to 100 KiB
READY_LOOK_S = 0.02
STOP_S_MAX = 5  # what a process gets to end by itself
RESTART_S = 3.0  # a helper that died is missed for so long; a broken one is not started in a frenzy


def serve(
    target: str,
    host: str,
    port: int,
    *,
    beside: Iterable[tuple[str, ...]] = (),
    at_once: int = AT_ONCE,
    still_s_max: float = STILL_S_MAX,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the WSGI application that the factory `target` ("module:function") returns.

    It works `at_once` on so many requests; who sends or reads nothing for `still_s_max` is hung up on.
    `beside` are command lines to run for as long; one that dies is started again. `on_ready` is called,
    on a thread, once somebody listens. Returns on Ctrl-C or SIGTERM. Raises what `must_be_free` raises.
    """
    must_be_free(host, port)
    family, address = _resolved(host, port)
    server = _server(target, address[0], port)
    helpers = Helpers(list(beside))

    def announce() -> None:
        while not _listens(family, address):
            time.sleep(READY_LOOK_S)
        if not server.interrupt_signal:
            on_ready(f"http://{_in_url(host)}:{port}/")

    try:
        server.on_startup(threading.Thread(target=announce, daemon=True).start)
        server.serve(target_loader=partial(_load, at_once, port, still_s_max))
    finally:
        helpers.stop()


def _server(target: str, address: str, port: int) -> "MPServer | MTServer":
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    connections = _connections()
    return Granian(
        target,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,  # else it waits without limit for the bytes that tell which one is spoken
        http1_settings=HTTP1Settings(
            header_read_timeout=round(HEAD_S_MAX * 1000), max_buffer_size=HEAD_BYTES_MAX
        ),
        workers=1,
        backpressure=connections,
        blocking_threads=connections,  # they come as they are needed, and go
        workers_kill_timeout=STOP_S_MAX,
        log_enabled=False,
    )


def _load(at_once: int, port: int, still_s_max: float, target: str) -> Application:
    """Return the application, in the server's own process, with places in front and a keeper beside."""
    _end_when_told()
    module, _, name = target.partition(":")
    application: Application = getattr(importlib.import_module(module), name)()
    hands = Hands()
    Keeper(port, hands, still_s_max).start()
    return Places(application, at_once, hands)


def _end_when_told() -> None:
    """Let this process end at once while it gets ready: granian's handlers, as it has inherited them,
    would only note the wish in a copy that nobody reads. A terminal's Ctrl-C is its parent's business.
    """
    if multiprocessing.parent_process() is not None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _connections() -> int:
    """How many there may be: with half of the files that this process may open, at most."""
    if sys.platform == "win32":
        return CONNECTIONS_MAX
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)  # granian has asked for all there are
    return CONNECTIONS_MAX if files == resource.RLIM_INFINITY else min(CONNECTIONS_MAX, files // 2)


def must_be_free(host: str, port: int, *, ports: int = 1, option: str = "--port") -> None:
    """Check that `ports` ports from `port` on, chosen by `option`, can be listened at.

    Raises `NoSuchPort`, `PortInUse` where somebody listens already, else `CannotListen`.
    """
    if not 0 < port <= PORT_MAX + 1 - ports:
        raise NoSuchPort(port, ports, option)
    for each in range(port, port + ports):
        try:
            family, address = _resolved(host, each)
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except (OSError, UnicodeError) as error:
            raise refusal(host, each, error, option) from error


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """The first address that `host` stands for; granian takes numbers only."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return family, (str(address[0]), port)


def _listens(family: socket.AddressFamily, address: tuple[str, int]) -> bool:
    with socket.socket(family) as probe:
        # A port that nobody has may be lent to the very one who asks: TCP then connects it to itself.
        return probe.connect_ex(address) == 0 and probe.getsockname() != probe.getpeername()


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class Helpers:
    """Processes that run as long as the server does, watched by a thread."""

    def __init__(self, commands: Sequence[tuple[str, ...]]) -> None:
        self._commands = commands
        self._running = [_beside(command) for command in commands]
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._restart_the_dead, daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Ask all of them to end, at once; those that do not are killed."""
        self._ending.set()
        self._watch.join()
        for helper in self._running:
            helper.terminate()
        for helper in self._running:
            with suppress(subprocess.TimeoutExpired):
                helper.wait(STOP_S_MAX)
                continue
            helper.kill()
            helper.wait()

    def _restart_the_dead(self) -> None:
        while not self._ending.wait(RESTART_S):
            for place, helper in enumerate(self._running):
                if helper.poll() is not None and not self._ending.is_set():
                    self._running[place] = _beside(self._commands[place])


def _beside(command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    """Start a helper in a group of its own from its first moment on: a Ctrl-C is not for it."""
    return subprocess.Popen(command, process_group=0)
