"""What members say to each other: three questions and their answers, all of them harmless to repeat.

    candidate ── RequestVote ─────► all        VoteReply       granted or not
    leader ───── AppendEntries ───► each       AppendReply     matched up to an index, or not
    leader ───── InstallSnapshot ─► one        SnapshotReply   which chunk next

Invariant: every message carries its sender's term, so a receiver can tell old from new: an older
one is refused, and a newer one ends whatever the receiver was doing. Each may be lost, come twice
or come late. `beat` numbers the leader's rounds, and a reply returns it: that is how a leader knows
that somebody still followed it *after* a given moment. Source: Ongaro and Ousterhout, ATC 2014,
figures 2 and 13; `is_trial` is the pre-vote of Ongaro's thesis, section 9.6.
Page: docs/chapters/raft.md
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the log; a command of None is the mark that a new leader sets."""

    index: int
    term: int
    command: bytes | None


@dataclass(frozen=True, slots=True)
class RequestVote:
    """Will you vote for me in `term`? A trial only asks whether you would."""

    term: int
    last_index: int
    last_term: int
    is_trial: bool = False


@dataclass(frozen=True, slots=True)
class VoteReply:
    """The answer; `term` is the voter's, or the one asked about when a trial is granted."""

    term: int
    is_granted: bool
    is_trial: bool = False


@dataclass(frozen=True, slots=True)
class AppendEntries:
    """Append these after (previous_index, previous_term); without entries it is a heartbeat."""

    term: int
    beat: int
    previous_index: int
    previous_term: int
    commit_index: int
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class AppendReply:
    """Matched: my log is yours up to `index`, on disk. Else: try again from after `index`."""

    term: int
    beat: int
    is_matched: bool
    index: int


@dataclass(frozen=True, slots=True)
class InstallSnapshot:
    """Chunk `number` of the machine's state at `index`, an entry of `index_term`."""

    term: int
    beat: int
    transfer: int
    index: int
    index_term: int
    number: int
    is_last: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class SnapshotReply:
    """Of this transfer I want chunk `number` next."""

    term: int
    beat: int
    transfer: int
    number: int


Message: TypeAlias = (
    RequestVote | VoteReply | AppendEntries | AppendReply | InstallSnapshot | SnapshotReply
)
