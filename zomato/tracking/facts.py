"""What the town tells of an order: a line on the way to the gateways, a head and a body.

    begin                                       all that is known follows
    you-1 e3 4 state 0 {"state":"sent",…}       order, life, number, kind, what is forgotten; JSON
    ready                                       that was all; orders not named are gone

Of the kinds, a `state` is a change, each of them matters; all others are values, of which the newest does.
The body is encoded once, here, and no gateway looks into it. Page: docs/zomato/tracking.md
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from zomato.tracking.errors import BadFact

STATE = "state"
BEGIN, READY = b"begin\n", b"ready\n"
LINE_BYTES_MAX = 64 * 1024
LINE = re.compile(rb"([^\s]+) ([\w.-]+) (\d{1,15}) (\w+) (\d{1,15}) (\{.*\})\n")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing about an order, whose changes up to the number `forgotten` are not known any more."""

    order: str
    life: str
    number: int
    kind: str
    data: bytes  # a JSON object, in one line
    forgotten: int = 0

    def line(self) -> bytes:
        """Return the line that travels."""
        head = f"{self.order} {self.life} {self.number} {self.kind} {self.forgotten} "
        return head.encode() + self.data + b"\n"


def fact_of(line: bytes) -> Fact:
    """Return the fact of a line. Raises `BadFact`."""
    found = LINE.fullmatch(line)
    if not found:
        raise BadFact(f"the town said {line[:60]!r}, which is no fact of an order")
    order, life, number, kind, forgotten, data = found.groups()
    return Fact(order.decode(), life.decode(), int(number), kind.decode(), data, int(forgotten))


def json_of(data: Mapping[str, object]) -> bytes:
    """Return an object as JSON, in one line."""
    return json.dumps(data, separators=(",", ":")).encode()
