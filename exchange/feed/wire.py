"""The feed on real sockets: datagrams to a group, and the questions of whoever missed some over TCP.

    datagrams   a packet each, to a multicast group (239.0.0.0/8); its TTL of 0 keeps it on this machine
    question    kind 1 │ number u64 │ wanted u32                R: messages again, S: a snapshot
    answer      kind 1 │ session 10 │ number u64 │ length u32 │ packet │ length u32 │ packet │ … │ 0 u32

A snapshot is answered as kind S with the number that it is of; its packets count from 1. Where there is no
multicast, the address of one machine (127.0.0.1) does for one listener. Page: docs/exchange/feed.md
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from struct import Struct

from chapters.errors import KitError, UsageError
from exchange.errors import BadFeed, NoMulticast
from exchange.feed.packets import SESSION_LENGTH, Packet, pack, packets, unpack
from exchange.feed.publisher import Publisher, Snapshot
from exchange.feed.recovery import Ask, AskSnapshot, Question, answers

LOOPBACK = "127.0.0.1"
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024  # what may lie in the kernel while a listener is busy
FRAME_BYTES_MAX = 65_536
ASKING_MAX = 64  # connections to the recovery service at once
ASK_S_MAX = 10.0  # for a question and its answer
AGAIN, SNAPSHOT = b"R", b"S"

_QUESTION = Struct(">cQI")
_ANSWER = Struct(">c10sQ")
_LENGTH = Struct(">I")

Address = tuple[str, int]


def read_address(text: str, option: str) -> Address:
    """Return the IPv4 address and port of `text`. Raises `UsageError` naming the option."""
    host, _, port = text.rpartition(":")
    with suppress(ValueError):
        if 0 < int(port) < 65_536:
            return str(ipaddress.IPv4Address(host)), int(port)
    raise UsageError(f"{option}: {text!r} is no address and port, such as 239.192.0.1:26400")


def read_lines(text: str, option: str) -> list[Address]:
    """Return the addresses of one or more lines, with commas between. Raises `UsageError`."""
    return [read_address(each, option) for each in text.split(",")]


def recovery_of(lines: Sequence[Address], text: str) -> Address:
    """Return where the recovery service is: as `text` says, or at the port after the first line's."""
    return read_address(text, "--recovery") if text else (LOOPBACK, lines[0][1] + 1)


def is_group(address: Address) -> bool:
    """Whether many may listen there."""
    return ipaddress.IPv4Address(address[0]).is_multicast


class Sender:
    """Sends each packet to every line. Raises `NoMulticast` where that cannot be."""

    def __init__(self, lines: Sequence[Address]) -> None:
        self._lines = lines
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        try:
            self._socket.setsockopt(
                socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK)
            )
        except OSError as error:
            self.close()
            raise _no_multicast(lines[0], error) from error

    def send(self, packet: bytes) -> None:
        """Send a packet once to each line; whoever does not listen misses it."""
        for line in self._lines:
            try:
                self._socket.sendto(packet, line)
            except ConnectionRefusedError:
                pass  # by one machine where nobody listens: as good as lost
            except OSError as error:
                raise _no_multicast(line, error) from error

    def close(self) -> None:
        self._socket.close()


def receiver(line: Address) -> socket.socket:
    """Return a socket that receives what is sent to `line`. Raises `NoMulticast`."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        made.bind(line)
        if is_group(line):
            member = socket.inet_aton(line[0]) + socket.inet_aton(LOOPBACK)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    except OSError as error:
        made.close()
        raise _no_multicast(line, error) from error
    return made


def _no_multicast(line: Address, error: OSError) -> NoMulticast:
    host, port = line
    return NoMulticast(
        f"{host}:{port} does not work here ({error.strerror}); "
        f"{LOOPBACK}:{port} does for one listener on this machine"
    )


class Incoming(asyncio.DatagramProtocol):
    """Hands every datagram to `heard`."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._heard(data)


class Recovery:
    """Answers those who missed something, a few at a time."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._asking = 0

    async def serve(self, incoming: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        """Answer the question of one connection, then close it."""
        self._asking += 1
        try:
            if self._asking <= ASKING_MAX:
                async with asyncio.timeout(ASK_S_MAX):
                    question = _question(await incoming.readexactly(_QUESTION.size))
                    for piece in encode_answer(self._publisher, question):
                        out.write(piece)
                        await out.drain()
                    out.close()
                    await out.wait_closed()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, KitError):
            pass  # gone, too slow, or talking nonsense: there is nobody to tell
        finally:
            self._asking -= 1
            out.transport.abort()


def _question(data: bytes) -> Question:
    kind, number, wanted = _QUESTION.unpack(data)
    if kind not in (AGAIN, SNAPSHOT):
        raise BadFeed(f"question of kind {kind!r}: R or S is expected")
    return AskSnapshot() if kind == SNAPSHOT else Ask(number, wanted)


def encode_answer(publisher: Publisher, question: Question) -> Iterator[bytes]:
    """Yield the pieces of an answer."""
    session, number = publisher.session.encode(), 0
    frames: Iterator[bytes] | list[bytes] = []
    kind = AGAIN
    for answer in answers(publisher, question):
        if isinstance(answer, Snapshot):
            kind, number = SNAPSHOT, answer.number
            frames = map(pack, packets(answer.session, 1, answer.messages))
        else:
            frames = [*frames, answer]
    yield _ANSWER.pack(kind, session.ljust(SESSION_LENGTH), number)
    for frame in frames:
        yield _LENGTH.pack(len(frame)) + frame
    yield _LENGTH.pack(0)


async def ask(recovery: Address, question: Question) -> list[Packet] | Snapshot:
    """Return what the recovery service answers. Raises `OSError`, `TimeoutError`, `BadFeed`."""
    async with asyncio.timeout(ASK_S_MAX):
        incoming, out = await asyncio.open_connection(*recovery)
        try:
            wanted = question if isinstance(question, Ask) else (0, 0)
            kind = AGAIN if isinstance(question, Ask) else SNAPSHOT
            out.write(_QUESTION.pack(kind, *wanted))
            head = await incoming.readexactly(_ANSWER.size)
            found = [unpack(frame) async for frame in _frames(incoming)]
        except asyncio.IncompleteReadError as error:
            raise BadFeed(f"the answer ends after {len(error.partial)} bytes") from None
        finally:
            out.close()
    kind, session, number = _ANSWER.unpack(head)
    if kind == AGAIN:
        return found
    messages = tuple(message for packet in found for message in packet.messages)
    return Snapshot(session.decode("ascii", "replace").rstrip(), number, messages)


async def _frames(incoming: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := _LENGTH.unpack(await incoming.readexactly(_LENGTH.size))[0]:
        if size > FRAME_BYTES_MAX:
            raise BadFeed(f"a frame of {size} bytes; {FRAME_BYTES_MAX} are the most")
        yield await incoming.readexactly(size)
