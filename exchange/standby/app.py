"""Machines as real processes: a loop, sockets on loopback, a folder each; and a client that talks to them.

    kit exchange station a DIR --ports giver=7001,a=7002,b=7003

Whoever wants to say something dials, says its name in the first line, and then sends lines. A message to
somebody who is not there is lost: the machines are built for a network that loses. Any error of the disk
ends the process, as the next one recovers. Page: docs/exchange/standby.md
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from typing import Any

from chapters.errors import UsageError
from chapters.portal.lifetime import end_with_parent
from chapters.sim.clock import Timer
from chapters.sim.real import RealDisk, WallClock
from exchange.errors import BadRecord
from exchange.standby.giver import Giver
from exchange.standby.member import Member
from exchange.standby.messages import Claim, Message, Propose
from exchange.standby.primary import GIVER, Pace
from exchange.standby.wire import pack, unpack

HOST = "127.0.0.1"
LINE_BYTES_MAX = 32 * 1024 * 1024
SYMBOLS = ("ACME",)
LOOK_S = 0.005  # between two looks at whether the machine is primary
UNSENT_BYTES_MAX = 64 * 1024 * 1024  # to one peer; beyond it, messages are lost


class LoopClock:
    """Wall time that never steps back, and timers on the process's one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._wall = loop, WallClock()

    def now_ns(self) -> int:
        """Return nanoseconds since 1970."""
        return self._wall.now_ns()

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        """Run `callback` on the loop."""
        return self._loop.call_later(max(0, delay_ns) / 1e9, callback)


class Post:
    """What a process sends and hears."""

    def __init__(self, name: str, ports: Mapping[str, int]) -> None:
        self.name, self._ports = name, ports
        self.handle: Callable[[str, Message], object] = lambda source, message: None
        self._writers: dict[str, asyncio.StreamWriter] = {}
        self._dials: dict[str, asyncio.Task[None]] = {}
        self._beside: list[asyncio.Task[None]] = []

    def send(self, target: str, message: Message) -> None:
        """Send, if there is a connection; else dial, for the next message."""
        writer = self._writers.get(target)
        if writer is None:
            if target in self._ports and target not in self._dials:
                self._dials[target] = asyncio.create_task(self._dial(target))
        elif writer.transport.get_write_buffer_size() < UNSENT_BYTES_MAX:
            writer.write(pack(message))

    def keep(self, task: Coroutine[Any, Any, None]) -> None:
        """Let something run beside, for as long as the process does."""
        self._beside.append(asyncio.create_task(task))

    async def listen(self) -> None:
        """Hear whoever dials, for ever."""
        server = await asyncio.start_server(
            self._hear, HOST, self._ports[self.name], limit=LINE_BYTES_MAX
        )
        print("ready", flush=True)
        await server.serve_forever()

    async def _dial(self, target: str) -> None:
        try:
            reader, writer = await asyncio.open_connection(HOST, self._ports[target])
            writer.write(f"{self.name}\n".encode())
            self._writers[target] = writer
            while await reader.read(1 << 16):
                pass  # answers come over the other's own connection
        except OSError:
            pass
        finally:
            self._writers.pop(target, None)
            self._dials.pop(target, None)

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = ""
        with suppress(OSError, UnicodeDecodeError, ValueError):
            source = (await reader.readline()).decode().strip()
            if source not in self._ports:  # a client: it hears on its own connection
                self._writers[source] = writer
            while line := await reader.readline():
                self._handle(source, line)
        if self._writers.get(source) is writer:
            del self._writers[source]
        writer.close()

    def _handle(self, source: str, line: bytes) -> None:
        try:
            message = unpack(line)
        except BadRecord as error:
            print(error, file=sys.stderr, flush=True)
            return
        try:
            self.handle(source, message)
        except Exception as error:
            _end(error)  # its disk failed, or it is wrong: nothing good comes of going on


def station(
    name: str, folder: Path, ports: str, pace: str = "{}", fix_port: int = 0, fix_accounts: str = ""
) -> None:
    """Be the machine `name`, or the giver, in `folder`, for as long as the parent lives.

    With a `fix_port`, FIX is spoken there while it is primary.
    """
    end_with_parent()
    with RealDisk(folder) as disk:
        disk.claim()
        knobs = Pace(**json.loads(pace))
        asyncio.run(_run(name, disk, read_ports(ports, name), knobs, (fix_port, fix_accounts)))


