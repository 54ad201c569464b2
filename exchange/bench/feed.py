"""What a feed costs those who make it and those who listen: bytes and JSON, ring and sockets, fan-out.

Page: docs/exchange/feed.md
"""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from chapters.fanout import Hub
from chapters.fanout.queues import Queues
from chapters.measure.findings import Figure, Finding
from chapters.measure.ratio import compare
from exchange.bench.ring import RingReader, RingWriter
from exchange.engine import Engine
from exchange.feed import messages
from exchange.feed.messages import Message, decode, encode
from exchange.feed.packets import Packet, pack, packets, unpack
from exchange.feed.view import Books, View
from exchange.feed.wire import LOOPBACK, Sender, receiver
from exchange.feed.world import SYMBOLS, market
from exchange.sequencer import Replica

QUICK, FULL = (4_000, 5), (40_000, 7)  # commands, rounds
READERS = 200
EVENTS_SHARE = 40  # a fortieth of the commands is published to all of them
AT_ONCE = 100  # packets that lie in a socket before they are read
MANY = 40  # messages in a packet of a busy feed


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield the ratios of this file."""
    commands, rounds = QUICK if quick else FULL
    told = feed_of(commands)
    encoded = [encode(each) for each in told]
    texts = [to_json(each) for each in told]
    on_progress("a feed in bytes against one in JSON")
    names = ("encoding a feed as bytes", "encoding it as JSON")
    yield compare(
        lambda: [encode(each) for each in told],
        lambda: [to_json(each) for each in told],
        rounds=rounds,
        names=names,
    )
    names = ("a subscriber of bytes", "a subscriber of JSON")
    yield compare(lambda: listen(encoded), lambda: listen_json(texts), rounds=rounds, names=names)
    sizes = [sum(map(len, each)) / len(each) for each in (encoded, texts)]
    yield Figure("a message in bytes", sizes[0], "B", most=40)
    yield Figure("the same in JSON", sizes[1], "B")
    on_progress("a ring in shared memory against a socket")
    yield from ring_against_socket(encoded, rounds)
    on_progress("one feed for all against a queue for each")
    names = (f"one feed for {READERS} readers", "a queue for each")
    chunks = texts[: len(texts) // EVENTS_SHARE]
    yield compare(lambda: hub(chunks), lambda: queues(chunks), rounds=rounds, names=names)


def feed_of(commands: int) -> list[Message]:
    """Return what the public is told of a small market."""
    replica = Replica(Engine(SYMBOLS))
    view = View(replica.engine)
    told = view.begin(0)
    for command in market(Random(7), commands):
        told += view.apply(replica.apply(command))
    return told


def to_json(message: Message) -> bytes:
    """Return a message as one writes it first: a line of JSON that names every field."""
    return json.dumps({"kind": type(message).__name__, **message._asdict()}).encode()


def from_json(line: bytes) -> Message:
    """Return the message."""
    fields: dict[str, Any] = json.loads(line)
    made: Callable[..., Message] = getattr(messages, fields.pop("kind"))
    return made(**fields)


def listen(encoded: list[bytes]) -> Books:
    """Build the books from packets."""
    books, number = Books(), 0
    for data in map(pack, packets("s", 1, encoded)):
        for message in unpack(data).messages:
            number += 1
            books.apply(number, decode(message))
    return books


def listen_json(lines: list[bytes]) -> Books:
    """Build the same books from lines of JSON."""
    books = Books()
    for number, line in enumerate(lines, start=1):
        books.apply(number, from_json(line))
    return books


def ring_against_socket(encoded: list[bytes], rounds: int) -> Iterator[Finding]:
    """Compare the ways to a subscriber: alone, with its work, and with packets of many messages."""
    with_work = ("a subscriber on a ring", "a subscriber on a socket")
    for count, names, work in (
        (1, ("a message through a ring", "a message through a socket"), False),
        (1, with_work, True),
        (MANY, tuple(f"{each}, {MANY} messages a packet" for each in with_work), True),
    ):
        sent = [
            pack(Packet("s", start + 1, tuple(encoded[start : start + count])))
            for start in range(0, len(encoded), count)
        ]
        ways = [lambda s=sent, w=work, way=way: way(s, w) for way in (by_ring, by_socket)]
        yield compare(*ways, rounds=rounds, names=(names[0], names[1]))


class _Listener:
    """Does a subscriber's work, or none."""

    def __init__(self, works: bool) -> None:
        self._works, self._books, self._number = works, Books(), 0

    def __call__(self, data: bytes) -> None:
        if self._works:
            for message in unpack(data).messages:
                self._number += 1
                self._books.apply(self._number, decode(message))


def by_ring(sent: list[bytes], works: bool) -> None:
    """Write packets to a ring, a hundred at a time, and read them."""
    writer, heard = RingWriter(), _Listener(works)
    reader = RingReader(writer.name)
    for start in range(0, len(sent), AT_ONCE):
        for packet in sent[start : start + AT_ONCE]:
            writer.write(packet)
        while (data := reader.read()) is not None:
            heard(data)
    reader.close()
    writer.close()


def by_socket(sent: list[bytes], works: bool) -> None:
    """Send the same as datagrams, and receive them."""
    ears = receiver((LOOPBACK, 0))
    mouth, heard = Sender([ears.getsockname()]), _Listener(works)
    for start in range(0, len(sent), AT_ONCE):
        batch = sent[start : start + AT_ONCE]
        for packet in batch:
            mouth.send(packet)
        for _ in batch:
            heard(ears.recv(2_048))
    mouth.close()
    ears.close()


class _Taken:
    """A line that is always free."""

    def send(self, chunk: bytes) -> bool:
        return True


def hub(chunks: list[bytes]) -> None:
    """Publish to many readers from one feed."""
    board = Hub()
    feed = board.open("market")
    for _ in range(READERS):
        board.join("market", _Taken())
    for number, chunk in enumerate(chunks, start=1):
        feed.change(number, chunk)
        board.tell("market")


def queues(chunks: list[bytes]) -> None:
    """Publish to as many, each with a queue."""
    board = Queues()
    for _ in range(READERS):
        board.join(_Taken())
    for number, chunk in enumerate(chunks, start=1):
        board.change(number, chunk)
