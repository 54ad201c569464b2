"""Say what stands in the outbox, until somebody has heard it.

    turn:   what is due ─► claimed (and so due again, later) ─► sent ─► heard? settled

Invariant: a message is taken out after it was heard, never before. Killed between the two, the relay
says it again: at least once. Claimed before it is sent, so of several relays one sends it, and a message
that nobody answers comes less and less often instead of in every turn. Page: docs/chapters/outbox.md
"""

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import Connection

from chapters.outbox.outbox import Message, claim, settle, waiting
from chapters.sim.clock import MS, S
from chapters.transaction import Database

FIRST_WAIT_NS = 500 * MS
WAIT_MAX_NS = 60 * S
BATCH = 100

# Returns whether it was heard; False when the answer comes by another way, or not at all.
Send: TypeAlias = Callable[[Message], bool]


def wait_ns(tries: int) -> int:
    """Return how long to wait for an answer to the try after so many: doubled each time."""
    return min(FIRST_WAIT_NS << min(tries, 20), WAIT_MAX_NS)


class Relay:
    """Sends what is due, through the sender of each topic."""

    def __init__(self, database: Database, senders: dict[str, Send]) -> None:
        self._database, self._senders = database, senders

    def turn(self, now_ns: int) -> int:
        """Send once what is due; return how many messages were. Raises what a database does."""
        due = self._database.run(lambda connection: self._claimed(connection, now_ns))
        heard = [each.number for each in due if self._senders[each.topic](each)]
        if heard:
            self._database.run(lambda connection: self._settle(connection, heard))
        return len(due)

    def _claimed(self, connection: Connection, now_ns: int) -> list[Message]:
        found = waiting(connection, now_ns=now_ns, count=BATCH)
        return [
            each for each in found if claim(connection, each, again_ns=now_ns + wait_ns(each.tries))
        ]

    def _settle(self, connection: Connection, numbers: list[int]) -> None:
        for number in numbers:
            settle(connection, number)
