"""A payment company: it holds money on a card, takes it, lets go of it, gives it back; each once.

    none ─authorise─► authorised ─capture─► captured ─refund─► (less and less)
      └────release──────┴──► released: whatever comes later is refused

Invariant: all is by the intent's id, so asked twice it is done once: at most one capture of an intent,
and never more given back than was taken. `release` and `refund` also work on what was never heard of:
then they close the door, so that a request which was under way all the time finds nothing to do.
Page: docs/zomato/money.md
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Standing(Enum):
    """What has become of an intent."""

    AUTHORISED = "authorised"
    CAPTURED = "captured"
    RELEASED = "released"
    DECLINED = "declined"


@dataclass(slots=True)
class Intent:
    """One payment: how much, where it stands, and what was given back under which key."""

    paise: int
    standing: Standing
    refunds: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it is done, or why not; `paise` is what was given back."""

    done: bool
    why: str = ""
    paise: int = 0


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the company's statement: money that moved, positive towards us."""

    intent: str
    key: str
    paise: int


class Gateway:
    """All intents. `declines` names customers whose cards have no money."""

    def __init__(self, declines: frozenset[str] = frozenset()) -> None:
        self.declines = declines
        self.intents: dict[str, Intent] = {}
        self.statement: list[Movement] = []

    def ask(self, facts: Mapping[str, Any]) -> Answer:
        """Do what a message asks: {"do", "id" of the intent, "key", "paise", "customer"}."""
        match facts["do"]:
            case "authorise":
                return self._authorise(facts["id"], facts["paise"], facts["customer"])
            case "capture":
                return self._capture(facts["id"], facts["key"])
            case "release":
                return self._release(facts["id"])
            case "refund":
                return self._refund(facts["id"], facts["key"], facts["paise"])
        return Answer(False, f"{facts['do']!r} is nothing that can be asked")

    def _authorise(self, id: str, paise: int, customer: str) -> Answer:
        if id not in self.intents:
            may = customer not in self.declines
            standing = Standing.AUTHORISED if may else Standing.DECLINED
            self.intents[id] = Intent(paise, standing)
        intent = self.intents[id]
        if intent.paise != paise:
            return Answer(False, f"the intent is about {intent.paise} paise")
        done = intent.standing in (Standing.AUTHORISED, Standing.CAPTURED)
        return Answer(done, "" if done else intent.standing.value)

    def _capture(self, id: str, key: str) -> Answer:
        intent = self.intents.get(id)
        if intent is None:
            return Answer(False, "unknown")
        if intent.standing is Standing.AUTHORISED:
            intent.standing = Standing.CAPTURED
            self.statement.append(Movement(id, key, intent.paise))
        done = intent.standing is Standing.CAPTURED
        return Answer(done, "" if done else intent.standing.value)

    def _release(self, id: str) -> Answer:
        intent = self.intents.setdefault(id, Intent(0, Standing.RELEASED))
        if intent.standing is not Standing.CAPTURED:
            intent.standing = Standing.RELEASED
        elif sum(intent.refunds.values()) < intent.paise:
            return Answer(False, "captured: ask for a refund")
        return Answer(True)

    def _refund(self, id: str, key: str, paise: int) -> Answer:
        intent = self.intents.setdefault(id, Intent(0, Standing.RELEASED))
        if intent.standing is not Standing.CAPTURED:
            intent.standing = Standing.RELEASED
            return Answer(True)  # nothing was taken, and nothing will be
        if key not in intent.refunds:
            if sum(intent.refunds.values()) + paise > intent.paise:
                return Answer(False, "more than was taken")
            intent.refunds[key] = paise
            self.statement.append(Movement(id, key, -paise))
        return Answer(True, paise=intent.refunds[key])
