"""Who wrote which part of a journal, and up to where two journals are the same.

    old primary   1 ··· epoch 1 ··· 9 │ 10 11 12  of epoch 1, sent to nobody
    new primary   1 ··· epoch 1 ··· 9 │ 10  epoch 2 begins ··· 17 │ 18  epoch 3 begins
                                      └── they agree up to here: the old one's tail is cut

An epoch has one writer, and a writer gives a number once. So two records of equal epoch and number are the
same record, and so is everything before them: journals are compared by who wrote them, not by what is in
them. Invariant: epochs rise along a journal. Cost: O(epochs).
Source: the log matching of Raft (Ongaro & Ousterhout 2014); Kafka's leader epochs (KIP-101).
Page: docs/exchange/standby.md
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple


class Mark(NamedTuple):
    """`epoch` begins with record `first`."""

    epoch: int
    first: int


class Place(NamedTuple):
    """A record by its number and the epoch that it was written in; (0, 0) is before the first."""

    sequence: int
    epoch: int


class History:
    """The marks of one journal, in order."""

    def __init__(self, marks: Iterable[Mark] = ()) -> None:
        self.marks = list(marks)

    @property
    def epoch(self) -> int:
        """The epoch that the journal ends in; 0 when no primary has ever begun."""
        return self.marks[-1].epoch if self.marks else 0

    def begin(self, epoch: int, first: int) -> None:
        """Note that `epoch` begins with record `first`."""
        assert epoch > self.epoch, (epoch, self.marks)
        self.marks.append(Mark(epoch, first))

    def at(self, sequence: int) -> int:
        """Return the epoch of record `sequence`."""
        return next((mark.epoch for mark in reversed(self.marks) if mark.first <= sequence), 0)

    def cut(self, first: int) -> None:
        """Forget what begins with record `first` or later."""
        while self.marks and self.marks[-1].first >= first:
            self.marks.pop()


def agreed(ours: Sequence[Mark], our_last: int, theirs: Sequence[Mark], their_last: int) -> int:
    """Return the last record that both journals hold: 0 when they share none.

    They part in the latest epoch that both know, where the shorter of the two ends in it.
    """
    ends, others = _ends(ours, our_last), _ends(theirs, their_last)
    shared = max(ends.keys() & others.keys())
    return min(ends[shared], others[shared])


def _ends(marks: Sequence[Mark], last: int) -> dict[int, int]:
    """Return the last record of each epoch, epoch 0 included."""
    begun = [Mark(0, 1), *marks, Mark(0, last + 1)]
    return {mark.epoch: following.first - 1 for mark, following in pairwise(begun)}
