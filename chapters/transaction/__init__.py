"""Transactions: all of it or nothing, on SQLite or PostgreSQL. Page: docs/chapters/transaction.md"""

from chapters.transaction.database import Database
from chapters.transaction.errors import BadAddress, CommitUnknown, Contended
from chapters.transaction.opening import chosen_address, open_database

__all__ = [
    "Database",
    "open_database",
    "chosen_address",
    "Contended",
    "CommitUnknown",
    "BadAddress",
]
