"""A page's server: granian in front of a Flask application, stopped as one with its helpers.

    serve("exchange.app:web", host, port, beside=[event stream process])

granian answers with the least processor time a request of the servers measured, but its threads
would each be held by one event stream; so streams have a process of their own, started `beside` and
ended with the server, whichever way it ends. Page: docs/chapters/portal.md
"""

import socket
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress

from chapters.portal.errors import PORT_MAX, NoSuchPort, refusal

THREADS = 32  # requests at once
STOP_S_MAX = 5  # what a process gets to end by itself


def serve(
    target: str,
    host: str,
    port: int,
    *,
    beside: Iterable[tuple[str, ...]] = (),
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the WSGI application that the factory `target` ("module:function") returns.

    `beside` are command lines to run for as long. Returns on Ctrl-C or SIGTERM. Raises what
    `must_be_free` raises.
    """
    from granian import Granian
    from granian.constants import Interfaces

    must_be_free(host, port)
    server = Granian(
        target,
        address=_resolved(host, port)[1][0],
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=THREADS,
        workers_kill_timeout=STOP_S_MAX,
        log_enabled=False,
    )
    helpers = [subprocess.Popen(command) for command in beside]
    server.on_startup(lambda: on_ready(f"http://{_in_url(host)}:{port}/"))
    try:
        server.serve()
    finally:
        for helper in helpers:
            _stop(helper)


def must_be_free(host: str, port: int, *, ports: int = 1) -> None:
    """Check that `ports` ports from `port` on can be listened at.

    Raises `NoSuchPort`, `PortInUse` where somebody listens already, else `CannotListen`.
    """
    if not 0 < port <= PORT_MAX + 1 - ports:
        raise NoSuchPort(port, ports)
    for each in range(port, port + ports):
        try:
            family, address = _resolved(host, each)
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except (OSError, UnicodeError) as error:
            raise refusal(host, each, error) from error


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """The first address that `host` stands for; granian takes numbers only."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return family, (str(address[0]), port)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _stop(helper: "subprocess.Popen[bytes]") -> None:
    helper.terminate()
    with suppress(subprocess.TimeoutExpired):
        helper.wait(STOP_S_MAX)
        return
    helper.kill()
    helper.wait()