async def _run(
    name: str, disk: RealDisk, ports: Mapping[str, int], pace: Pace, fix: tuple[int, str]
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: _end(context.get("exception")))
    clock, post = LoopClock(loop), Post(name, ports)
    if name == GIVER:
        giver = Giver(clock=clock, disk=disk)

        def answer(source: str, message: Message) -> None:
            assert isinstance(message, Claim | Propose)
            post.send(source, giver.hear(message))

        post.handle = answer
    else:
        peers = [each for each in ports if each not in (name, GIVER)]
        if fix[0]:
            post.handle = _with_door(name, peers, clock, disk, post, pace, fix)
        else:
            member = Member(
                name, peers, clock=clock, rng=SystemRandom(), disk=disk, send=post.send,
                symbols=SYMBOLS, pace=pace, on_news=_tell,
            )  # fmt: skip
            post.handle = member.handle
    await post.listen()


def _with_door(
    name: str, peers: list[str], clock: LoopClock, disk: RealDisk, post: Post, pace: Pace,
    fix: tuple[int, str],
) -> Callable[[str, Message], None]:  # fmt: skip
    """Make a machine with a FIX door before it; return its ear."""
    from exchange.fix.app import read_accounts
    from exchange.standby.door import CLIENTS, Door

    door = Door(read_accounts(fix[1])[0], SYMBOLS, clock.now_ns)

    def send(target: str, message: Message) -> None:
        door.hear(message) if target == CLIENTS else post.send(target, message)

    member = Member(
        name, peers, clock=clock, rng=SystemRandom(), disk=disk, send=send,
        symbols=SYMBOLS, pace=pace, on_applied=door.follow, on_news=_tell,
    )  # fmt: skip
    door.learn(disk, member.replica.sequence)

    async def watch() -> None:
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                await door.look(member, HOST, fix[0])
        except Exception as error:
            _end(error)

    post.keep(watch())
    return member.handle


def _tell(words: str) -> None:
    """Say what the operator has to know."""
    print(words, file=sys.stderr, flush=True)


def _end(error: BaseException | None) -> None:
    """End the process; the next one starts from what is on disk."""
    print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    os._exit(1)


def read_ports(text: str, name: str) -> dict[str, int]:
    """Read `giver=7001,a=7002`. Raises `UsageError` when it is not that, or `name` is not in it."""
    pairs = [word.partition("=") for word in text.split(",")]
    if not all(key and port.isdecimal() for key, _, port in pairs):
        raise UsageError(f"ports are {text!r}; write giver=7001,a=7002,b=7003")
    ports = {key: int(port) for key, _, port in pairs}
    for wanted in (name, GIVER):
        if wanted not in ports:
            raise UsageError(f"ports are {text!r}; {wanted} has none among them")
    return ports


def free_ports(names: tuple[str, ...]) -> dict[str, int]:
    """Return a port for each that nobody uses now."""
    sockets = [socket.create_server((HOST, 0)) for _ in names]
    ports = {name: each.getsockname()[1] for name, each in zip(names, sockets, strict=True)}
    for each in sockets:
        each.close()
    return ports


class Line:
    """A client's connection to one machine: blocking, with a timeout."""

    def __init__(self, name: str, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=1.0)
        self._socket.sendall(f"{name}\n".encode())
        self._left = b""

    def send(self, messages: list[Message]) -> None:
        """Send. Raises `OSError` when the machine is gone."""
        self._socket.sendall(b"".join(map(pack, messages)))

    def receive(self, timeout_s: float) -> list[Message]:
        """Return what has come; nothing when the time is over. Raises `OSError` at the end."""
        self._socket.settimeout(timeout_s)
        try:
            found = self._socket.recv(1 << 20)
        except TimeoutError:
            return []
        if not found:
            raise ConnectionResetError("the machine is gone")
        *lines, self._left = (self._left + found).split(b"\n")
        return [unpack(line) for line in lines]

    def fileno(self) -> int:
        """Return the socket's number, to wait for several at once."""
        return self._socket.fileno()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
