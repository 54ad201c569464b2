"""Commands and events as bytes: what the journal keeps and what the state hash is made of.

    New      time i64 │ 'N' │ account i64 │ quantity i64 │ price i64 │ side, life, self-trade, post-only
             i8 each │ symbol length u8 │ symbol │ client id        (price 0: a market order)
    Cancel   time i64 │ 'C' │ account i64 │ order i64 │ symbol
    Replace  time i64 │ 'R' │ account i64 │ order i64 │ quantity i64 │ price i64 │ symbol
    others   time i64 │ kind │ their fields, as a JSON list
    epoch    time i64 │ 'E' │ epoch u64: no command, but who writes from here on (exchange/standby)
    worded   time i64 │ 'Q' │ length u16 │ words │ a command from its kind on: how a client calls it

Little-endian, fixed places first, names last. An order with terms is of kind 'T': a New whose terms (stop
price, trail, display, peg, least quantity, expiry; -1: none) stand before the names. Commands that are rare
are written as text: nobody counts their bytes. Invariant: decode(encode(command)) == command.
Codes are written into files: they may be added to, never changed. Page: docs/exchange/journal.md
"""

import json
import struct
from collections.abc import Callable
from struct import Struct
from typing import Any

from exchange.control import (
    BandsMoved,
    Block,
    Limits,
    Noted,
    Phase,
    PhaseChanged,
    SetLimits,
    SetPhase,
    Tick,
    Uncrossed,
    Why,
)
from exchange.errors import BadRecord
from exchange.orders import (
    PLAIN,
    Accepted,
    Cancel,
    CancelAll,
    Canceled,
    CancelRejected,
    Command,
    Event,
    Filled,
    Life,
    New,
    Peg,
    Reason,
    Refreshed,
    Rejected,
    Replace,
    Replaced,
    Repriced,
    SelfTrade,
    Side,
    Terms,
    Transferred,
    Triggered,
)

_NEW = Struct("<qcqqqbbbbB")
_CANCEL = Struct("<qcqq")
_REPLACE = Struct("<qcqqqq")
_TERMS = Struct("<qqqbqq")
_EVENT = Struct("<cqqqq")
_LIVES = tuple(Life)
_SELF_TRADES = tuple(SelfTrade)
_PEGS = tuple(Peg)
_LIFE_CODES = {life: code for code, life in enumerate(_LIVES)}
_SELF_TRADE_CODES = {mode: code for code, mode in enumerate(_SELF_TRADES)}
_PEG_CODES = {peg: code for code, peg in enumerate(_PEGS)}
_REASON_CODES = {reason: code for code, reason in enumerate(Reason)}
_PHASE_CODES = {phase: code for code, phase in enumerate(Phase)}
_WHY_CODES = {why: code for code, why in enumerate(Why)}
_KIND = slice(8, 9)
_TEXT = 9  # where the text of a rare command begins
_EPOCH = Struct("<qcQ")
_WORDED = Struct("<qcH")
_NONE = -1
_ITSELF = -(2**63)  # stands for the number that means "none", when somebody really wrote it


def encode(time_ns: int, command: Command) -> bytes:
    """Return the journal's payload for a `command` that was sequenced at `time_ns`."""
    symbol = command.symbol.encode()
    if isinstance(command, New):
        life, mode = _LIFE_CODES[command.life], _SELF_TRADE_CODES[command.self_trade]
        kind, terms = (
            (b"N", b"") if command.terms == PLAIN else (b"T", _encode_terms(command.terms))
        )
        head = _NEW.pack(
            *(time_ns, kind, command.account, command.quantity),
            *(command.price or _packed(command.price, 0), command.side),
            *(life, mode, command.post_only, len(symbol)),
        )
        return head + terms + symbol + command.client_id.encode()
    if isinstance(command, Cancel):
        return _CANCEL.pack(time_ns, b"C", command.account, command.order_id) + symbol
    if isinstance(command, Replace):
        numbers = (command.account, command.order_id, command.quantity, command.price)
        return _REPLACE.pack(time_ns, b"R", *numbers) + symbol
    kind, fields = _rare(command)
    return time_ns.to_bytes(8, "little", signed=True) + kind + json.dumps(fields).encode()


def _encode_terms(terms: Terms) -> bytes:
    stop_price, trail, display, peg, quantity_min, expires_ns = terms
    return _TERMS.pack(
        *(_packed(number, _NONE) for number in (stop_price, trail, display)),
        *(_NONE if peg is None else _PEG_CODES[peg], quantity_min, expires_ns),
    )


def _packed(number: int | None, none: int) -> int:
    """Return `none` for no number; a nonsensical order must be replayed as the nonsense that it was."""
    return none if number is None else _ITSELF if number == none else number


def _unpacked(packed: int, none: int) -> int | None:
    return None if packed == none else none if packed == _ITSELF else packed


def _rare(command: CancelAll | SetPhase | SetLimits | Block | Tick) -> tuple[bytes, list[Any]]:
    match command:
        case SetPhase(symbol, phase, why):
            return b"P", [symbol, phase.value, why.value]
        case SetLimits(account, symbol, limits):
            return b"L", [account, symbol, list(limits)]
        case CancelAll():
            return b"M", list(command)
        case Block():
            return b"B", list(command)
    return b"K", list(command)


