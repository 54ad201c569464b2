"""What can go wrong with a log: nothing was written, or nobody knows.

    Definite
    ├── CorruptLog       bytes that were safe are damaged: the log refuses to open
    ├── RecordsDropped   the records asked for went with their segment (retention)
    ├── RecordTooLarge   one payload over its limit
    ├── BatchTooLarge    too much appended without a commit
    └── SecondWriter     somebody else appended to this log
    Indefinite
    └── CommitUnknown    an earlier commit failed half-way: open the log again to see

Page: docs/chapters/log.md
"""

from chapters.errors import Definite, Indefinite


class CorruptLog(Definite):
    """Bytes that were durable are damaged, and cutting them off would lose records."""

    def __init__(self, segment: str, offset: int, why: str) -> None:
        super().__init__(
            f"{segment} is damaged at byte {offset}: {why}. Restore this segment from a copy; "
            f"nothing was changed"
        )
        self.segment = segment
        self.offset = offset


class RecordsDropped(Definite):
    """The records asked for were dropped by retention."""

    def __init__(self, name: str, wanted: int, first: int) -> None:
        super().__init__(
            f"{name}: record {wanted} was dropped by retention; the first one kept is {first}"
        )
        self.first = first


class RecordTooLarge(Definite):
    """A payload is over the limit for one record."""


class BatchTooLarge(Definite):
    """More bytes were appended since the last commit than one commit may carry."""


class SecondWriter(Definite):
    """The segment is longer than this writer left it, so somebody else is writing to it."""


class CommitUnknown(Indefinite):
    """A commit failed after its write began; opening the log again tells what is there."""
