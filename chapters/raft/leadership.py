"""What only a leader knows, and forgets when it leads no longer: how far each follower is.

    next    what to send; a guess, which refusals correct
    match   what the follower has on disk; certain, and all that a commit may count
    beat    the last round of heartbeats it answered
    heard   when it last answered anything

Invariant: at most one message with entries is under way to each follower; its answer, or the next
heartbeat, sends the following one. That bounds what a slow follower costs, and a batch grows while
it waits. Page: docs/chapters/raft.md
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chapters.raft.commit import leader_commit
from chapters.raft.journal import Journal
from chapters.raft.limits import Limits
from chapters.raft.messages import (
    AppendEntries,
    AppendReply,
    Entry,
    InstallSnapshot,
    SnapshotReply,
)
from chapters.raft.snapshot import Outgoing


@dataclass(slots=True)
class Progress:
    """One follower, as its leader sees it."""

    next_index: int
    heard_ns: int
    match_index: int = 0
    beat: int = 0
    is_waiting: bool = False  # for the answer to entries or to a chunk
    snapshot: Outgoing | None = None


class Leadership:
    """The followers of one leader, in one term."""

    def __init__(self, journal: Journal, peers: Iterable[str], now_ns: int, limits: Limits) -> None:
        self._journal = journal
        self._limits = limits
        self._transfers = 0
        self.beat = 0
        self.progress = {peer: Progress(journal.last_index + 1, now_ns) for peer in peers}

    def has_news(self, peer: str) -> bool:
        """Return whether there is something to send and nothing is under way."""
        progress = self.progress[peer]
        is_behind = progress.next_index <= self._journal.last_index or progress.snapshot is not None
        return is_behind and not progress.is_waiting

    def message_for(self, peer: str, commit_index: int) -> AppendEntries | InstallSnapshot:
        """Return what to send now; while something is under way, it is a bare heartbeat."""
        journal, progress = self._journal, self.progress[peer]
        if progress.snapshot and not progress.is_waiting:
            progress.is_waiting = True
            return progress.snapshot.message(journal.term, self.beat)
        previous_index = progress.next_index - 1
        is_lost = journal.term_at(previous_index) is None
        if is_lost:
            # That part of the log is gone: ask where the follower is, before sending a snapshot.
            previous_index = journal.last_index
        entries = () if progress.is_waiting else self._entries(previous_index + 1)
        progress.is_waiting |= is_lost or bool(entries)
        previous_term = journal.term_at(previous_index) or 0
        return AppendEntries(
            journal.term, self.beat, previous_index, previous_term, commit_index, entries
        )

    def heard(self, peer: str, reply: AppendReply | SnapshotReply, now_ns: int) -> None:
        """Note that the follower answered, and to which round."""
        progress = self.progress[peer]
        progress.heard_ns = now_ns
        progress.beat = max(progress.beat, reply.beat)

    def matched(self, peer: str, index: int) -> None:
        """The follower has our log up to `index`; an answer that came late says nothing new."""
        progress = self.progress[peer]
        if index <= progress.match_index:
            return
        progress.match_index, progress.next_index = index, index + 1
        progress.is_waiting = False
        if progress.snapshot and index >= progress.snapshot.index:
            progress.snapshot = None

    def refused(self, peer: str, hint: int) -> bool:
        """The logs differ behind `hint`; return whether only a snapshot can help."""
        progress = self.progress[peer]
        if progress.snapshot:
            return False
        progress.next_index = max(progress.match_index, min(hint, self._journal.last_index)) + 1
        progress.is_waiting = False
        return self._journal.term_at(progress.next_index - 1) is None

    def begin_snapshot(self, peer: str, index: int, chunks: Iterable[bytes]) -> None:
        """Send the machine's state at `index`, an entry that is still in the log."""
        term = self._journal.term_at(index)
        assert term is not None, index
        self._transfers += 1
        self.progress[peer].snapshot = Outgoing(
            self._transfers, index, term, iter(chunks), self._limits.chunk_bytes_max
        )

    def received(self, peer: str, reply: SnapshotReply) -> None:
        """The follower wants chunk `reply.number`; one that forgot the others begins again."""
        progress, snapshot = self.progress[peer], self.progress[peer].snapshot
        if snapshot is None or reply.transfer != snapshot.transfer:
            return
        if reply.number == snapshot.number + 1:
            snapshot.advance()
            progress.is_waiting = False
        elif reply.number == 0 < snapshot.number:
            progress.snapshot, progress.is_waiting = None, False

    def let_repeat(self, silent_since_ns: int) -> None:
        """What was under way may be lost. A follower that is gone does not hold up a snapshot."""
        for progress in self.progress.values():
            progress.is_waiting = False
            if progress.heard_ns < silent_since_ns:
                progress.snapshot = None

    def commit(self, commit_index: int) -> int:
        """Return how far the log may be committed, which is `commit_index` already."""
        matches = [progress.match_index for progress in self.progress.values()]
        return leader_commit(self._journal, matches, commit_index)

    def round_answered(self) -> int:
        """Return the last round that a majority answered, ourselves included."""
        beats = sorted([self.beat, *(progress.beat for progress in self.progress.values())])
        return beats[(len(beats) - 1) // 2]

    def is_heard_by_majority(self, since_ns: int) -> bool:
        """Return whether a majority, ourselves included, answered since then."""
        heard = sum(progress.heard_ns >= since_ns for progress in self.progress.values())
        return 2 * (heard + 1) > len(self.progress) + 1

    def _entries(self, first: int) -> tuple[Entry, ...]:
        limits = self._limits
        return self._journal.entries(first, limits.message_entries_max, limits.message_bytes_max)
