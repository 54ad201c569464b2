"""The verdict on a history: it holds, it is violated, or the bound came first.

Each key is judged alone. That loses nothing: a history is linearizable exactly when that of each
object is (Herlihy and Wing 1990, theorem 1), and it is what makes long histories affordable.
A violation comes with the shortest prefix that shows it: the operations called before the return that no
order gets past. Cut one return earlier, and an order exists. Page: docs/chapters/linearizability.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from chapters.linearizability.diagram import draw, draw_order
from chapters.linearizability.history import Operation, by_key
from chapters.linearizability.models import Model
from chapters.linearizability.search import search
from chapters.linearizability.timeline import Timeline

S = TypeVar("S")

STEPS_MAX = 1_000_000  # for each key; some seconds, and at most that many remembered states


class Outcome(Enum):
    """What a check can say."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check said: for which key, with an order for each key, or with a counterexample.

    `culprit` is the operation whose return no order gets past; `counterexample` the operations
    called before it, in order of call. `key` is None when all keys hold.
    """

    outcome: Outcome
    steps: int
    key: str | None = None
    orders: tuple[tuple[Operation, ...], ...] = ()
    counterexample: tuple[Operation, ...] = ()
    culprit: Operation | None = None

    @property
    def holds(self) -> bool:
        """Whether every key has an order. False also when the bound came first."""
        return self.outcome is Outcome.HOLDS

    def lines(self) -> list[str]:
        """Return the verdict in words, and a drawing of what it rests on."""
        match self.outcome:
            case Outcome.HOLDS:
                drawn = [line for order in self.orders for line in draw_order(order)]
                return [f"holds: an order explains it ({self.steps} steps)", *drawn]
            case Outcome.UNDECIDED:
                return [f"undecided: no answer for key {self.key} within {self.steps} steps"]
        assert self.culprit is not None
        number = len(self.counterexample)
        words = f"violated: no order explains these {number} operations on key {self.key}"
        return [words, *draw(self.counterexample, self.culprit)]


def check(history: Sequence[Operation], model: Model[S], *, steps_max: int = STEPS_MAX) -> Verdict:
    """Return whether each key's operations could have happened one at a time, within their times.

    `steps_max` bounds the search for each key. A violation counts more than a key without an answer.
    Raises `NotInModel` for an operation that the model does not know.
    """
    orders: list[tuple[Operation, ...]] = []
    total, undecided = 0, None
    for key, operations in by_key(history).items():
        timeline = Timeline(operations)
        found = search(timeline, model, steps_max)
        total += found.steps
        if found.is_exhausted:
            return _violated(operations, timeline, key, total)
        if found.order is None:
            undecided = undecided or Verdict(Outcome.UNDECIDED, found.steps, key)
        else:
            orders.append(found.order)
    return undecided or Verdict(Outcome.HOLDS, total, orders=tuple(orders))


def _violated(operations: list[Operation], timeline: Timeline, key: str, steps: int) -> Verdict:
    assert timeline.farthest is not None
    culprit = timeline.farthest.operation
    assert culprit.return_ns is not None
    prefix = tuple(each for each in operations if each.call_ns <= culprit.return_ns)
    return Verdict(Outcome.VIOLATED, steps, key, counterexample=prefix, culprit=culprit)
