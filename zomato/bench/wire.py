"""A crowd in a process of its own: ten thousand who follow an order each, and the town that tells of them.

    python -m zomato.bench.wire 10000 12            one line of JSON about the gateway, a third process
    python -m zomato.bench.wire 2000 12 peer        the same about Flask on gevent, which is not killed

When all rounds are told the gateway is killed, the town goes on, another gateway comes, and the crowd
returns to it, each with the id of what it had last. What a gateway costs is read from /proc: resident
memory, and the CPU time of all its threads. Page: docs/zomato/speed.md
"""

import asyncio
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from zomato.tracking.app import Outlet
from zomato.tracking.facts import BEGIN, READY, STATE, Fact, json_of
from zomato.tracking.teller import lines

HOST = "127.0.0.1"
OTHER_FILES = 400
AT_ONCE = 200  # connections that are being opened
CHANGE_EVERY = 4  # rounds: three positions, then a change
WAIT_S_MAX = 60.0
TICKS_A_S = os.sysconf("SC_CLK_TCK")
ID = re.compile(rb"id: (\w+-(\d+))\n")
POSITION = {"x": 4203, "y": 2781}
ORDER = {
    "id": "o",
    "placed": 776,
    "ready": 790,
    "rider": "c7",
    "door": 797,
    "planned": [[778, "c7"]],
}
PEER = ("-m", "zomato.bench.peer")
GATEWAY = (
    "import sys; from zomato.tracking.app import gateway; "
    "from chapters.portal.lifetime import end_with_parent; end_with_parent(); "
    "gateway('127.0.0.1', int(sys.argv[2]), "
    "page_port=1, town=sys.argv[1], on_ready=lambda port: print(port, flush=True))"
)
OURS = ("-c", GATEWAY)