_RARE: dict[bytes, Callable[..., Command]] = {
    b"P": lambda symbol, phase, why: SetPhase(symbol, Phase(phase), Why(why)),
    b"L": lambda account, symbol, limits: SetLimits(account, symbol, Limits(*limits)),
    b"M": CancelAll,
    b"B": Block,
    b"K": Tick,
}


def decode(payload: bytes) -> tuple[int, Command]:
    """Return (time_ns, command). Raises `BadRecord` when the payload is none of this version's."""
    kind = payload[_KIND]
    try:
        return _decode(payload, kind)
    except (struct.error, ValueError, TypeError, IndexError):
        raise BadRecord(
            f"journal record of kind {kind!r} is damaged, or of another version"
        ) from None


def _decode(payload: bytes, kind: bytes) -> tuple[int, Command]:
    if kind in (b"N", b"T"):
        return _decode_new(payload, kind == b"T")
    if kind == b"C":
        time_ns, _, account, order_id = _CANCEL.unpack_from(payload)
        return time_ns, Cancel(account, payload[_CANCEL.size :].decode(), order_id)
    if kind == b"R":
        time_ns, _, account, order_id, quantity, price = _REPLACE.unpack_from(payload)
        symbol = payload[_REPLACE.size :].decode()
        return time_ns, Replace(account, symbol, order_id, quantity, price)
    if kind == b"Q":
        bare = payload[: _KIND.start] + payload[_WORDED.size + _WORDED.unpack_from(payload)[2] :]
        return _decode(bare, bare[_KIND])
    if kind in _RARE:
        return time_in(payload), _RARE[kind](*json.loads(payload[_TEXT:]))
    raise BadRecord(f"journal record of kind {kind!r}: written by a newer version of the kit?")


def _decode_new(payload: bytes, has_terms: bool) -> tuple[int, New]:
    time_ns, _, account, quantity, price, side, life, mode, post_only, length = _NEW.unpack_from(
        payload
    )
    terms, begin = PLAIN, _NEW.size
    if has_terms:
        terms, begin = _decode_terms(payload), _NEW.size + _TERMS.size
    names = payload[begin:].decode()
    # One positional call: half a million of these a second are made when a journal is replayed.
    return time_ns, New(
        *(account, names[length:], names[:length], Side(side), quantity),
        price if price > 0 else _unpacked(price, 0),
        *(_LIVES[life], bool(post_only), _SELF_TRADES[mode], terms),
    )


def _decode_terms(payload: bytes) -> Terms:
    *numbers, peg, quantity_min, expires_ns = _TERMS.unpack_from(payload, _NEW.size)
    stop_price, trail, display = (_unpacked(number, _NONE) for number in numbers)
    wanted = None if peg == _NONE else _PEGS[peg]
    return Terms(stop_price, trail, display, wanted, quantity_min, expires_ns)


def encode_worded(time_ns: int, command: Command, words: str) -> bytes:
    """Return the payload of a command that came with `words`, which the engine never sees."""
    payload, said = encode(time_ns, command), words.encode()
    if not said:
        return payload
    return _WORDED.pack(time_ns, b"Q", len(said)) + said + payload[_KIND.start :]


def words_in(payload: bytes) -> str:
    """Return the words that a command came with; most come with none."""
    if payload[_KIND] != b"Q":
        return ""
    return payload[_WORDED.size : _WORDED.size + _WORDED.unpack_from(payload)[2]].decode()


def encode_epoch(time_ns: int, epoch: int) -> bytes:
    """Return the record with which a new primary begins: no command, and the engine never sees it."""
    return _EPOCH.pack(time_ns, b"E", epoch)


def epoch_in(payload: bytes) -> int:
    """Return the epoch that begins with this record; 0 when it is a command."""
    if payload[_KIND] != b"E":
        return 0
    epoch: int = _EPOCH.unpack(payload)[2]
    return epoch


def time_in(payload: bytes) -> int:
    """Return when the record was sequenced."""
    return int.from_bytes(payload[:8], "little", signed=True)


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
    if isinstance(event, CancelRejected):
        return _EVENT.pack(b"X", event.account, event.order_id, _REASON_CODES[event.reason], 0)
    return _encode_rare(event)


def _encode_rare(
    event: Triggered
    | Refreshed
    | Repriced
    | Transferred
    | PhaseChanged
    | Uncrossed
    | BandsMoved
    | Noted,
) -> bytes:
    match event:
        case Triggered(order_id):
            return _EVENT.pack(b"T", order_id, 0, 0, 0)
        case Refreshed(order_id, quantity):
            return _EVENT.pack(b"H", order_id, quantity, 0, 0)
        case Repriced(order_id, price):
            return _EVENT.pack(b"G", order_id, price, 0, 0)
        case Transferred(price, quantity, maker_id, taker_id):
            return _EVENT.pack(b"Y", price, quantity, maker_id, taker_id)
        case PhaseChanged(symbol, phase, why):
            return _EVENT.pack(b"P", _PHASE_CODES[phase], _WHY_CODES[why], 0, 0) + symbol.encode()
        case Uncrossed(symbol, price, quantity):
            return _EVENT.pack(b"U", price, quantity, 0, 0) + symbol.encode()
        case BandsMoved(symbol, lower, upper):
            return _EVENT.pack(b"B", lower, upper, 0, 0) + symbol.encode()
    return _EVENT.pack(b"N", event.account, 0, 0, 0)
