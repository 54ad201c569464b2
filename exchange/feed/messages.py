"""What the public is told, in fixed places: a market by order (L3), twenty to thirty bytes a change.

    each begins with       kind 1 │ instrument u16 │ time u64, in nanoseconds
    S system event         code 1                                    O the feed begins, C it ends
    R directory            tick u32 │ lot u32 │ symbol, to the end
    H trading action       phase u8 │ reason, to the end             open, in an auction, halted …
    J bands                lower u64 │ upper u64                     prices beyond are refused
    A add                  order u64 │ side i8 │ quantity u32 │ price u64
    E executed             order u64 │ quantity u32                  at the order's own price
    C executed at a price  order u64 │ quantity u32 │ price u64 │ printed u8
    X cancel               order u64 │ quantity u32                  so many lots fewer, place kept
    D delete               order u64
    U replace              order u64 │ quantity u32 │ price u64      to the back of the queue
    P trade                side i8 │ quantity u32 │ price u64        of an order that was never shown
    Q cross                quantity u64 │ price u64                  an auction's one price
    I indicative           paired u64 │ surplus u64 │ side i8 │ price u64

Big-endian, as networks are. Nobody's account is in any of them. A trade's number is that of its message.
Invariant: decode(encode(message)) == message. The kinds are those of Nasdaq's TotalView-ITCH 5.0;
the layout is our own. Page: docs/exchange/feed.md
"""

import struct
from struct import Struct
from typing import NamedTuple, TypeVar

from exchange.errors import BadFeed
from exchange.orders import Side

BEGINS, ENDS = "O", "C"


class System(NamedTuple):
    """The feed as a whole begins or ends."""

    instrument: int
    time_ns: int
    code: str


class Directory(NamedTuple):
    """What an instrument's number stands for."""

    instrument: int
    time_ns: int
    tick: int
    lot: int
    symbol: str


class Action(NamedTuple):
    """Trading in the instrument begins, pauses or ends: the number of its phase, and why."""

    instrument: int
    time_ns: int
    phase: int
    reason: str


class Bands(NamedTuple):
    """Between which prices the instrument trades (limit up, limit down)."""

    instrument: int
    time_ns: int
    lower: int
    upper: int


class Add(NamedTuple):
    """An order waits, behind all others at its price."""

    instrument: int
    time_ns: int
    order_id: int
    side: Side
    quantity: int
    price: int


class Executed(NamedTuple):
    """So many lots of a waiting order traded, at its price."""

    instrument: int
    time_ns: int
    order_id: int
    quantity: int


class ExecutedAt(NamedTuple):
    """The same at another price; what is not `printed` is in the volume of a cross."""

    instrument: int
    time_ns: int
    order_id: int
    quantity: int
    price: int
    printed: bool


class Cut(NamedTuple):
    """A waiting order is so many lots smaller; it keeps its place."""

    instrument: int
    time_ns: int
    order_id: int
    quantity: int


class Delete(NamedTuple):
    """An order is gone."""

    instrument: int
    time_ns: int
    order_id: int


class Moved(NamedTuple):
    """An order waits for another quantity or at another price, behind all others there."""

    instrument: int
    time_ns: int
    order_id: int
    quantity: int
    price: int


class Hidden(NamedTuple):
    """A trade with an order of `side` that was never shown."""

    instrument: int
    time_ns: int
    side: Side
    quantity: int
    price: int


class Cross(NamedTuple):
    """An auction is over: all of it at one price."""

    instrument: int
    time_ns: int
    quantity: int
    price: int


class Indicative(NamedTuple):
    """Where an auction would end now: lots that meet, and lots of `side` that would be left."""

    instrument: int
    time_ns: int
    paired: int
    surplus: int
    side: Side
    price: int


Message = (
    System | Directory | Action | Bands | Add | Executed | ExecutedAt | Cut | Delete | Moved | Hidden
    | Cross | Indicative
)  # fmt: skip

T = TypeVar("T")

# Codes travel: they may be added to, never changed.
_TEXTS = {System: (b"S", ">cHQ"), Directory: (b"R", ">cHQII"), Action: (b"H", ">cHQB")}
_FIXED = {
    Bands: (b"J", ">cHQQQ"),
    Add: (b"A", ">cHQQbIQ"),
    Executed: (b"E", ">cHQQI"),
    ExecutedAt: (b"C", ">cHQQIQ?"),
    Cut: (b"X", ">cHQQI"),
    Delete: (b"D", ">cHQQ"),
    Moved: (b"U", ">cHQQIQ"),
    Hidden: (b"P", ">cHQbIQ"),
    Cross: (b"Q", ">cHQQQ"),
    Indicative: (b"I", ">cHQQQbQ"),
}
_PACK = {made: (kind, Struct(layout).pack) for made, (kind, layout) in _FIXED.items()}
_PACK_TEXT = {made: (kind, Struct(layout).pack) for made, (kind, layout) in _TEXTS.items()}
_UNPACK = {kind: (Struct(layout).unpack, made) for made, (kind, layout) in _FIXED.items()}
_UNPACK_TEXT = {kind: (Struct(layout), made) for made, (kind, layout) in _TEXTS.items()}


def encode(message: Message) -> bytes:
    """Return the message as it travels."""
    found = _PACK.get(type(message))
    if found is not None:
        kind, pack = found
        return bytes(pack(kind, *message))
    kind, pack = _PACK_TEXT[type(message)]
    *numbers, text = message
    return bytes(pack(kind, *numbers)) + str(text).encode()


def decode(data: bytes) -> Message:
    """Return the message. Raises `BadFeed` for bytes that are none."""
    kind = data[:1]
    try:
        return _decoded(kind, data)
    except KeyError:
        raise BadFeed(f"message of kind {kind!r}: sent by a newer version of the kit?") from None
    except (struct.error, UnicodeDecodeError) as error:
        raise BadFeed(f"message of kind {kind!r} and {len(data)} bytes: {error}") from None


def _decoded(kind: bytes, data: bytes) -> Message:
    found: Message
    if kind in _UNPACK:
        unpack, made = _UNPACK[kind]
        found = made(*unpack(data)[1:])
    else:
        head, made = _UNPACK_TEXT[kind]
        found = made(*head.unpack_from(data)[1:], data[head.size :].decode())
    return found
