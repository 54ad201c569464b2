"""All of it or nothing: what is done in a transaction stands as a whole, or was never there.

    run(work)   begin ─► work(connection) ─► commit ─► the answer
                              │                 └─ no answer came ─► CommitUnknown: nobody can tell
                              ├─ raised ─► roll back ─► raised on
                              └─ others were in the way ─► roll back ─► once more, from the beginning

Invariant: what `run` returned is on disk; after a definite error nothing of it is. `work` may be called
several times, so it does nothing but read and write this database. Source: Gray and Reuter,
"Transaction Processing", 1992. Page: docs/chapters/transaction.md
"""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from chapters.transaction.errors import CommitUnknown, Contended

T = TypeVar("T")
TRIES_MAX = 20
# What PostgreSQL calls it: serialization failure, deadlock, lock not available.
CONTENDED = {"40001", "40P01", "55P03"}
BUSY = ("database is locked", "database table is locked")


def nowhere(point: str) -> None:
    """Do nothing at a point where a process could die."""


class Database:
    """A database; `at` is told before and after each commit, where a process can be killed."""

    def __init__(self, engine: Engine, *, at: Callable[[str], None] = nowhere) -> None:
        self.engine, self.at = engine, at

    def run(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returned, once all that it wrote is committed.

        Raises what `work` raises, `Contended` (definite), `CommitUnknown` (indefinite).
        """
        for _ in range(TRIES_MAX):
            try:
                return self._once(work)
            except DBAPIError as error:
                if not is_contended(error):
                    raise
        raise Contended(f"others were in the way {TRIES_MAX} times: try again in a moment")

    def _once(self, work: Callable[[Connection], T]) -> T:
        with self.engine.connect() as connection:
            found = work(connection)
            self.at("before commit")
            try:
                connection.commit()
            except OperationalError as error:
                if is_contended(error) or not error.connection_invalidated:
                    raise
                raise CommitUnknown("the database was gone at commit: look what stands") from error
        self.at("after commit")
        return found

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def is_contended(error: DBAPIError) -> bool:
    """Return whether the transaction was rolled back because of others, so that it may be repeated."""
    code = getattr(error.orig, "sqlstate", None)
    return code in CONTENDED or any(words in str(error.orig) for words in BUSY)
