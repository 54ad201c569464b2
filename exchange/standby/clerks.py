"""The clerks of a machine: on the primary they speak, on a standby they only keep up.

    primary   due at 09:00 ──► SetPhase, written like an order ──► followed once it has happened
    standby   a record of 09:00:01 is applied: what was due before has been said, and is dropped

A clerk's words are in the journal. One that has kept up says, once its machine is primary, what nobody has
said yet, and nothing twice. Invariant: what is due at a time is dropped only when a record of a later time
is applied; all that the primary wrote at that time stands before it. Page: docs/exchange/standby.md
"""

from collections.abc import Sequence

from exchange.orders import Command
from exchange.sequencer import Sequenced
from exchange.sessions.schedule import Clerk


class Clerks:
    """All clerks of a machine as one."""

    def __init__(self, clerks: Sequence[Clerk]) -> None:
        self._clerks = clerks
        self._time_ns = 0  # of the last record that was applied

    def are_due(self, now_ns: int) -> bool:
        """Return whether one of them has something to say."""
        return any(each.due_ns is not None and each.due_ns <= now_ns for each in self._clerks)

    def due(self, now_ns: int) -> list[Command]:
        """Return what they have to say, each thing once."""
        return [command for each in self._clerks for command in each.due(now_ns)]

    def follow(self, done: Sequenced) -> None:
        """Take in what a command did, on any machine."""
        for each in self._clerks:
            if done.now_ns > self._time_ns:
                each.due(self._time_ns)
            each.follow(done.now_ns, done.events)
        self._time_ns = max(self._time_ns, done.now_ns)
