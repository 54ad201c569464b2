"""One report of a player: what happened since its last one.

    number   0      1         2         3
    kind     start  progress  progress  end
             waited played 20 s, stalled 0 s at 1,400 kbit/s …

Invariant: a report tells differences, not totals, and carries its number in the session. So what a session
was is a sum over its distinct numbers: in whatever order they come, and however often.
Page: docs/netflix/events.md
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from netflix.events.errors import BadEvent

KINDS = ("start", "progress", "end")
SUMS = ("kbps", "waited_ms", "played_ms", "stalled_ms", "stalls")  # zero where a report lacks them
TEXT_CHARS_MAX = 64  # of an id; a player that sends more has gone wrong
COUNT_MAX = 10**15  # of anything that is counted here; 30,000 years in milliseconds


@dataclass(frozen=True, slots=True)
class Event:
    """What a player did between two reports. Times in ms; `at_ms` since the epoch, by its own clock."""

    session: str
    number: int
    kind: str
    at_ms: int
    profile: str
    title: str
    edge: str = ""  # that served last
    kbps: int = 0  # of the video that was played, on average
    waited_ms: int = 0  # from play to the first frame: only in the report that has it
    played_ms: int = 0
    stalled_ms: int = 0
    stalls: int = 0

    def to_bytes(self) -> bytes:
        """Return the event as one JSON object; what is zero or empty is left out."""
        facts = {name: value for name, value in asdict(self).items() if value not in (0, "")}
        return json.dumps(facts, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, facts: object) -> "Event":
        """Return the event that a player sent. Raises `BadEvent`."""
        if not isinstance(facts, Mapping):
            raise BadEvent(f"an event is a JSON object, not {json.dumps(facts)[:60]}")
        names = [field.name for field in fields(cls)]
        if strange := sorted(set(facts) - set(names)):
            raise BadEvent(f"event field {strange[0]!r} is not known; there are {', '.join(names)}")
        event = cls(
            session=_text(facts, "session"),
            number=_count(facts, "number"),
            kind=_text(facts, "kind"),
            at_ms=_count(facts, "at_ms"),
            profile=_text(facts, "profile"),
            title=_text(facts, "title"),
            edge=_text(facts, "edge") if "edge" in facts else "",
            **{name: _count(facts, name) for name in SUMS},
        )
        if event.kind not in KINDS:
            raise BadEvent(f"event kind {event.kind!r} is not one of {', '.join(KINDS)}")
        return event


def _text(facts: Mapping[str, object], name: str) -> str:
    value = facts.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_CHARS_MAX:
        raise BadEvent(
            f"event field {name!r} is {value!r}; it must be 1 to {TEXT_CHARS_MAX} letters"
        )
    return value


def _count(facts: Mapping[str, object], name: str) -> int:
    value = facts.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= COUNT_MAX:
        raise BadEvent(f"event field {name!r} is {value!r}; it must be a whole number from 0")
    return value
