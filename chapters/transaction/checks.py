"""What the exercise on transactions checks: all or nothing, and once more if others were in the way.

Page: docs/chapters/transaction.md
"""

import sqlite3
from collections.abc import Iterator, Sequence
from random import Random

from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import OperationalError

from chapters.checking import JSON, Case, Stage
from chapters.errors import KitError
from chapters.transaction.opening import MEMORY, open_database

tables = MetaData()
ROWS = Table("rows", tables, Column("id", Integer, primary_key=True))


class Full(Exception):
    """What some work raises."""


def runs(script: Sequence[str]) -> JSON:
    """Run some work, which fares as the script says at each try; return what came, and what stands.

    "ok", "raises", "busy" (others are in the way), "broken" (another trouble of the database).
    """
    points: list[str] = []
    database = open_database(MEMORY, tables, at=points.append)
    tries = 0

    def work(connection: Connection) -> int:
        nonlocal tries
        fate = script[min(tries, len(script) - 1)]
        tries += 1
        connection.execute(insert(ROWS).values(id=tries))
        if fate == "raises":
            raise Full("no more")
        if fate in ("busy", "broken"):
            words = "database is locked" if fate == "busy" else "disk I/O error"
            raise OperationalError("INSERT", {}, sqlite3.OperationalError(words))
        return tries * 10

    try:
        found: JSON = database.run(work)
    except (KitError, Full, OperationalError) as error:
        found = type(error).__name__
    with database.engine.connect() as connection:
        rows = list(connection.execute(select(ROWS.c.id)).scalars())
    return {"came": found, "tries": tries, "rows": rows, "points": points}


def well(rng: Random) -> Iterator[Case]:
    """Nothing is in the way."""
    yield (["ok"],)


def raised(rng: Random) -> Iterator[Case]:
    """The work itself says no, or the database breaks."""
    yield (["raises"],)
    yield (["broken", "ok"],)


def others(rng: Random) -> Iterator[Case]:
    """Others were in the way so many times."""
    yield (["busy", "ok"],)
    yield (["busy"] * rng.randint(2, 9) + ["ok"],)
    yield (["busy", "raises"],)


def always(rng: Random) -> Iterator[Case]:
    """Others are in the way for ever."""
    yield (["busy"],)


STAGES = {
    "run": [
        Stage("what was done stands, and its answer comes back", well, runs),
        Stage("an error leaves nothing behind, and is passed on", raised, runs),
        Stage("others were in the way: once more, from the beginning", others, runs, needs=(1,)),
        Stage("but not for ever", always, runs, needs=(3,)),
    ],
}
