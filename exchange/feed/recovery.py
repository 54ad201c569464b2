"""What whoever missed something may ask, and what is answered.

    Ask(number, wanted) ──► packets with messages from `number` on; a snapshot where they are not kept
    AskSnapshot()       ──► a snapshot: all books as they are now

The simulated lines and the real ones answer by these same lines. Page: docs/exchange/feed.md
"""

from collections.abc import Iterator
from typing import NamedTuple

from exchange.errors import NotKept
from exchange.feed.publisher import Publisher, Snapshot


class Ask(NamedTuple):
    """A question to whoever keeps the last messages."""

    number: int
    wanted: int  # so many messages


class AskSnapshot(NamedTuple):
    """A question for all books as they are now."""


Question = Ask | AskSnapshot


def answers(publisher: Publisher, question: Question) -> Iterator[bytes | Snapshot]:
    """Yield what a question is answered: packets, or a snapshot where they are not kept any more."""
    if isinstance(question, Ask):
        try:
            yield from publisher.again(*question)
        except NotKept:
            yield publisher.snapshot()
    else:
        yield publisher.snapshot()
