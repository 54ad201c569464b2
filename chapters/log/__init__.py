"""The append-only log that every system here journals to: acknowledged is there after a crash.

Page: docs/chapters/log.md
"""

from chapters.log.errors import (
    BatchTooLarge,
    CommitUnknown,
    CorruptLog,
    RecordsDropped,
    RecordTooLarge,
    SecondWriter,
)
from chapters.log.log import Log
from chapters.log.reader import Reader
from chapters.log.record import Record

__all__ = [
    "Log",
    "Reader",
    "Record",
    "CorruptLog",
    "CommitUnknown",
    "RecordsDropped",
    "RecordTooLarge",
    "BatchTooLarge",
    "SecondWriter",
]
