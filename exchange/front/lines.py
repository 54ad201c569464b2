"""A connection to each machine, in one thread: what is to be sent waits for a flush, and may be lost.

    send, send, send ──► flush ──► a      b: nobody listens, its messages are lost
    receive ◄── whichever has something to say, or has hung up

Page: docs/exchange/standby.md
"""

import select
from collections.abc import Mapping

from exchange.standby.app import Line
from exchange.standby.messages import Message

RECEIVE_S = 0.01  # a message that has begun to come may take so long


class Lines:
    """A connection to each machine, dialled again when it breaks; what cannot be sent is lost."""

    def __init__(self, ports: Mapping[str, int], name: str) -> None:
        self._ports, self._name = ports, name
        self._lines: dict[str, Line] = {}
        self._unsent: dict[str, list[Message]] = {machine: [] for machine in ports}

    def send(self, machine: str, message: Message) -> None:
        """Send with the next `flush`."""
        self._unsent[machine].append(message)

    def flush(self) -> list[str]:
        """Send it; return the machines that have hung up meanwhile."""
        return [machine for machine in self._ports if not self._flushed(machine)]

    def receive(self, timeout_s: float) -> tuple[list[tuple[str, Message]], list[str]]:
        """Wait for messages; return them, and the machines that have hung up."""
        ready, _, _ = select.select(list(self._lines.values()), [], [], timeout_s)
        found: list[tuple[str, Message]] = []
        lost = []
        for machine in [each for each, line in self._lines.items() if line in ready]:
            try:
                found += [(machine, each) for each in self._lines[machine].receive(RECEIVE_S)]
            except OSError:
                self._drop(machine)
                lost.append(machine)
        return found, lost

    def close(self) -> None:
        """Hang up on all."""
        for machine in list(self._lines):
            self._drop(machine)

    def _flushed(self, machine: str) -> bool:
        unsent, self._unsent[machine] = self._unsent[machine], []
        if not unsent:
            return True
        was_there = machine in self._lines
        try:
            if not was_there:
                self._lines[machine] = Line(self._name, self._ports[machine])
            self._lines[machine].send(unsent)
        except OSError:
            self._drop(machine)
            return not was_there
        return True

    def _drop(self, machine: str) -> None:
        if machine in self._lines:
            self._lines.pop(machine).close()
