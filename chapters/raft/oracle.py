"""Who watches: every promise of Raft, checked on a run from outside.

    election safety        one leader a term                       on every message of a leader
    leader completeness    a new leader has all that is committed  on its first message
    log matching           same index and term: same log up to it  now and then, and at the end
    state machine safety   one command an index, on all members    on every command applied
    linearizability        who came later sees no less             at the end, over all clients

Invariant: a run in which `broken` stays empty kept all five. Names and the first three are those of
figure 3 of the paper. That this oracle notices mistakes is itself tested: on broken members, and on
made-up histories. Page: docs/chapters/raft.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from chapters.raft.journal import Journal
from chapters.raft.messages import AppendEntries, InstallSnapshot, Message

BROKEN_MAX = 20  # one would do; the others are for curiosity


@dataclass(slots=True)
class Operation:
    """What a client asked for, when, and what came of it: a place, a length, or nothing known."""

    name: bytes
    is_write: bool
    start_ns: int
    end_ns: int | None = None
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """A command that somebody applied, its entry's term, and the term in which that was."""

    command: bytes
    entry_term: int
    in_term: int


class Oracle:
    """Sees what members send, apply and have in their journals; `broken` lists what is wrong."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.leaders: dict[int, str] = {}  # by term
        self.snapshots = 0  # chunks sent
        self._committed: dict[int, Committed] = {}  # by index, as first seen

    def sent(self, name: str, message: Message, journal: Journal) -> None:
        """Look at a message that a member sends: only a leader sends these two."""
        if not isinstance(message, AppendEntries | InstallSnapshot):
            return
        self.snapshots += isinstance(message, InstallSnapshot)
        if message.term not in self.leaders:
            self.leaders[message.term] = name
            self._expect_complete(name, journal, message.term)
        elif self.leaders[message.term] != name:
            leader = self.leaders[message.term]
            self._complain(f"{leader} and {name} both lead in term {message.term}")

    def applied(self, name: str, index: int, command: bytes, journal: Journal) -> None:
        """Look at a command that a member applies."""
        entry_term = journal.term_at(index)
        assert entry_term is not None, index
        seen = Committed(command, entry_term, journal.term)
        first = self._committed.setdefault(index, seen)
        if first.command != command:
            self._complain(f"entry {index} is {command!r} at {name}, elsewhere {first.command!r}")

    def match(self, journals: Mapping[str, Journal]) -> None:
        """Compare all logs with each other."""
        for (one, left), (other, right) in combinations(sorted(journals.items()), 2):
            index = first_mismatch(left, right)
            if index is not None:
                self._complain(f"the logs of {one} and {other} differ at {index}, and agree behind")

    def judge(self, operations: Sequence[Operation], names: Sequence[bytes]) -> None:
        """Compare what clients were told with the list that is left, and with each other."""
        for complaint in complaints(operations, names):
            self._complain(complaint)

    def expect_calm(
        self, operations: Sequence[Operation], lists: Mapping[str, list[bytes]], calm_ns: int
    ) -> None:
        """Expect writes to be acknowledged that began in the calm, and the members to be equal."""
        calm = [each for each in operations if each.is_write and each.start_ns >= calm_ns]
        if not any(each.value for each in calm):
            self._complain(f"not one of {len(calm)} writes in the calm was acknowledged")
        if len({tuple(names) for names in lists.values()}) > 1:
            lengths = ", ".join(f"{name} has {len(names)}" for name, names in sorted(lists.items()))
            self._complain(f"after a calm the members differ: {lengths}")

    def _expect_complete(self, name: str, journal: Journal, term: int) -> None:
        """A leader of `term` must have what was committed before its term began."""
        for index, committed in sorted(self._committed.items()):
            is_there = journal.holds(index, committed.entry_term)
            if committed.in_term < term and not is_there:
                self._complain(f"{name} leads in term {term} without committed entry {index}")
                return

    def _complain(self, what: str) -> None:
        if len(self.broken) < BROKEN_MAX and what not in self.broken:
            self.broken.append(what)


def first_mismatch(left: Journal, right: Journal) -> int | None:
    """Return an index at which two logs differ though they agree on a later entry, if any."""
    first = max(left.base_index, right.base_index) + 1
    agreed = False
    for index in range(min(left.last_index, right.last_index), first - 1, -1):
        one, other = left.entry(index), right.entry(index)
        if agreed and one != other:
            return index
        agreed |= one.term == other.term
        if one.term == other.term and one.command != other.command:
            return index
    return None


def complaints(operations: Sequence[Operation], names: Sequence[bytes]) -> list[str]:
    """Return why these operations were not carried out one at a time; nothing if they were.

    `names` is the list at the end. Every write has a place in it and every read a length, so there
    is no search: whatever had ended before an operation began must have seen no more than it did.
    """
    found = []
    places = {name: place for place, name in enumerate(names, 1)}
    for each in operations:
        if each.is_write and each.value not in (None, places.get(each.name)):
            found.append(f"{each.name!r} was acknowledged at {each.value} and is not there")
    ended = sorted((each for each in operations if each.end_ns is not None), key=_end_ns)
    seen, at = 0, 0
    for each in sorted(operations, key=lambda each: each.start_ns):
        while at < len(ended) and _end_ns(ended[at]) < each.start_ns:
            seen, at = max(seen, ended[at].value or 0), at + 1
        value = places.get(each.name) if each.is_write else each.value
        if value is not None and value < seen + each.is_write:
            what = "was put before" if each.is_write else "is older than"
            found.append(f"{each.name!r}, at {value}, {what} what was known: {seen}")
    return found


def _end_ns(operation: Operation) -> int:
    assert operation.end_ns is not None
    return operation.end_ns
