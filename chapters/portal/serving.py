"""A page's server: granian in front of a Flask application, stopped as one with its helpers.

    serve("exchange.app:web", host, port, beside=[event stream process])

granian answers with the least processor time a request of the servers measured, but its threads
would each be held by one event stream; so streams have a process of their own, started `beside`, started
again when they die, and ended with the server, whichever way it ends. Page: docs/chapters/portal.md
"""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from chapters.portal.errors import PORT_MAX, NoSuchPort, refusal

THREADS = 32  # requests at once
READY_LOOK_S = 0.02
STOP_S_MAX = 5  # what a process gets to end by itself
RESTART_S = 3.0  # a helper that died is missed for so long; a broken one is not started in a frenzy


def serve(
    target: str,
    host: str,
    port: int,
    *,
    beside: Iterable[tuple[str, ...]] = (),
    threads: int = THREADS,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the WSGI application that the factory `target` ("module:function") returns.

    Each of `threads` answers one request at a time; a client that stalls holds one. `beside` are
    command lines to run for as long; one that dies is started again. `on_ready` is called, on a
    thread, once somebody listens. Returns on Ctrl-C or SIGTERM. Raises what `must_be_free` raises.
    """
    from granian import Granian
    from granian.constants import Interfaces

    must_be_free(host, port)
    family, address = _resolved(host, port)
    server = Granian(
        target,
        address=address[0],
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=threads,
        workers_kill_timeout=STOP_S_MAX,
        log_enabled=False,
    )
    helpers = Helpers(list(beside))

    def announce() -> None:
        while not _listens(family, address):
            time.sleep(READY_LOOK_S)
        on_ready(f"http://{_in_url(host)}:{port}/")

    server.on_startup(threading.Thread(target=announce, daemon=True).start)
    try:
        server.serve()
    finally:
        helpers.stop()


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
        self._running = [subprocess.Popen(command) for command in commands]
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
                    self._running[place] = subprocess.Popen(self._commands[place])
