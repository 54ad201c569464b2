"""Messages and entries as bytes: a kind, fixed-width numbers, and what has no fixed width behind.

    ┌──────┬───────────────────────────┬───────────────────────────────┐
    │ kind │ numbers, 8 bytes each     │ entries, or a snapshot's chunk │
    └──────┴───────────────────────────┴───────────────────────────────┘
    entry: index, term, is there a command, its length, the command

Invariant: `decode(encode(m)) == m`, and bytes that are no message raise `BadMessage`, whatever they
are. An entry looks the same in the journal and on the network. Page: docs/chapters/raft.md
"""

import struct
from collections.abc import Iterator
from typing import Any

from chapters.raft.errors import BadMessage
from chapters.raft.messages import (
    AppendEntries,
    AppendReply,
    Entry,
    InstallSnapshot,
    Message,
    RequestVote,
    SnapshotReply,
    VoteReply,
)

_ENTRY = struct.Struct("<QQ?I")  # index, term, is there a command, its bytes
ENTRY_HEADER_BYTES = _ENTRY.size

# The order is the kind byte: add at the end only.
_LAYOUTS: tuple[tuple[type[Message], struct.Struct], ...] = (
    (RequestVote, struct.Struct("<QQQ?")),
    (VoteReply, struct.Struct("<Q??")),
    (AppendEntries, struct.Struct("<QQQQQ")),
    (AppendReply, struct.Struct("<QQ?Q")),
    (InstallSnapshot, struct.Struct("<QQQQQQ?")),
    (SnapshotReply, struct.Struct("<QQQQ")),
)
_KINDS = {kind: number for number, (kind, _) in enumerate(_LAYOUTS)}


def encode(message: Message) -> bytes:
    """Return the bytes of `message`."""
    number = _KINDS[type(message)]
    tail = b""
    names: tuple[str, ...] = type(message).__slots__
    if isinstance(message, AppendEntries):
        names, tail = names[:-1], b"".join(map(encode_entry, message.entries))
    elif isinstance(message, InstallSnapshot):
        names, tail = names[:-1], message.data
    numbers = _LAYOUTS[number][1].pack(*(getattr(message, name) for name in names))
    return bytes([number]) + numbers + tail


def decode(data: bytes) -> Message:
    """Return the message that `data` spells. Raises `BadMessage`."""
    if not data or data[0] >= len(_LAYOUTS):
        raise BadMessage(f"{data[:1].hex() or 'nothing'} is no kind of message; is this Raft?")
    kind, layout = _LAYOUTS[data[0]]
    tail = data[1 + layout.size :]
    if len(data) < 1 + layout.size:
        raise BadMessage(f"a {kind.__name__} of {len(data)} bytes is cut short; send it again")
    fields: list[Any] = [*layout.unpack_from(data, 1)]
    if kind is AppendEntries:
        fields.append(tuple(decode_entries(tail)))
    elif kind is InstallSnapshot:
        fields.append(tail)
    elif tail:
        raise BadMessage(f"a {kind.__name__} with {len(tail)} bytes too many; send it again")
    return kind(*fields)


def encode_entry(entry: Entry) -> bytes:
    """Return the bytes of one entry."""
    command = entry.command
    if command is None:
        return _ENTRY.pack(entry.index, entry.term, False, 0)
    return _ENTRY.pack(entry.index, entry.term, True, len(command)) + command


def decode_entries(data: bytes) -> Iterator[Entry]:
    """Yield the entries that stand one after another in `data`. Raises `BadMessage`."""
    start = 0
    while start < len(data):
        if start + _ENTRY.size > len(data):
            raise BadMessage(f"an entry is cut short at byte {start} of {len(data)}")
        index, term, has_command, size = _ENTRY.unpack_from(data, start)
        start += _ENTRY.size
        command = data[start : start + size]
        if len(command) < size or (size and not has_command):
            raise BadMessage(f"entry {index} should have {size} bytes and has {len(command)}")
        yield Entry(index, term, command if has_command else None)
        start += size
