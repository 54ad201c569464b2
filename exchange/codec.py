"""Commands and events as bytes: what the journal keeps and what the state hash is made of.

    New      time i64 │ 'N' │ account i64 │ quantity i64 │ price i64 │ side, life, self-trade, post-only
             i8 each │ symbol length u8 │ symbol │ client id        (price 0: a market order)
    Cancel   time i64 │ 'C' │ account i64 │ order i64 │ symbol
    Replace  time i64 │ 'R' │ account i64 │ order i64 │ quantity i64 │ price i64 │ symbol

Little-endian, fixed places first, names last. Invariant: decode(encode(command)) == command.
Codes are written into files: they may be added to, never changed. Page: docs/exchange/journal.md
"""

from struct import Struct

from exchange.errors import BadRecord
from exchange.orders import (
    Accepted,
    Cancel,
    Canceled,
    CancelRejected,
    Command,
    Event,
    Filled,
    Life,
    New,
    Reason,
    Rejected,
    Replace,
    Replaced,
    SelfTrade,
    Side,
)

_NEW = Struct("<qcqqqbbbbB")
_CANCEL = Struct("<qcqq")
_REPLACE = Struct("<qcqqqq")
_EVENT = Struct("<cqqqq")
_LIVES = tuple(Life)
_SELF_TRADES = tuple(SelfTrade)
_LIFE_CODES = {life: code for code, life in enumerate(_LIVES)}
_SELF_TRADE_CODES = {mode: code for code, mode in enumerate(_SELF_TRADES)}
_REASON_CODES = {reason: code for code, reason in enumerate(Reason)}
_KIND = slice(8, 9)


def encode(time_ns: int, command: Command) -> bytes:
    """Return the journal's payload for a `command` that was sequenced at `time_ns`."""
    symbol = command.symbol.encode()
    if isinstance(command, New):
        life, mode = _LIFE_CODES[command.life], _SELF_TRADE_CODES[command.self_trade]
        head = _NEW.pack(
            *(time_ns, b"N", command.account, command.quantity, command.price or 0, command.side),
            *(life, mode, command.post_only, len(symbol)),
        )
        return head + symbol + command.client_id.encode()
    if isinstance(command, Cancel):
        return _CANCEL.pack(time_ns, b"C", command.account, command.order_id) + symbol
    numbers = (command.account, command.order_id, command.quantity, command.price)
    return _REPLACE.pack(time_ns, b"R", *numbers) + symbol


def decode(payload: bytes) -> tuple[int, Command]:
    """Return (time_ns, command). Raises `BadRecord` when the payload is of no known kind."""
    kind = payload[_KIND]
    if kind == b"N":
        return _decode_new(payload)
    if kind == b"C":
        time_ns, _, account, order_id = _CANCEL.unpack_from(payload)
        return time_ns, Cancel(account, payload[_CANCEL.size :].decode(), order_id)
    if kind == b"R":
        time_ns, _, account, order_id, quantity, price = _REPLACE.unpack_from(payload)
        symbol = payload[_REPLACE.size :].decode()
        return time_ns, Replace(account, symbol, order_id, quantity, price)
    raise BadRecord(f"journal record of kind {kind!r}: written by a newer version of the kit?")


def _decode_new(payload: bytes) -> tuple[int, New]:
    time_ns, _, account, quantity, price, side, life, mode, post_only, length = _NEW.unpack_from(
        payload
    )
    names = payload[_NEW.size :].decode()
    # One positional call: half a million of these a second are made when a journal is replayed.
    return time_ns, New(
        *(account, names[length:], names[:length], Side(side), quantity, price or None),
        *(_LIVES[life], bool(post_only), _SELF_TRADES[mode]),
    )


def encode_events(events: list[Event]) -> bytes:
    """Return canonical bytes for what a command did; equal histories give equal bytes."""
    return b"".join([_encode_event(event) for event in events])


def _encode_event(event: Event) -> bytes:
    if isinstance(event, Accepted):
        wish = event.order
        return _EVENT.pack(b"A", event.order_id, wish.account, wish.quantity, wish.price or 0)
    if isinstance(event, Filled):
        return _EVENT.pack(b"F", event.price, event.quantity, event.maker_id, event.taker_id)
    if isinstance(event, Canceled):
        return _EVENT.pack(b"C", event.order_id, event.quantity, _REASON_CODES[event.reason], 0)
    if isinstance(event, Replaced):
        return _EVENT.pack(b"R", event.order_id, event.quantity, event.price, event.kept)
    if isinstance(event, Rejected):
        return _EVENT.pack(b"J", event.order.account, _REASON_CODES[event.reason], 0, 0)
    assert isinstance(event, CancelRejected)
    return _EVENT.pack(b"X", event.account, event.order_id, _REASON_CODES[event.reason], 0)
