"""A packet says which messages it holds by the number of the first: so whoever missed one knows which.

    session 10 │ number u64 │ count u16 │ length u16 │ message │ length u16 │ message │ …
    heartbeat    number of the next message, count 0: nothing new; and whoever missed the last one sees it
    end          number of the next message, count 65,535

Messages are numbered from 1, packets are not: two lines may cut the same messages into other packets.
The layout is that of Nasdaq's MoldUDP64 1.00. Cost: 2 bytes a message, 20 a packet.
Page: docs/exchange/feed.md
"""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import NamedTuple

from chapters.sim.clock import MS
from exchange.errors import BadFeed

PACKET_BYTES_MAX = 1_400  # fits in an Ethernet frame, whatever is wrapped around it
SESSION_LENGTH = 10  # characters
END_COUNT = 0xFFFF
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

_HEAD = Struct(">10sQH")
_LENGTH = Struct(">H")


def session_of(began_ns: int) -> str:
    """Return the name of the session of a journal whose first command is of that time.

    Later ones sort behind earlier ones, to the millisecond; whoever publishes the journal finds the same.
    """
    digits, left = "", began_ns // MS
    for _ in range(SESSION_LENGTH):
        left, digit = divmod(left, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


class Packet(NamedTuple):
    """Messages `number`, `number` + 1, …; none in a heartbeat and at the end of a session."""

    session: str
    number: int
    messages: tuple[bytes, ...] = ()
    is_end: bool = False

    @property
    def next(self) -> int:
        """The number after the last message of this packet."""
        return self.number + len(self.messages)


def pack(packet: Packet) -> bytes:
    """Return the packet as it travels."""
    count = END_COUNT if packet.is_end else len(packet.messages)
    parts = [_HEAD.pack(packet.session.encode().ljust(SESSION_LENGTH), packet.number, count)]
    for message in packet.messages:
        parts += _LENGTH.pack(len(message)), message
    return b"".join(parts)


def unpack(data: bytes) -> Packet:
    """Return the packet. Raises `BadFeed` for bytes that are none."""
    if len(data) < _HEAD.size:
        raise BadFeed(f"{len(data)} bytes are no packet: its head alone is {_HEAD.size}")
    session, number, count = _HEAD.unpack_from(data)
    is_end = count == END_COUNT
    messages = tuple(_messages(data, 0 if is_end else count))
    try:
        return Packet(session.decode("ascii").rstrip(), number, messages, is_end)
    except UnicodeDecodeError:
        raise BadFeed(f"packet of session {session!r}: a session is named in ASCII") from None


def _messages(data: bytes, count: int) -> Iterator[bytes]:
    at = _HEAD.size
    for index in range(count):
        begin = at + _LENGTH.size
        at = begin + (_LENGTH.unpack_from(data, at)[0] if begin <= len(data) else 0)
        if not begin < at <= len(data):
            raise BadFeed(f"packet of {len(data)} bytes: it ends in message {index + 1} of {count}")
        yield data[begin:at]
    if at != len(data):
        raise BadFeed(f"packet of {len(data)} bytes: it goes on after its {count} messages")


def packets(session: str, number: int, messages: Sequence[bytes]) -> Iterator[Packet]:
    """Yield the messages, the first of which is `number`, in packets of at most `PACKET_BYTES_MAX`."""
    for batch in _batches(messages):
        yield Packet(session, number, tuple(batch))
        number += len(batch)


def _batches(messages: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = _HEAD.size
    for message in messages:
        size += _LENGTH.size + len(message)
        if batch and size > PACKET_BYTES_MAX:
            yield batch
            batch, size = [], _HEAD.size + _LENGTH.size + len(message)
        batch.append(message)
    if batch:
        yield batch
