"""What is new about the orders of a day: changes of their state, where the rider is, when it is due.

Numbers are given here, at the source, and so mean the same at every gateway and after its death. Invariant:
`everything` has each change that `news` ever had, up to the last `KEPT` of an order.
Page: docs/zomato/tracking.md
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot
from typing import Any, Protocol

from chapters.fanout import KEPT
from zomato.live import Rides
from zomato.tracking.facts import BEGIN, READY, STATE, Fact, json_of

FINAL = ("delivered", "given up", "cancelled")
ON_THE_ROAD = ("sent", "fetched", "on the way to you")


class Followed(Protocol):
    """A day whose orders are followed."""

    @property
    def own(self) -> list[str]:
        """Return the orders that may be followed."""

    @property
    def minute(self) -> float:
        """Return the minute of the day."""

    def order(self, id: str) -> Mapping[str, Any]:
        """Return how an order stands: "state", "rider", "planned" and "door" among others."""

    def rides(self, rider: str) -> Rides:
        """Return a rider's rides."""


@dataclass(slots=True)
class Told:
    """What has been said of one order."""

    number: int = 0
    forgotten: int = 0
    state: bytes = b""  # what it was about when the last change was told
    changes: deque[Fact] = field(default_factory=deque)
    values: dict[str, Fact] = field(default_factory=dict)


class Teller:
    """Watches the orders from the page; `life` is a word for this beginning of its numbers."""

    def __init__(self, life: str) -> None:
        self.life = life
        self._told: dict[str, Told] = {}
        self._open: dict[str, None] = {}

    def news(self, live: Followed) -> list[Fact]:
        """Return what is new since the last call."""
        self._open |= {id: None for id in live.own if id not in self._told}
        found = []
        for id in list(self._open):
            told = self._told.setdefault(id, Told())
            order = live.order(id)
            if (state := _what_changes(order)) != told.state:
                told.state = state
                found.append(self._change(id, told, json_of(order)))
            for kind, data in _values(live, order):
                if kind not in told.values or told.values[kind].data != data:
                    told.values[kind] = self._next(id, told, kind, data)
                    found.append(told.values[kind])
            if order["state"] in FINAL:
                del self._open[id]
        return found

    def everything(self) -> bytes:
        """Return all that a gateway needs that knows nothing, as lines."""
        facts = [
            fact
            for told in self._told.values()
            for fact in sorted((*told.changes, *told.values.values()), key=lambda each: each.number)
        ]
        return BEGIN + lines(facts) + READY

    def _change(self, id: str, told: Told, data: bytes) -> Fact:
        told.changes.append(self._next(id, told, STATE, data))
        if len(told.changes) > KEPT:
            told.forgotten = told.changes.popleft().number
        return told.changes[-1]

    def _next(self, id: str, told: Told, kind: str, data: bytes) -> Fact:
        told.number += 1
        return Fact(id, self.life, told.number, kind, data, told.forgotten)


def lines(facts: Iterable[Fact]) -> bytes:
    """Return facts as lines."""
    return b"".join(each.line() for each in facts)


def where(rides: Rides, minute: float) -> tuple[float, float]:
    """Return the metres at which somebody is, by [leaves, arrives, the places passed, …] of each ride."""
    for leaves, arrives, path, _ in rides:
        if minute < arrives:
            return along(path, max(0.0, (minute - leaves) / (arrives - leaves)))
    return rides[-1][2][-1]


def along(path: Sequence[tuple[float, float]], share: float) -> tuple[float, float]:
    """Return the place on a path that is such a share of its length from its beginning."""
    steps = [hypot(a - x, b - y) for (x, y), (a, b) in pairwise(path)]
    left = share * sum(steps)
    for (x, y), (a, b), step in zip(path, path[1:], steps, strict=False):
        if left <= step and step:
            return x + left / step * (a - x), y + left / step * (b - y)
        left -= step
    return path[-1]


def _what_changes(order: Mapping[str, object]) -> bytes:
    return json_of({each: order[each] for each in ("state", "rider", "planned")})


def _values(live: Followed, order: Mapping[str, object]) -> Iterable[tuple[str, bytes]]:
    if order["door"]:
        yield "expected", json_of({"door": order["door"]})
    if order["state"] in ON_THE_ROAD and (rides := live.rides(str(order["rider"]))):
        x, y = where(rides, live.minute)
        yield "position", json_of({"x": round(x), "y": round(y)})