class Reader(asyncio.Protocol):
    """One who follows an order, and writes down the numbers of its changes."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.numbers: list[int] = []
        self.events = 0
        self.last = b""
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._rest = b""
        head = b"GET /orders/o%d/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: %b\r\n\r\n"
        transport.write(head % (self.order, self.last))

    def data_received(self, data: bytes) -> None:
        whole, _, self._rest = (self._rest + data).rpartition(b"\n\n")
        self.events += whole.count(b"event: ")
        for id, number in ID.findall(whole):
            self.last = id
            self.numbers.append(int(number))


class Town:
    """What is told of so many orders."""

    def __init__(self, path: str, orders: int) -> None:
        self._outlet, self._orders = Outlet(path, "bench"), orders
        self.changes: list[int] = []
        self._number = 0

    def go_on(self, kind: str) -> int:
        """Tell one thing more of each order; return its number."""
        self._number += 1
        if kind == STATE:
            self.changes.append(self._number)
        self._outlet.tell(self._lines(self._number, kind), self._everything)
        return self._number

    def look(self) -> bool:
        """See whether a gateway has come, tell it everything, and return whether one is here."""
        self._outlet.tell(b"", self._everything)
        return self._outlet.gateways > 0

    def _everything(self) -> bytes:
        return BEGIN + b"".join(self._lines(each, STATE) for each in self.changes) + READY

    def _lines(self, number: int, kind: str) -> bytes:
        data = ORDER | {"state": f"state {number}"} if kind == STATE else POSITION | {"x": number}
        body = json_of(data)
        return lines(Fact(f"o{each}", "bench", number, kind, body) for each in range(self._orders))


class Gateway:
    """A gateway's process, as /proc shows it."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process, self.port = process, port
        self._proc = Path("/proc") / str(process.pid)

    def rss_bytes(self) -> int:
        """Return its resident memory."""
        pages = int((self._proc / "statm").read_text("ascii").split()[1])
        return pages * resource.getpagesize()

    def cpu_s(self) -> float:
        """Return the processor time that it took so far."""
        fields = (self._proc / "stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_S


@contextmanager
def started(town: str, port: int = 0, program: tuple[str, ...] = OURS) -> Iterator[Gateway]:
    """Start a gateway, and end it afterwards."""
    command = [sys.executable, *program, town, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Gateway(process, int(process.stdout.readline()))
        finally:
            process.kill()


async def measured(sessions: int, rounds: int) -> dict[str, float]:
    """Return what a gateway cost, and what was lost."""
    readers = [Reader(order) for order in range(sessions)]
    with tempfile.TemporaryDirectory(prefix="kit-zomato-") as folder:
        town = Town(f"{folder}/town", sessions)
        with started(f"{folder}/town") as gateway:
            found = await _costs(town, gateway, readers, rounds)
        town.go_on(STATE)  # nobody is there to tell it
        with started(f"{folder}/town", gateway.port) as gateway:
            await _ready(town, gateway)
            await _open(gateway.port, readers)
            town.go_on(STATE)
            await _until(partial(_have, readers, len(town.changes)))
    lost = sum(len(set(town.changes) - set(each.numbers)) for each in readers)
    twice = sum(len(each.numbers) - len(set(each.numbers)) for each in readers)
    return found | {"changes": len(town.changes) * sessions, "lost": lost, "twice": twice}


async def of_peer(sessions: int, rounds: int) -> dict[str, float]:
    """Return what the peer cost; to be killed is too much for it."""
    readers = [Reader(order) for order in range(sessions)]
    with tempfile.TemporaryDirectory(prefix="kit-zomato-") as folder:
        town = Town(f"{folder}/town", sessions)
        with started(f"{folder}/town", program=PEER) as gateway:
            return await _costs(town, gateway, readers, rounds)


async def _costs(
    town: Town, gateway: Gateway, readers: list[Reader], rounds: int
) -> dict[str, float]:
    """Tell so many rounds to all of them, and see what it takes."""
    empty = gateway.rss_bytes()
    town.go_on(STATE)
    await _ready(town, gateway)
    orders = gateway.rss_bytes()
    await _open(gateway.port, readers)
    await _quiet(gateway)
    sessions, begun_s = gateway.rss_bytes(), gateway.cpu_s()
    before = sum(each.events for each in readers)
    for number in range(1, rounds + 1):
        town.go_on("position" if number % CHANGE_EVERY else STATE)
        await _until(partial(_heard, readers, number + 1))
    return {
        "sessions": len(readers),
        "session_bytes": (sessions - empty) / len(readers),
        "of_it_order_bytes": (orders - empty) / len(readers),
        "busy_bytes": (gateway.rss_bytes() - empty) / len(readers),
        "sent": sum(each.events for each in readers) - before,
        "cpu_s": gateway.cpu_s() - begun_s,
    }


async def _ready(town: Town, gateway: Gateway) -> None:
    """Wait until a gateway has come, and has heard everything."""
    await _until(town.look)
    await _quiet(gateway)


async def _open(port: int, readers: list[Reader]) -> None:
    """Open all streams, some at a time, and wait until each has had something."""
    loop, before = asyncio.get_running_loop(), [each.events for each in readers]
    for first in range(0, len(readers), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        for reader in readers[part]:
            await loop.create_connection(partial(_same, reader), HOST, port)
        await _until(partial(_more, readers[part], before[part]))


def _same(reader: Reader) -> Reader:
    return reader


def _more(readers: list[Reader], than: list[int]) -> bool:
    return all(each.events > before for each, before in zip(readers, than, strict=True))


def _heard(readers: list[Reader], events: int) -> bool:
    return all(each.events >= events for each in readers)


def _have(readers: list[Reader], changes: int) -> bool:
    return all(len(each.numbers) >= changes for each in readers)


async def _quiet(gateway: Gateway) -> None:
    """Wait until the gateway has nothing to do."""
    last = -1.0
    while gateway.cpu_s() != last:
        last = gateway.cpu_s()
        await asyncio.sleep(0.3)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S_MAX):
        while not condition():
            await asyncio.sleep(0.05)


def main(sessions: int, rounds: int, which: str = "") -> None:
    """Print what was measured, with as many sessions as this machine allows."""
    measure = of_peer if which == "peer" else measured
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    room = hard - OTHER_FILES if hard != resource.RLIM_INFINITY else sessions
    print(json.dumps(asyncio.run(measure(min(sessions, room), rounds))))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
