"""What can go wrong with a replicated log: it did not happen, or nobody here knows.

    Definite
    ├── NotLeader         only the leader takes commands: ask `leader`, if that is known
    ├── Overloaded        too much waits for a majority already
    ├── CommandTooLarge   one command over its limit
    ├── Stopped           this member was closed, or its disk or its machine failed it
    ├── StateMismatch     the machine and the log on this disk do not belong together
    └── BadMessage        bytes that are no message
    Indefinite
    ├── Unacknowledged    leadership was lost before a majority answered
    └── MachineFailed     the state machine raised an error in the middle of a command

Page: docs/chapters/raft.md
"""

from chapters.errors import Definite, Indefinite


class NotLeader(Definite):
    """This member does not lead, so it has done nothing; `leader` is who does, or None."""

    def __init__(self, name: str, leader: str | None) -> None:
        remedy = f"ask {leader}" if leader else "no leader is known; ask again in a moment"
        super().__init__(f"{name} is not the leader: {remedy}")
        self.leader = leader


class Overloaded(Definite):
    """As much waits for a majority as may wait."""


class CommandTooLarge(Definite):
    """A command is over the limit for one command."""


class Stopped(Definite):
    """This member takes part no more, until it is opened again."""


class StateMismatch(Definite):
    """The log does not reach from where the state machine is: one of the two was replaced."""


class BadMessage(Definite):
    """These bytes do not spell a message."""


class Unacknowledged(Indefinite):
    """The command is in a log, and the next leader decides what becomes of it."""


class MachineFailed(Indefinite):
    """The state machine could not apply a command that is committed; this member must not go on."""
