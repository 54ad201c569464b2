"""The outbox: what was decided is also said. Page: docs/chapters/outbox.md"""

from chapters.outbox.inbox import first_time
from chapters.outbox.outbox import Message, put, put_off, settle, tables, waiting, withdraw
from chapters.outbox.relay import Relay

__all__ = [
    "Message",
    "put",
    "put_off",
    "settle",
    "withdraw",
    "waiting",
    "Relay",
    "first_time",
    "tables",
]
