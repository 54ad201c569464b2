"""What a member must not forget: its term, its vote and its entries, on an append-only log.

    record   1        2          3          4          5        6           7
             term 1   entry 1    entry 2    entry 3    term 2   entry 2'    checkpoint: all up to 2
             vote a   of term 1  of term 1  of term 1  vote b   of term 2   is in the machine

A log is never changed, only added to; so a later record for an index overrides the earlier one and
takes all entries behind it away. Invariant: what `save` and `append` return from is on disk, and
opening the journal finds exactly that. One write and one sync each, however many entries.

A checkpoint lets old records go: it repeats term and vote, says up to where the machine keeps the
entries' effect by itself, and which record is the first that is still needed. When a snapshot comes
from the leader, that is announced *before* the machine takes it in: else a crash right behind would
leave a machine at an index of which no record says the term. If the machine never got that far, the
announcement is passed over.
Page: docs/chapters/raft.md
"""

import struct
from collections.abc import Sequence
from itertools import pairwise

from chapters.errors import Definite
from chapters.log import Log, Record
from chapters.log.segment import SEGMENT_BYTES_MAX
from chapters.raft.codec import ENTRY_HEADER_BYTES, decode_entries, encode_entry
from chapters.raft.errors import StateMismatch
from chapters.raft.messages import Entry
from chapters.sim.disk import Disk

_TERM, _ENTRY, _CHECKPOINT, _ANNOUNCED = b"T", b"E", b"C", b"S"
_TERM_LAYOUT = struct.Struct("<Q")
_CHECKPOINT_LAYOUT = struct.Struct("<QQQQ")  # term, index, index's term, first record needed


