"""The servers as processes of their own, and the CPU time that all their processes took.

    start kit, moto, ministack ──► prepare ──► for each cell: kit moto ministack │ moto ministack kit │ …

A server is everything in its session: workers, storage nodes, metadata replicas. The kernel counts their
user and system time in /proc, to 10 ms, so a turn is long enough to make that a small error.
Page: docs/s3/speed.md
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median

from chapters.errors import Indefinite
from chapters.measure.ratio import Ratio
from s3.bench.cells import (
    BUCKET,
    FULL,
    GIB,
    QUICK,
    SPREAD,
    Cell,
    endless,
    make_bucket,
    must,
    prepare,
)
from s3.bench.findings import MODE, Figure, Finding, Missing
from s3.bench.wire import Crowd, Line

PROC = Path("/proc")
PEERS = {"moto": "moto[server]==5.2.5", "ministack": "ministack==1.5.33"}
START_S_MAX = 60.0
PORTS = 10  # of a cluster: its front, six nodes, three replicas
TURN_S, ROUNDS = 0.8, 5
QUICK_TURN_S, QUICK_ROUNDS = 0.4, 3
_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")

_firsts = iter(range(20_000 + os.getpid() % 400 * 20, 32_000, PORTS))  # none is tried twice

Told = Callable[[str], object]


class DidNotStart(Indefinite):
    """A server ended, or gave no answer in time."""


class Served:
    """A server that runs, with all its processes."""

    def __init__(self, name: str, command: Sequence[str], port: int, **settings: str) -> None:
        self.name = name
        self.port = port
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as the server runs
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=self._log,
            start_new_session=True, env=os.environ | settings,
        )  # fmt: skip

    def wait(self) -> None:
        """Return once it answers. Raises `DidNotStart`."""
        deadline = time.monotonic() + START_S_MAX
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._log.seek(0)
                words = self._log.read().decode(errors="replace").strip().splitlines()
                raise DidNotStart(f"{self.name} does not answer: {words[-1:] or 'it says nothing'}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        line = Line(self.port)
        try:
            return line.ask("GET", "/").status < 300
        except OSError:
            return False
        finally:
            line.close()

    def cpu_ns(self) -> int:
        """Return the user and system time of all its processes that live."""
        return sum(int(each[11]) + int(each[12]) for _, each in self._processes()) * _TICK_NS

    def peak_mib(self) -> float:
        """Return the most memory that one of its processes has had."""
        peaks = [0]
        for pid, _ in self._processes():
            with suppress(OSError):
                status = Path(PROC, pid, "status").read_text()
                peaks += [int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line]
        return max(peaks) / 1024

    def stop(self) -> None:
        """End it, and whatever of it does not end by itself."""
        self._process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        for pid, _ in list(self._processes()):
            with suppress(OSError):
                os.kill(int(pid), signal.SIGKILL)
        self._process.wait()

    def _processes(self) -> Iterator[tuple[str, list[str]]]:
        """Yield pid and what /proc/PID/stat says behind the name, of each process of the session."""
        for folder in PROC.iterdir():
            with suppress(OSError):
                if folder.name.isdigit():
                    fields = Path(folder, "stat").read_text().rpartition(") ")[2].split()
                    if fields[3] == str(self._process.pid):
                        yield folder.name, fields


def kit(name: str, folder: Path, *words: str) -> Served:
    """Start this store; with the word `--cluster`, as ten processes."""
    port = _free_port(PORTS)
    command = [sys.executable, "-m", "chapters.cli", "serve", "s3", "--port", str(port)]
    return Served(name, [*command, "--folder", str(folder / name), *words], port)


def peers_folder() -> Path:
    """Return the virtual environment in which peers are looked for."""
    return Path(os.environ.get("KIT_PEERS", "~/.cache/kit/peers")).expanduser()


def peer(name: str) -> Served | None:
    """Start a peer, or return None if it is not installed."""
    port = _free_port()
    commands = {
        "moto": ["moto_server", "-H", "127.0.0.1", "-p", str(port)],
        "ministack": ["ministack"],
    }
    program = peers_folder() / "bin" / commands[name][0]
    if not program.is_file():
        return None
    command = [str(program), *commands[name][1:]]
    return Served(name, command, port, GATEWAY_PORT=str(port), LOG_LEVEL="WARNING")


def missing(name: str) -> Missing:
    """Return how to get a peer: in an environment of its own, so that it changes nothing here."""
    folder = peers_folder()
    remedy = f"python3 -m venv {folder} && {folder}/bin/pip install '{PEERS[name]}'"
    return Missing(f"{name} is not installed", remedy)


def _free_port(ports: int = 1) -> int:
    """Return a port such that it and those behind it are free.

    They lie below those that the kernel gives to clients, or one of them might be taken meanwhile.
    """
    for first in _firsts:
        with ExitStack() as held, suppress(OSError):
            for port in range(first, first + ports):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise DidNotStart(f"there are no {ports} free ports in a row")


@contextmanager
def running(
    *served: Served | None, fill: Callable[[Line], None] = prepare
) -> Iterator[list[Served]]:
    """Lend those that were started, once they answer and were filled; then stop them."""
    started = [each for each in served if each is not None]
    try:
        for each in started:
            each.wait()
            line = Line(each.port)
            fill(line)
            line.close()
        yield started
    finally:
        for each in started:
            each.stop()


def measured(quick: bool, on_progress: Told) -> Iterator[Finding]:
    """Yield what servers are measured by."""
    with tempfile.TemporaryDirectory(prefix="kit-bench-") as name:
        folder = Path(name)
        yield from beside_peers(folder, quick, on_progress)
        yield from spread(folder, quick, on_progress)
        if not quick:
            yield from large(folder, on_progress)


def beside_peers(folder: Path, quick: bool, on_progress: Told) -> Iterator[Finding]:
    """Yield the cells of one process beside each peer."""
    on_progress("starting kit, moto and ministack")
    peers = {name: peer(name) for name in PEERS}
    yield from (missing(name) for name, found in peers.items() if found is None)
    with running(kit("kit", folder), *peers.values()) as servers:
        for cell in QUICK if quick else FULL:
            on_progress(str(cell))
            yield from in_turns(cell, servers, quick)


def spread(folder: Path, quick: bool, on_progress: Told) -> Iterator[Finding]:
    """Yield what a cluster takes for 64 MiB: beside moto, and beside one process."""
    on_progress(f"{SPREAD} at 4+2 over six nodes")
    several, one = kit("cluster", folder, "--cluster"), kit("one process of this store", folder)
    with running(several, peer("moto"), one, fill=make_bucket) as servers:
        name = f"{SPREAD.name} at 4+2 over six nodes"
        yield from in_turns(Cell(name, 1, SPREAD.act), servers, quick, name)


def in_turns(
    cell: Cell, servers: Sequence[Served], quick: bool, name: str = ""
) -> Iterator[Finding]:
    """Yield the first server's CPU an operation beside each other one's, and its failures."""
    turn_s, rounds = (QUICK_TURN_S, QUICK_ROUNDS) if quick else (TURN_S, ROUNDS)
    crowds = {each.name: Crowd(each.port, cell.clients) for each in servers}
    spent: dict[str, list[float]] = {each.name: [] for each in servers}
    failed = dict.fromkeys(spent, 0)
    for each in servers:
        crowds[each.name].take_turn(cell.act, 0)
    for turn in range(rounds):
        shift = turn % len(servers)
        for each in (*servers[shift:], *servers[:shift]):
            before_ns = each.cpu_ns()
            done = crowds[each.name].take_turn(cell.act, turn_s)
            spent[each.name].append((each.cpu_ns() - before_ns) / max(1, done.done))
            failed[each.name] += done.failed
    for crowd in crowds.values():
        crowd.close()
    ours, *others = servers
    for other in others:
        title = f"{name or cell} ({MODE})"
        yield _ratio(title, other.name, spent[ours.name], spent[other.name])
    yield from _failures(cell, ours.name, failed)


def _failures(cell: Cell, ours: str, failed: dict[str, int]) -> Iterator[Finding]:
    for server, count in failed.items():
        is_ours = server == ours
        if count or (is_ours and cell.clients == 32):
            whose = "" if is_ours else f", {server}"
            yield Figure(f"answers 5xx at {cell.clients} clients{whose}", count, "")


def _ratio(name: str, baseline: str, ours: list[float], theirs: list[float]) -> Ratio:
    each = sorted(their / max(1, our) for our, their in zip(ours, theirs, strict=True))
    quartile = len(each) // 4
    our, their = max(1, median(ours)), median(theirs)
    low, high = each[quartile], each[-1 - quartile]
    return Ratio(name, baseline, our, their, their / our, low, high, len(each), "server CPU")


def large(folder: Path, on_progress: Told) -> Iterator[Finding]:
    """Yield how much memory 5 GiB take, put and got."""
    on_progress("5 GiB, put and got")
    size_bytes = 5 * GIB
    with running(kit("large", folder), fill=make_bucket) as (served,):
        line = Line(served.port)
        must(line.ask("PUT", f"{BUCKET}/large", body=endless(size_bytes), size_bytes=size_bytes))
        got = line.count_bytes(f"{BUCKET}/large")
        line.close()
        assert got == size_bytes, f"{got} of {size_bytes} bytes came back"
        yield Figure("peak memory of a process, 5 GiB put and got", served.peak_mib(), "MiB")
