"""Who waits for an answer of the leader: for a commit, or for the right to read.

Invariant: everybody is answered exactly once. A proposal whose leader was deposed is answered with
*nobody knows*: its entries are in a log, and the next leader may commit them or override them. A
read did nothing, so it can always be asked again. Page: docs/chapters/raft.md
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from chapters.errors import KitError
from chapters.raft.errors import CommandTooLarge, NotLeader, Overloaded, Unacknowledged
from chapters.raft.limits import Limits

Answered: TypeAlias = Callable[[Sequence[object] | KitError], None]
Readable: TypeAlias = Callable[[KitError | None], None]


@dataclass(slots=True)
class Proposal:
    """A batch of commands that ends at index `last`, and the results so far."""

    last: int
    count: int
    size_bytes: int
    done: Answered
    results: list[object] = field(default_factory=list)


class Pending:
    """Proposals in the order of the log, reads in the order of asking, and answers to be given.

    Answers are given by `deliver`, once the member is at rest: whoever is answered may ask again.
    """

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self.count = self.size_bytes = 0  # of commands that wait for a majority
        self._proposals: deque[Proposal] = deque()
        self._answers: deque[Callable[[], None]] = deque()
        self._is_delivering = False
        self.asked: list[Readable] = []  # reads that wait for a round to begin
        self.in_round: list[Readable] = []  # reads that wait for a round to end
        self.round_beat = 0

    def refusal(self, commands: Sequence[bytes]) -> KitError | None:
        """Return why `commands` cannot wait here as well, if they cannot."""
        limits, largest = self._limits, max(map(len, commands))
        if largest > limits.command_bytes_max:
            return CommandTooLarge(
                f"a command of {largest} bytes is over the limit of {limits.command_bytes_max}; "
                f"put the data elsewhere and propose where it is"
            )
        count, size_bytes = self.count + len(commands), self.size_bytes + sum(map(len, commands))
        if count > limits.pending_max or size_bytes > limits.pending_bytes_max:
            return Overloaded(
                f"{count} commands of {size_bytes} bytes would wait for a majority; the limits are "
                f"{limits.pending_max} and {limits.pending_bytes_max}: propose fewer, or later"
            )
        return None

    def read_refusal(self) -> KitError | None:
        """Return why one more read cannot wait here, if it cannot."""
        if len(self.asked) < self._limits.reads_max:
            return None
        return Overloaded(f"{len(self.asked)} reads wait already; ask again later")

    def propose(self, last: int, commands: Sequence[bytes], done: Answered) -> None:
        """Let `commands`, which end at index `last`, wait until they are applied."""
        proposal = Proposal(last, len(commands), sum(map(len, commands)), done)
        self._proposals.append(proposal)
        self.count += proposal.count
        self.size_bytes += proposal.size_bytes

    def applied(self, index: int, result: object) -> None:
        """Take the result of the entry at `index`, if anybody here waits for it."""
        if not self._proposals or index <= self._proposals[0].last - self._proposals[0].count:
            return
        proposal = self._proposals[0]
        proposal.results.append(result)
        if index == proposal.last:
            self._pop()
            self.answer(proposal.done, proposal.results)

    def begin_round(self, beat: int) -> None:
        """All who have asked to read share one round of heartbeats."""
        self.in_round, self.asked, self.round_beat = self.asked, [], beat

    def end_round(self) -> None:
        """A majority still followed this leader after they had asked: they may read."""
        for done in self.in_round:
            self.answer_read(done, None)
        self.in_round = []

    def give_up(self, leader: str | None) -> None:
        """This member leads no longer: nobody knows about proposals, and no read is answered."""
        while self._proposals:
            last = self._proposals[0].last
            self.answer(
                self._pop().done,
                Unacknowledged(
                    f"{self._name} lost the leadership before a majority had entry {last}; "
                    f"it may be committed or not: read before you propose it again"
                ),
            )
        for done in (*self.in_round, *self.asked):
            self.answer_read(done, NotLeader(self._name, leader))
        self.in_round, self.asked = [], []

    def answer(self, done: Answered, outcome: Sequence[object] | KitError) -> None:
        """Answer with this outcome, at the next delivery."""
        self._answers.append(lambda: done(outcome))

    def answer_read(self, done: Readable, refusal: KitError | None) -> None:
        """Allow or refuse a read, at the next delivery."""
        self._answers.append(lambda: done(refusal))

    def deliver(self) -> None:
        """Give the answers. What is answered meanwhile, inside of one, comes behind it."""
        if self._is_delivering:
            return
        self._is_delivering = True
        try:
            while self._answers:
                self._answers.popleft()()
        finally:
            self._is_delivering = False

    def _pop(self) -> Proposal:
        proposal = self._proposals.popleft()
        self.count -= proposal.count
        self.size_bytes -= proposal.size_bytes
        return proposal
