"""Whoever enters commands because it is time, or because of what has happened: a schedule, a breaker.

    primary   due at 09:00 ──► SetPhase, written like an order ──► followed once it has happened
    standby   a record of 09:00:01 is applied: what was due before has been said, and is dropped

A clerk's words are in the journal, and all that it goes by. So a sequencer that is opened again lets its
clerks follow the journal from the first record on; then they say what nobody has said yet.
Invariant: what is due at a time is dropped only when a record of a later time is applied; all that the
primary wrote at that time stands before it. Page: docs/exchange/standby.md
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from exchange.orders import Command

if TYPE_CHECKING:
    from exchange.sequencer import Sequenced


class Clerk(Protocol):
    """The sequencer asks it, and journals what it says among the orders."""

    @property
    def due_ns(self) -> int | None: ...
    def due(self, now_ns: int) -> list[Command]: ...
    def follow(self, done: "Sequenced") -> None: ...


class Clerks:
    """All clerks of a machine as one."""

    def __init__(self, clerks: Sequence[Clerk]) -> None:
        self._clerks = clerks
        self._time_ns = 0  # of the last record that was applied

    def __len__(self) -> int:
        return len(self._clerks)

    @property
    def due_ns(self) -> int | None:
        """Return when one of them has something to say; None: never."""
        times = (each.due_ns for each in self._clerks)
        return min((each for each in times if each is not None), default=None)

    def are_due(self, now_ns: int) -> bool:
        """Return whether one of them has something to say."""
        return self.due_ns is not None and self.due_ns <= now_ns

    def due(self, now_ns: int) -> list[Command]:
        """Return what they have to say, each thing once."""
        return [command for each in self._clerks for command in each.due(now_ns)]

    def follow(self, done: "Sequenced") -> None:
        """Take in what a command did, on any machine."""
        for each in self._clerks:
            if done.now_ns > self._time_ns:
                each.due(self._time_ns)
            each.follow(done)
        self._time_ns = max(self._time_ns, done.now_ns)
