"""What the town tells of an order: a line of JSON on the way to the gateways.

    {"begin": true}                                          all that is known follows
    {"order": "you-1", "life": "e3", "number": 4, "kind": "state", "data": {…}, "forgotten": 0}
    {"ready": true}                                          that was all; orders not named are gone

Of the kinds, a `state` is a change, each of them matters; all others are values, of which the newest does.
Page: docs/zomato/tracking.md
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from zomato.tracking.errors import BadFact

STATE = "state"
BEGIN, READY = b'{"begin":true}\n', b'{"ready":true}\n'
LINE_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing about an order, whose changes up to the number `forgotten` are not known any more."""

    order: str
    life: str
    number: int
    kind: str
    data: Mapping[str, object]
    forgotten: int = 0

    def line(self) -> bytes:
        """Return the line that travels."""
        return json.dumps(asdict(self), separators=(",", ":")).encode() + b"\n"


def fact_of(line: bytes) -> Fact:
    """Return the fact of a line. Raises `BadFact`."""
    try:
        found = Fact(**json.loads(line))
    except (TypeError, ValueError):
        raise BadFact(f"the town said {line[:60]!r}, which is no fact of an order") from None
    kinds = {"order": str, "life": str, "number": int, "kind": str, "data": dict, "forgotten": int}
    for name, kind in kinds.items():
        if not isinstance(value := getattr(found, name), kind):
            raise BadFact(f"the town said {name} is {value!r:.40}; it must be a {kind.__name__}")
    return found
