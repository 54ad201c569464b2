"""A giver and two machines as processes of their own, to be killed and stopped.

Page: docs/exchange/standby.md
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from chapters.errors import KitError
from exchange.standby.app import free_ports
from exchange.standby.primary import GIVER, Pace

MACHINES = ("a", "b")


class Station:
    """A machine's process."""

    def __init__(
        self, name: str, folder: Path, ports: dict[str, int], pace: Pace, more: tuple[str, ...] = ()
    ) -> None:
        self.name, self.ports, self._folder, self._pace, self._more = (
            name,
            ports,
            folder,
            pace,
            more,
        )
        said = ",".join(f"{key}={port}" for key, port in ports.items())
        command = (sys.executable, "-m", "chapters.cli", "exchange", "station", name, str(folder))
        knobs = ("--ports", said, "--pace", json.dumps(pace._asdict()))
        self._log = (folder.parent / f"{name}.log").open("ab")
        self.child = subprocess.Popen(
            (*command, *knobs, *more), stdout=subprocess.PIPE, stderr=self._log
        )

    def wait(self) -> None:
        """Return once it listens. Raises `KitError` when it ended instead."""
        assert self.child.stdout is not None
        if not self.child.stdout.readline():
            code, why = self.child.wait(), Path(self._log.name).read_text("utf-8")[-200:].strip()
            raise KitError(f"machine {self.name} did not start (exit code {code}): {why}")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.child.pid, number)

    def again(self) -> "Station":
        """Start it once more, in the same folder, and wait until it listens."""
        again = Station(self.name, self._folder, self.ports, self._pace, self._more)
        again.wait()
        return again

    def end(self) -> None:
        """Kill it, whatever it does."""
        self.child.kill()
        self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()
        self._log.close()


@contextmanager
def market(
    folder: Path, pace: Pace, more: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> Iterator[dict[str, Station]]:
    """Run a giver and two machines, some with `more` options; end them whatever happens."""
    ports = free_ports((GIVER, *MACHINES))
    stations: dict[str, Station] = {}
    try:
        for name in (GIVER, *MACHINES):
            stations[name] = Station(name, folder / name, ports, pace, more.get(name, ()))
        for each in stations.values():
            each.wait()
        yield stations
    finally:
        for each in stations.values():
            each.end()
