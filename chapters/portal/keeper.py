"""Whoever moves nothing for half a minute, and waits for nothing of ours, is hung up on.

    every 5 s, of each connection:   bytes received │ bytes taken │ bytes that wait to be taken
    goes on      1 KiB a second moved, either way; or all that was sent has been taken
    is ended     neither, for 30 s, and no request is in our hands that could be why

granian has no time limit for bodies, and none for readers. But it is not the only one who sees them: the
kernel counts what moves on each connection. A slow upload goes on, a byte a second does not. Requests that
we work on look still, too; while one takes long, nobody is judged. Linux tells; elsewhere nothing is ended.
Source: tcp(7), TCP_INFO; linux/tcp.h. Page: docs/chapters/portal.md
"""

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from chapters.portal.places import Hands

LOOK_S = 5.0
STILL_S_MAX = 30.0  # above the time for a head: who waits between two requests has gone by then
MOVES_BYTES_S = 1_024  # about 9,600 bit/s, which a telephone line of the eighties carried
OURS_S = 2.0  # an answer that takes longer may be why a connection is still

# Of tcp_info: u64 acknowledged by the other side at 120, u64 received from it at 128.
_COUNTS = struct.Struct("=120xQQ")
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: what is not taken by now never will be

Peer = tuple[Any, ...]


class Moved(NamedTuple):
    """What a connection has carried so far, in bytes."""

    received: int
    taken: int
    waiting: int


class Patience:
    """Remembers when each connection last moved enough."""

    def __init__(self, still_s_max: float = STILL_S_MAX) -> None:
        self._still_s_max = still_s_max
        self._marks: dict[Peer, tuple[float, Moved]] = {}

    def overdue(self, now_s: float, connections: Mapping[Peer, Moved]) -> list[Peer]:
        """Return those that have not moved for too long. Who is gone is forgotten."""
        marks = {peer: self._mark(peer, now_s, moved) for peer, moved in connections.items()}
        self._marks = marks
        return [
            peer for peer, (since_s, _) in marks.items() if now_s - since_s >= self._still_s_max
        ]

    def _mark(self, peer: Peer, now_s: float, moved: Moved) -> tuple[float, Moved]:
        """When it last moved enough, and what it had carried by then."""
        since_s, then = self._marks.get(peer, (now_s, moved))
        received, taken = moved.received - then.received, moved.taken - then.taken
        is_another = received < 0 or taken < 0  # the same port, a new connection
        is_answered = taken > 0 and not moved.waiting
        if is_another or is_answered or received + taken >= MOVES_BYTES_S * self._still_s_max:
            return now_s, moved
        return since_s, then


class Keeper:
    """Looks at the connections of this process to one of its ports, now and then, on a thread."""

    def __init__(self, port: int, hands: Hands, still_s_max: float = STILL_S_MAX) -> None:
        self._port, self._hands = port, hands
        self._patience = Patience(still_s_max)
        self._every_s = min(LOOK_S, still_s_max / 4)

    def start(self) -> None:
        """Keep looking for as long as the process lives; on Linux only."""
        if sys.platform == "linux":
            threading.Thread(target=self._keep_looking, name="keeper", daemon=True).start()

    def _keep_looking(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._every_s):
            with suppress(OSError):  # no descriptor is left for a look: there may be one next time
                self.look()

    def look(self) -> None:
        """Hang up on whoever is overdue, unless it may be our own work that they wait for."""
        is_ours = self._hands.oldest_s() > OURS_S
        found = dict(connections(self._port))
        overdue = self._patience.overdue(time.monotonic(), found)
        if overdue and not is_ours:
            hang_up(self._port, frozenset(overdue))


def connections(port: int) -> Iterator[tuple[Peer, Moved]]:
    """Yield what each connection to `port` has carried."""
    for peer, each in _accepted(port):
        with suppress(OSError, struct.error):  # gone meanwhile; an old kernel, which counts less
            yield peer, moved(each)


def hang_up(port: int, peers: frozenset[Peer]) -> None:
    """Break the connections of `peers` to `port` off, with what is not sent yet."""
    for peer, each in _accepted(port):
        if peer in peers:
            with suppress(OSError):  # gone meanwhile
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                each.shutdown(socket.SHUT_RDWR)


def moved(connection: socket.socket) -> Moved:
    """Return what the kernel has counted. Linux only."""
    import fcntl
    import termios

    found = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _COUNTS.size)
    taken, received = _COUNTS.unpack(found)
    (waiting,) = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))
    return Moved(received, taken, waiting)


def _accepted(port: int) -> Iterator[tuple[Peer, socket.socket]]:
    """Yield each open connection that came to `port`, by a descriptor of our own.

    The server opens and closes its own meanwhile; a number that stands for something else by now is
    no socket, or one of another port, and passed over.
    """
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError), _ours(int(number)) as each:
            if each.type == socket.SOCK_STREAM and each.getsockname()[1:2] == (port,):
                yield each.getpeername(), each


def _ours(number: int) -> socket.socket:
    copy = os.dup(number)
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise
