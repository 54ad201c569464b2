"""One member's copy: a journal, and the machine that it feeds. No time, no roles, no network.

    leader's entries ──► journal ──► commit index moves ──► machine.apply, in order, once each
                            │                                    │
                            └── compact ◄── machine.flushed ─────┘      snapshot ──► machine.restore

Invariant: applied ≤ committed ≤ last entry, and the machine has seen exactly the entries up to
`applied_index`. What it keeps by itself need not stay in the journal. Page: docs/chapters/raft.md
"""

from collections.abc import Callable, Sequence

from chapters.errors import KitError
from chapters.raft.commit import follower_commit
from chapters.raft.errors import MachineFailed, StateMismatch
from chapters.raft.journal import Journal
from chapters.raft.limits import Limits
from chapters.raft.machine import StateMachine
from chapters.raft.messages import AppendEntries, AppendReply, Entry, InstallSnapshot, SnapshotReply
from chapters.raft.replication import accept
from chapters.raft.snapshot import Incoming
from chapters.sim.disk import Disk


class Replica:
    """Opens, or recovers, from `disk`; `on_applied(index, result)` hears of every entry."""

    def __init__(
        self,
        machine: StateMachine,
        limits: Limits,
        on_applied: Callable[[int, object], None],
        *,
        disk: Disk,
        log: str,
    ) -> None:
        self.journal = Journal(
            disk=disk,
            name=log,
            flushed=machine.flushed,
            segment_bytes_max=limits.segment_bytes_max,
        )
        self.machine = machine
        self._incoming = Incoming(disk=disk, name=log)
        self._limits = limits
        self._on_applied = on_applied
        # What the machine has applied was committed; of the rest the leader will tell us.
        self.commit_index = self.applied_index = machine.applied
        if not self.journal.base_index <= self.applied_index <= self.journal.last_index:
            raise StateMismatch(
                f"the machine has applied entry {self.applied_index} and {log} holds "
                f"{self.journal.base_index + 1} to {self.journal.last_index}: restore both from "
                f"the same moment, or empty both and let the other members fill them"
            )

    def extend(self, commands: Sequence[bytes | None]) -> int:
        """Append what a leader adds in its term, at once; return the last index."""
        journal = self.journal
        first, term = journal.last_index + 1, journal.term
        journal.append([Entry(index, term, each) for index, each in enumerate(commands, first)])
        return journal.last_index

    def commit(self, index: int) -> None:
        """Apply all up to `index`, which is safe for ever."""
        assert index >= self.commit_index, (index, self.commit_index)
        self.commit_index = index
        while self.applied_index < self.commit_index:
            entry = self.journal.entry(self.applied_index + 1)
            result = None if entry.command is None else self._apply(entry.index, entry.command)
            self.applied_index = entry.index
            self._on_applied(entry.index, result)

    def take(self, message: AppendEntries | InstallSnapshot) -> AppendReply | SnapshotReply:
        """Return the answer to what the leader of our term sends; what it promises is on disk."""
        if isinstance(message, AppendEntries):
            return self._take_entries(message)
        return self._take_chunk(message)

    def _take_entries(self, request: AppendEntries) -> AppendReply:
        """Return the answer to what the leader of our term appends."""
        reply = accept(self.journal, request, self.commit_index)
        if reply.is_matched:
            self.commit(follower_commit(request, self.commit_index))
        return reply

    def _take_chunk(self, chunk: InstallSnapshot) -> AppendReply | SnapshotReply:
        """Return the answer to a piece of the leader's snapshot; with the last one, be there."""
        if not self.journal.holds(chunk.index, chunk.index_term):
            wanted = self._incoming.take(chunk)
            if not (chunk.is_last and wanted == chunk.number + 1):
                return SnapshotReply(self.journal.term, chunk.beat, chunk.transfer, wanted)
            self._install(chunk.index, chunk.index_term)
        self.commit(max(self.commit_index, chunk.index))
        return AppendReply(self.journal.term, chunk.beat, True, chunk.index)

    def compact(self, kept: int) -> None:
        """Drop entries that the machine keeps the effect of, except the last `kept`, if many."""
        index = min(self.machine.flushed, self.journal.last_index - kept)
        if index - self.journal.base_index >= self._limits.compact_entries:
            self.journal.compact(index)

    def _apply(self, index: int, command: bytes) -> object:
        try:
            return self.machine.apply(index, command)
        except KitError as error:
            raise MachineFailed(f"entry {index} could not be applied: {error}") from error

    def _install(self, index: int, term: int) -> None:
        self.journal.announce(index, term)
        try:
            self.machine.restore(index, self._incoming.chunks())
        except KitError as error:
            raise MachineFailed(f"snapshot {index} could not be restored: {error}") from error
        self.journal.install(index, term)
        self.commit_index = self.applied_index = index
        self._incoming.clear()
