"""Whoever listens: packets come late, twice, in any order or never; the book is right all the same.

    packet ──► decide ──┬─ APPLY   it holds the next message
                        ├─ IGNORE  all of it was had: a repeat, or the other line was faster
                        ├─ WAIT    it is early: keep it, and ask for what is missing between
                        └─ ANEW    too much is missing: a snapshot, then what came meanwhile

A pure state machine: packets and the time in, questions out. Two lines that carry the same messages need no
code of their own: what one lost the other brings, and what both bring is ignored. Invariant: messages are
applied once each, in the order of their numbers. Memory: at most `WAITING_MAX` messages wait.
Source: the recovery of MoldUDP64, and of Nasdaq's GLIMPSE for snapshots. Page: docs/exchange/feed.md
"""

from collections import Counter
from enum import Enum

from chapters.sim.clock import MS
from exchange.feed.messages import decode
from exchange.feed.packets import Packet
from exchange.feed.publisher import AGAIN_MAX, Snapshot
from exchange.feed.recovery import Ask, AskSnapshot, Question
from exchange.feed.view import Books

GAP_MAX = 32_768  # messages; a snapshot is sooner here than so many questions
WAITING_MAX = 65_536  # messages that are kept while one before them is missing
PATIENCE_NS = 2 * MS  # what a late packet, or the other line, is given before one asks
RETRY_NS = 20 * MS  # until a question without an answer is asked again
ASKS_MAX = 5  # questions without any answer; then a snapshot


class Step(Enum):
    """What to do with a packet."""

    APPLY = "apply"
    IGNORE = "ignore"
    WAIT = "wait"
    ANEW = "anew"


def decide(packet: Packet, expected: int, waiting: int) -> Step:
    """Return what to do with `packet` when `expected` is the next number and `waiting` messages wait.

    An early packet is kept unless the gap is larger than `GAP_MAX`, or too many would wait. A packet
    without messages says what there is: early or not like any other.
    """
    if packet.next <= expected:
        return Step.IGNORE
    if packet.number <= expected:
        return Step.APPLY
    is_far = packet.number - expected > GAP_MAX
    is_full = waiting + len(packet.messages) > WAITING_MAX
    return Step.ANEW if is_far or is_full else Step.WAIT


class Subscriber:
    """The books of whoever listens, and what is missing of them."""

    def __init__(self) -> None:
        self.books = Books()
        self.session = ""
        self.expected = 0  # the number of the next message; 0: nothing yet, a snapshot first
        self.is_over = False
        self.counts: Counter[str] = Counter()  # applied, repeated, early, gaps, asked, snapshots
        self.waited_max = 0  # messages, at any time
        self._newest = 0  # the number after the last message that was heard of
        self._waiting: dict[int, bytes] = {}
        self._asked = 0  # questions since something last came of one
        self._answered = 0  # the next number, once all that was asked for has come
        self._ask_at_ns: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing that was heard of."""
        return 0 < self.expected >= self._newest

    def hear(self, now_ns: int, packet: Packet) -> list[Question]:
        """Follow a packet of either line; return what to ask now."""
        if packet.session < self.session:  # a straggler: sessions are named so that they sort
            return []
        if packet.session > self.session:
            self._begin_anew(packet.session)
        self._newest = max(self._newest, packet.next)
        self.is_over |= packet.is_end
        step = decide(packet, self.expected, len(self._waiting)) if self.expected else Step.WAIT
        if step is Step.IGNORE:
            self.counts["repeated"] += len(packet.messages)
        elif step is Step.APPLY:
            self._take(packet.messages[self.expected - packet.number :])
            self._asked = 0
        elif step is Step.WAIT:
            self._keep(packet)
        else:
            self._begin_anew(packet.session)
            self._newest = packet.next
            self._keep(packet)
        return self._questions(now_ns)

    def hear_snapshot(self, now_ns: int, found: Snapshot) -> list[Question]:
        """Begin with a snapshot, unless more is known already; go on with what came meanwhile."""
        if found.session > self.session:
            self._begin_anew(found.session)
        if found.session == self.session and found.number >= self.expected:
            self.counts["snapshots"] += 1
            self.books = Books()
            for message in found.messages:
                self.books.apply(found.number, decode(message))
            self.expected, self._asked = found.number + 1, 0
            self._newest = max(self._newest, self.expected)
            self._waiting = {n: each for n, each in self._waiting.items() if n >= self.expected}
            self._take(())
        return self._questions(now_ns)

    def tick(self, now_ns: int) -> list[Question]:
        """Return what to ask now that time has passed: again, where no answer came."""
        return self._questions(now_ns)

    def _take(self, messages: tuple[bytes, ...]) -> None:
        """Apply messages from `expected` on, and those that waited for them."""
        for message in messages:
            self._apply(message)
        while self._waiting and (early := self._waiting.pop(self.expected, None)) is not None:
            self._apply(early)

    def _apply(self, message: bytes) -> None:
        self._waiting.pop(self.expected, None)
        self.books.apply(self.expected, decode(message))
        self.expected += 1
        self.counts["applied"] += 1

    def _keep(self, packet: Packet) -> None:
        if len(self._waiting) + len(packet.messages) > WAITING_MAX:
            self._waiting.clear()
        self.counts["early"] += len(packet.messages)
        self._waiting |= dict(enumerate(packet.messages, start=packet.number))
        self.waited_max = max(self.waited_max, len(self._waiting))

    def _begin_anew(self, session: str) -> None:
        self.session, self.expected, self._newest = session, 0, 0
        self._waiting.clear()
        self._asked, self._answered, self._ask_at_ns = 0, 0, None
        self.is_over = False

    def _questions(self, now_ns: int) -> list[Question]:
        """Return the question that is due, if one is.

        The first waits a moment: the other line may bring what is missing. The next follows its answer at
        once, or is asked again when none came.
        """
        if self.is_whole:
            self._ask_at_ns, self._answered = None, 0
            return []
        if self._ask_at_ns is None:
            self.counts["gaps"] += self.expected > 0
            self._ask_at_ns = now_ns + (PATIENCE_NS if self.expected else 0)
        has_answer = 0 < self._answered <= self.expected
        if now_ns < self._ask_at_ns and not has_answer:
            return []
        self._ask_at_ns = now_ns + RETRY_NS
        self._asked += 1
        self.counts["asked"] += 1
        if not self.expected or self._asked > ASKS_MAX:
            return [AskSnapshot()]
        upto = min(self._waiting, default=self._newest)
        wanted = min(upto - self.expected, AGAIN_MAX)
        self._answered = self.expected + wanted
        return [Ask(self.expected, wanted)]
