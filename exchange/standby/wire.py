"""The machines' messages as lines of JSON: what travels between real processes.

    ["Confirm", 3, "b.5f0c11aa", 1042]

A type and its fields in order; bytes as base64, orders as the journal writes them. Between machines that
trust each other, on a network of their own. Page: docs/exchange/standby.md
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from chapters.lease import Answer, Ask, Kind, Lease
from exchange import codec
from exchange.errors import BadRecord
from exchange.standby.history import Mark, Place
from exchange.standby.messages import (
    Append,
    Behind,
    Claim,
    Confirm,
    Done,
    Elsewhere,
    Enter,
    Message,
    Over,
    Propose,
    Recorded,
    Shown,
    Verdict,
    Watch,
)


def pack(message: Message) -> bytes:
    """Return a message as a line."""
    name = type(message).__name__
    if isinstance(message, Enter):
        order = _plain(codec.encode(0, message.command))
        rest = (message.is_resent, message.words, message.epoch, message.first)
        return _line([name, message.number, order, *rest])
    return _line([name, *_plain(message)])


def unpack(line: bytes) -> Message:
    """Return the message of a line. Raises `BadRecord` when it is none."""
    try:
        name, *values = json.loads(line)
        return _READ[name](*values)
    except (ValueError, TypeError, KeyError) as error:
        raise BadRecord(f"{line[:40]!r} is no message of a machine ({error})") from error


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, Kind):
        return value.name
    if is_dataclass(value):
        return [_plain(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _claim(ask: list[Any], disk: str, epoch_seen: int) -> Claim:
    return Claim(Ask(Kind[ask[0]], *ask[1:]), disk, epoch_seen)


def _verdict(found: list[Any], disks: list[str], barred: str) -> Verdict:
    lease, *rest = found
    return Verdict(Answer(Lease(*lease) if lease else None, *rest), tuple(disks), barred)


def _append(
    epoch: int,
    disk: str,
    previous: list[int],
    payloads: list[str],
    committed: int,
    audit: list[Any],
) -> Append:
    records = tuple(b64decode(each) for each in payloads)
    return Append(
        epoch, disk, Place(*previous), records, committed, (audit[0], b64decode(audit[1]))
    )


def _shown(
    role: str,
    epoch: int,
    last: int,
    committed: int,
    copies: int,
    previous: int,
    records: list[str],
    why: str,
) -> Shown:
    payloads = tuple(b64decode(each) for each in records)
    return Shown(role, epoch, last, committed, copies, previous, payloads, why)


_READ: dict[str, Callable[..., Message]] = {
    "Claim": _claim,
    "Verdict": _verdict,
    "Propose": lambda epoch, version, disks: Propose(epoch, version, tuple(disks)),
    "Recorded": lambda epoch, version, disks: Recorded(epoch, version, tuple(disks)),
    "Append": _append,
    "Confirm": Confirm,
    "Behind": lambda epoch, disk, marks, last: Behind(
        epoch, disk, tuple(Mark(*mark) for mark in marks), last
    ),
    "Over": Over,
    "Enter": lambda number, order, *rest: Enter(number, codec.decode(b64decode(order))[1], *rest),
    "Watch": Watch,
    "Shown": _shown,
    "Done": Done,
    "Elsewhere": Elsewhere,
}
