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

from chapters.portal.errors import PortInUse

THREADS = 32  # requests at once
STOP_S_MAX = 5.0  # what a helper gets to end by itself


def serve(
    target: str,
    host: str,
    port: int,
    *,
    beside: Iterable[tuple[str, ...]] = (),
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the WSGI application that the factory `target` ("module:function") returns.

    `beside` are command lines to run for as long. Returns on Ctrl-C or SIGTERM. Raises `PortInUse`.
    """
    from granian import Granian
    from granian.constants import Interfaces

    must_be_free(host, port)
    server = Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=THREADS,
        log_enabled=False,
    )
    helpers = [subprocess.Popen(command) for command in beside]
    server.on_startup(lambda: on_ready(f"http://{host}:{port}/"))
    try:
        server.serve()
    finally:
        for helper in helpers:
            _stop(helper)


def must_be_free(host: str, port: int) -> None:
    """Raise `PortInUse` when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(host, port) from error


def _stop(helper: "subprocess.Popen[bytes]") -> None:
    helper.terminate()
    with suppress(subprocess.TimeoutExpired):
        helper.wait(STOP_S_MAX)
        return
    helper.kill()
    helper.wait()
