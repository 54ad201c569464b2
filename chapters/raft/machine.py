"""What a replicated log is for: a machine that all members feed the same commands in the same order.

Invariant demanded of it: `apply` is deterministic. The same commands in the same order give the same
state and the same results on every member; so no clock, no luck and no unordered set in there.
Source: Schneider, "Implementing Fault-Tolerant Services", 1990. Page: docs/chapters/raft.md
"""

from collections.abc import Iterable
from typing import Protocol


class StateMachine(Protocol):
    """A state that commands change, with a memory of how far it has come."""

    @property
    def applied(self) -> int:
        """The index of the last command in its present state, 0 at first."""

    @property
    def flushed(self) -> int:
        """The index of the last command whose effect survives a crash without the log.

        Never above `applied`, equal to it right after opening, and it never goes back. A machine
        that keeps nothing itself says 0 for ever, and gets the whole log again at each start.
        """

    def apply(self, index: int, command: bytes) -> object:
        """Change the state, set `applied` to `index`, and return what the proposer is told.

        Indices ascend, with gaps where a leader set its mark. What is wrong with a command is a
        result; an exception ends this member.
        """

    def snapshot(self) -> Iterable[bytes]:
        """Return the state as of now, in chunks within `Limits.chunk_bytes_max`.

        They are fetched one by one while later commands are applied, and must not show these.
        """

    def restore(self, index: int, chunks: Iterable[bytes]) -> None:
        """Replace the state by a snapshot taken at `index`, durably, all of it or nothing.

        `applied` and `flushed` are `index` afterwards. The chunks can be read once only; a
        snapshot without any arrives as one that is empty.
        """
