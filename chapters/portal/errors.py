"""What can go wrong with a page or a stream.

    KitError
    ├── Definite
    │   ├── PortInUse        the address is taken: choose another port
    │   ├── CannotListen     not here: a host that is not ours, a port that needs more rights
    │   └── TooManyStreams   more sockets than this process may open
    └── UsageError
        └── NoSuchPort       no port has this number, or the one after it is needed too

Page: docs/chapters/portal.md
"""

import errno
import os
import socket

from chapters.errors import Definite, KitError, UsageError

PORT_MAX = 65_535  # 16 bits in the header of TCP (RFC 9293, §3.1)


class PortInUse(Definite):
    """Nothing was started: something else listens at this address."""

    def __init__(self, host: str, port: int, option: str = "--port") -> None:
        super().__init__(f"port {port} on {host} is in use; choose another with {option}")


class CannotListen(Definite):
    """Nothing was started: this process cannot listen at this address."""


class TooManyStreams(Definite):
    """Nothing was started: the operating system gives this process too few sockets."""


class NoSuchPort(UsageError):
    """A number that is no port, or leaves no room for the `ports` that are needed from it on."""

    def __init__(self, port: int, ports: int = 1, option: str = "--port") -> None:
        last = PORT_MAX + 1 - ports
        why = "the one after it is needed too, " if 0 < port <= PORT_MAX and ports > 1 else ""
        super().__init__(
            f"port {port} cannot be used: {why}choose one from 1 to {last} with {option}"
        )


def refusal(
    host: str, port: int, error: OSError | UnicodeError, option: str = "--port"
) -> KitError:
    """Return what the operating system meant by `error` when it was asked to listen.

    `option` is where the port was chosen.
    """
    match error:
        case OSError(errno=errno.EADDRINUSE):
            return PortInUse(host, port, option)
        case OSError(errno=errno.EACCES | errno.EPERM):
            return CannotListen(
                f"port {port} needs more rights than you have; choose one from 1024 with {option}"
            )
        case UnicodeError() | socket.gaierror() | OSError(errno=None | errno.EADDRNOTAVAIL):
            return CannotListen(
                f"host {host!r} is no address of this machine; choose another with --host, "
                "such as 127.0.0.1"
            )
        case _:
            reason = os.strerror(error.errno or 0)
            return CannotListen(f"nothing can listen at {host}, port {port}: {reason}")
