"""Ports for servers that are killed and started again.

They lie below those that the system lends to clients: a client that polls a port at which nobody listens
may be lent that very port, be connected to itself, and keep the server from coming back.
"""

import random
import socket
from contextlib import ExitStack


def free_ports(after: int = 0) -> int:
    """Return a port that is free, and so are as many after it."""
    while True:
        first = random.SystemRandom().randrange(20_000, 32_000)  # no seed: runs side by side
        with ExitStack() as stack:
            try:
                for port in range(first, first + after + 1):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
        return first
