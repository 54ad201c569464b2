"""The other side's messages in their order: each once, none left out, however the line behaves.

    expected 5:   5 ─► take it            4, a duplicate ─► seen already: leave it
                  8 ─► hold it, and       4 ─► the other side has lost count: hang up
                       ask for 5 to ∞

Numbers are all there is. A higher one than expected shows a gap: what came is held, and what is missing is
asked for, once. A lower one is a repetition if it says so (PossDupFlag), else something is broken that
no software can mend. Invariant: messages are taken in the order of their numbers, each at most once.
Cost: O(1) a message; at most `HELD_MAX` are held. Source: FIX 4.4, volume 2, "Ordered message processing".
Page: docs/exchange/fix.md
"""

from enum import Enum

from exchange.fix.message import Message

HELD_MAX = 10_000  # early messages; those beyond are dropped, and come again with the resend


class Verdict(Enum):
    """What a message's number says about it."""

    IN_TURN = "in turn"  # it is the next one
    GAP = "gap"  # some before it are missing: hold it, and ask for them
    EARLY = "early"  # the same, and they have been asked for: hold it
    REPEATED = "repeated"  # it was taken before, and says so
    TOO_LOW = "too low"  # it was taken before, and does not say so


class Inbox:
    """What number comes next, and what came too early."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self._asked_from = self._asked_below = (
            0  # what was asked for last: these, and all after them
        )
        self._held: dict[int, Message | None] = {}

    @property
    def is_waiting(self) -> bool:
        """Return whether messages that were asked for are still missing."""
        return self.expected < self._asked_below

    def judge(self, number: int, *, is_duplicate: bool) -> Verdict:
        """Return what to do with message `number`; a gap is noted as asked for.

        While a resend is on its way, new messages are early and no reason to ask again. A duplicate that
        is early is part of that resend: one before it has been lost once more.
        """
        if number == self.expected:
            return Verdict.IN_TURN
        if number < self.expected:
            return Verdict.REPEATED if is_duplicate else Verdict.TOO_LOW
        shows_hole = is_duplicate and self._asked_from != self.expected
        if self.is_waiting and not shows_hole:
            return Verdict.EARLY
        self._asked_from = self.expected
        self._asked_below = max(self._asked_below, number)
        return Verdict.GAP

    def hold(self, number: int, message: Message | None) -> None:
        """Keep an early message until its turn; None for one that has been served already."""
        if len(self._held) < HELD_MAX or number in self._held:
            self._held[number] = message

    def advance(self, expected: int) -> None:
        """Expect `expected` next; what was held below it is forgotten."""
        self.expected = expected
        if self._held and min(self._held) < expected:
            self._held = {number: each for number, each in self._held.items() if number >= expected}

    def following(self) -> Message | None:
        """Return the held message whose turn it is now, and step over those that were served."""
        while self.expected in self._held:
            message = self._held.pop(self.expected)
            if message is not None:
                return message
            self.expected += 1
        return None
