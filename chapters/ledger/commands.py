"""What changes a ledger, as facts that can be written down and read again.

    [at_ns, "Entry", {"id": "sale-1", "legs": [{"account": "anna", "amount": -20000000}, …], …}]

Invariant: what `encode` wrote, `decode` reads as an equal command. Names stand in the text, so that a
command may get a further field, with a default, and old journals can still be read.
Page: docs/chapters/ledger.md
"""

import json
from dataclasses import asdict, dataclass
from typing import TypeAlias

from chapters.ledger.entry import Account, Entry, Leg


@dataclass(frozen=True, slots=True)
class Reserve:
    """Set aside what these legs take, for so long."""

    id: str
    legs: tuple[Leg, ...]
    ttl_ns: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Post a reservation, with these legs."""

    id: str
    legs: tuple[Leg, ...]
    period: str


@dataclass(frozen=True, slots=True)
class Void:
    """Give back what a reservation took."""

    id: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the books of a period, and of all before it."""

    period: str


Command: TypeAlias = Account | Entry | Reserve | Settle | Void | Close

_KINDS: dict[str, type[Command]] = {
    kind.__name__: kind for kind in (Account, Entry, Reserve, Settle, Void, Close)
}


def encode(at_ns: int, command: Command) -> bytes:
    """Return a command, and when it was decided, as bytes."""
    text = json.dumps([at_ns, type(command).__name__, asdict(command)], separators=(",", ":"))
    return text.encode()


def decode(payload: bytes) -> tuple[int, Command]:
    """Return what `encode` wrote."""
    at_ns, kind, words = json.loads(payload)
    if "legs" in words:
        words["legs"] = tuple(Leg(**leg) for leg in words["legs"])
    return at_ns, _KINDS[kind](**words)