class Journal:
    """The durable state of one member. Entries up to `base_index` are in its machine only."""

    def __init__(
        self,
        *,
        disk: Disk,
        name: str = "raft",
        flushed: int = 0,
        segment_bytes_max: int = SEGMENT_BYTES_MAX,
    ) -> None:
        self._log = Log(disk=disk, name=name, segment_bytes_max=segment_bytes_max)
        self.term = 0
        self.vote: str | None = None
        self.base_index = self.base_term = 0
        self._entries: list[Entry] = []
        self._sequences: list[
            int
        ] = []  # of each entry's record: ascending, as overriding takes all
        self._recover(list(self._log.read()), flushed)

    @property
    def last_index(self) -> int:
        """The index of the last entry."""
        return self.base_index + len(self._entries)

    @property
    def last_term(self) -> int:
        """The term of the last entry."""
        return self._entries[-1].term if self._entries else self.base_term

    def term_at(self, index: int) -> int | None:
        """Return the term of the entry at `index`; None where there is none, or none any more."""
        if self.base_index < index <= self.last_index:
            return self._entries[index - self.base_index - 1].term
        return self.base_term if index == self.base_index else None

    def holds(self, index: int, term: int) -> bool:
        """Return whether the log has the entry (index, term). What it dropped was committed."""
        return index < self.base_index or self.term_at(index) == term

    def entry(self, index: int) -> Entry:
        """Return the entry at `index`, which must be above `base_index`."""
        assert self.base_index < index <= self.last_index, (self.base_index, index, self.last_index)
        return self._entries[index - self.base_index - 1]

    def entries(self, first: int, count_max: int, bytes_max: int) -> tuple[Entry, ...]:
        """Return entries from `first` on within both limits, but at least one if there is one."""
        start = first - self.base_index - 1
        taken: list[Entry] = []
        for entry in self._entries[start : start + count_max]:
            bytes_max -= ENTRY_HEADER_BYTES + len(entry.command or b"")
            if taken and bytes_max < 0:
                break
            taken.append(entry)
        return tuple(taken)

    def save(self, term: int, vote: str | None) -> None:
        """Make term and vote durable; free of charge when they are that already."""
        if (term, vote) == (self.term, self.vote):
            return
        assert term >= self.term, (term, self.term)
        self._write([_TERM + _TERM_LAYOUT.pack(term) + (vote or "").encode()])
        self.term, self.vote = term, vote

    def append(self, entries: Sequence[Entry]) -> None:
        """Make `entries` durable in the place of whatever is there from their first index on."""
        first = entries[0].index
        assert self.base_index < first <= self.last_index + 1, (first, self.last_index)
        assert all(one.index + 1 == next.index for one, next in pairwise(entries)), entries
        sequence = self._write([_ENTRY + encode_entry(entry) for entry in entries])
        self._cut(first)
        self._entries += entries
        self._sequences += range(sequence, sequence + len(entries))

    def compact(self, index: int) -> None:
        """Forget the entries up to `index`: the machine keeps their effect through any crash."""
        term = self.term_at(index)
        assert term is not None, index
        kept = index - self.base_index
        entries, sequences = self._entries[kept:], self._sequences[kept:]
        self._checkpoint(_CHECKPOINT, index, term, next(iter(sequences), self._log.last + 1))
        self._begin_at(index, term, entries, sequences)

    def announce(self, index: int, term: int) -> None:
        """Note that a snapshot of (index, term) is about to replace the machine's state."""
        self._checkpoint(_ANNOUNCED, index, term, self._log.last + 1)

    def install(self, index: int, term: int) -> None:
        """Forget all entries: the machine has taken in the snapshot that was announced."""
        self._checkpoint(_CHECKPOINT, index, term, self._log.last + 1)
        self._begin_at(index, term, [], [])

    def _checkpoint(self, kind: bytes, index: int, term: int, first: int) -> None:
        numbers = _CHECKPOINT_LAYOUT.pack(self.term, index, term, first)
        self._write([kind + numbers + (self.vote or "").encode()])

    def _begin_at(self, index: int, term: int, entries: list[Entry], sequences: list[int]) -> None:
        """Keep only these entries, behind (index, term), and the records from theirs on."""
        self.base_index, self.base_term = index, term
        self._entries, self._sequences = entries, sequences
        self._log.retain(min([self._log.last, *sequences[:1]]))

    def _write(self, payloads: list[bytes]) -> int:
        """Append and commit; return the first record's sequence."""
        try:
            first = self._log.last + 1
            for payload in payloads:
                self._log.append(payload)
            self._log.commit()
        except Definite:
            self._log.discard()
            raise
        return first

    def _cut(self, first: int) -> None:
        kept = max(0, first - self.base_index - 1)
        del self._entries[kept:], self._sequences[kept:]

    def _recover(self, records: list[Record], flushed: int) -> None:
        """Read the records in order, entries only from what the last checkpoint still needs."""
        needed = self._log.first
        for _, payload in records:
            if payload[:1] in (_CHECKPOINT, _ANNOUNCED):
                _, index, term, first = _CHECKPOINT_LAYOUT.unpack_from(payload, 1)
                if index <= flushed:
                    self.base_index, self.base_term, needed = index, term, first
                elif payload[:1] == _CHECKPOINT:
                    raise _mismatch(f"entries up to {index} went to it, and it has {flushed}")
        for sequence, payload in records:
            self._replay(sequence, payload, is_needed=sequence >= needed)

    def _replay(self, sequence: int, payload: bytes, *, is_needed: bool) -> None:
        kind, body = payload[:1], payload[1:]
        if kind == _ENTRY and is_needed:
            self._replay_entry(sequence, next(decode_entries(body)))
        elif kind != _ENTRY:
            layout = _TERM_LAYOUT if kind == _TERM else _CHECKPOINT_LAYOUT
            self.term = layout.unpack_from(body)[0]
            self.vote = body[layout.size :].decode() or None

    def _replay_entry(self, sequence: int, entry: Entry) -> None:
        self._cut(entry.index)
        if entry.index > self.last_index + 1:
            raise _mismatch(f"entry {entry.index} follows entry {self.last_index} in the journal")
        if entry.index > self.base_index:
            self._entries.append(entry)
            self._sequences.append(sequence)


def _mismatch(why: str) -> StateMismatch:
    return StateMismatch(
        f"journal and state machine do not belong together: {why}; restore both from the same "
        f"moment, or empty both and let the other members fill them"
    )
