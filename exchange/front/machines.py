"""A giver and two machines as processes, for as long as the page is served: killed, stopped, and nursed.

    kill -9 a ──► dead ──two seconds──► started again, on what is on its disk
    stop a    ──► asleep ──so long──► woken: it believes that it is primary still

The folder of each is beside the others, with its log; `page` holds what is known to be committed, and so
the first snapshot too, from which a machine with an empty disk begins. Page: docs/exchange/standby.md
"""

import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from chapters.sim.clock import MS, Clock, S
from chapters.sim.real import RealDisk
from exchange.errors import NotRunning
from exchange.sequencer import SNAPSHOT, Replica
from exchange.standby.app import free_ports
from exchange.standby.primary import GIVER, Pace
from exchange.standby.processes import MACHINES, Station

PACE = Pace(patience_ns=400 * MS)  # who shares two cores with others is late now and then
KILLED_S = 1  # in which a killed process is gone, unless its disk hangs
DEAD_NS = 2 * S  # that a dead machine stays dead, to be seen
PAGE = "page"  # the folder of what is committed, as the page knows it


class Machines:
    """The giver and two machines as processes: killed and stopped on request, and started again."""

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._died_ns: dict[str, int] = {}
        self._asleep: dict[str, int] = {}  # until when
        self.ports = free_ports((GIVER, *MACHINES))
        self._stations = {name: self._start(name) for name in self.ports}

    def kill(self, name: str) -> None:
        """End a machine's process at once; a moment later it is started again. Raises `NotRunning`."""
        child = self._alive(name)
        child.kill()
        with suppress(subprocess.TimeoutExpired):
            child.wait(KILLED_S)

    def stop(self, name: str, seconds: float) -> None:
        """Let a machine's process sleep for a while. Raises `NotRunning`."""
        child = self._alive(name)
        if name in self._asleep:
            raise NotRunning(f"{name} is stopped already; it wakes by itself")
        child.send_signal(signal.SIGSTOP)
        self._asleep[name] = self._clock.now_ns() + round(seconds * S)

    def states(self) -> dict[str, tuple[str, int]]:
        """Return of each process how it is, and its number."""
        return {name: (self._state(name), each.child.pid) for name, each in self._stations.items()}

    def close(self) -> None:
        """End them all."""
        for each in self._stations.values():
            each.end()

    def tend(self) -> None:
        """Start again whoever has been dead for a while, wake whoever has slept for long enough."""
        now_ns = self._clock.now_ns()
        for name, station in self._stations.items():
            if station.child.poll() is not None:
                self._asleep.pop(name, None)
                if now_ns - self._died_ns.setdefault(name, now_ns) >= DEAD_NS:
                    del self._died_ns[name]
                    station.end()
                    self._stations[name] = self._start(name)
            elif self._asleep.get(name, now_ns + 1) <= now_ns:
                del self._asleep[name]
                station.child.send_signal(signal.SIGCONT)

    def _alive(self, name: str) -> "subprocess.Popen[bytes]":
        child = self._stations[name].child
        if child.poll() is not None:
            raise NotRunning(f"{name} is dead; it is started again {DEAD_NS // S} s after its end")
        return child

    def _state(self, name: str) -> str:
        if self._stations[name].child.poll() is not None:
            return "dead"
        return "asleep" if name in self._asleep else "running"

    def _start(self, name: str) -> Station:
        """Start a process; whoever dials it will notice when it listens."""
        folder = self._folder / name
        with RealDisk(folder) as disk:
            # With an empty disk it begins where the exchange began: with these symbols and rules.
            if name != GIVER and not disk.names(SNAPSHOT):
                Replica.first(RealDisk(self._folder / PAGE)).save(disk)
        return Station(name, folder, self.ports, PACE)
