"""What the exercise on the records checks: each trade once, whoever dies when.

Page: docs/exchange/records.md
"""

from collections.abc import Iterator, Sequence
from functools import partial
from random import Random

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from chapters.checking import JSON, Case, Stage
from chapters.transaction import Database, open_database
from chapters.transaction.opening import MEMORY
from exchange.clearing.drop_copy import Execution, Tape
from exchange.day import live
from exchange.orders import BUY
from exchange.records import tables
from exchange.records.projector import TRADES, place, project

ORDERS, LIVES = 600, 5
COMMANDS_AT_ONCE = 40


class Killed(Exception):
    """The process died."""


class Deaths:
    """When to die: told the name of the next point, before or after a commit."""

    def __init__(self) -> None:
        self.next = ""

    def at(self, point: str) -> None:
        """Die if this is the point."""
        if self.next and point.startswith(self.next):
            self.next = ""
            raise Killed(point)


def written(script: list[list[JSON]]) -> JSON:
    """Write batches: executions [sequence, buyer, seller, lots], until, dies. Return answers and rows."""
    deaths = Deaths()
    database = open_database(MEMORY, tables.tables, at=deaths.at)
    said = [_batch(database, deaths, *step) for step in script]
    return [said, _rows(database)]


def _batch(database: Database, deaths: Deaths, executions: JSON, until: JSON, dies: JSON) -> JSON:
    assert isinstance(executions, Sequence)
    found = [_execution(each, number) for number, each in enumerate(executions)]
    deaths.next = str(dies)
    try:
        return database.run(lambda connection: project(connection, found, int(str(until))))
    except Killed:
        return "killed"
    except IntegrityError:
        return "a trade was written twice"


def _execution(each: JSON, number: int) -> Execution:
    assert isinstance(each, Sequence)
    sequence, buyer, seller, lots = (int(str(word)) for word in each)
    return Execution(sequence, number, sequence, "ACME", 1000, lots, buyer, seller, 0, 0, BUY)


def _rows(database: Database) -> JSON:
    trades = select(tables.TRADES.c.execution_id).order_by(tables.TRADES.c.execution_id)
    sums = select(tables.POSITIONS.c.account, tables.POSITIONS.c.lots).order_by("account")
    ids = database.run(lambda c: [str(row[0]) for row in c.execute(trades)])
    lots = database.run(lambda c: [[int(n) for n in row] for row in c.execute(sums)])
    return {"trades": ids, "positions": lots, "place": database.run(lambda c: place(c, TRADES))}


FIRST: list[JSON] = [[[2, 7, 22, 60], [2, 7, 23, 40]], 3, ""]


def in_order(rng: Random) -> Iterator[Case]:
    yield ([FIRST],)
    yield ([FIRST, [[], 9, ""]],)
    yield ([FIRST, [[], 9, ""], [[[10, 22, 7, rng.randint(1, 50)]], 10, ""]],)


def repeated(rng: Random) -> Iterator[Case]:
    """The same batch again, one that overlaps, and an older one."""
    yield ([FIRST, FIRST],)
    yield ([FIRST, [[[2, 7, 22, 60], [2, 7, 23, 40], [4, 8, 7, rng.randint(1, 9)]], 5, ""]],)
    yield ([[[[4, 8, 7, 5]], 6, ""], [[[4, 8, 7, 5]], 4, ""]],)
    yield ([[[[3, 8, 7, 5]], 3, ""], [[[3, 8, 7, 5], [4, 7, 8, 5]], 4, ""]],)


def dying(rng: Random) -> Iterator[Case]:
    """Before the commit nothing has happened, after it everything."""
    yield ([[*FIRST[:2], "before"], FIRST],)
    yield ([[*FIRST[:2], "after"], FIRST],)
    yield ([FIRST, [[[5, 9, 7, 1]], 5, rng.choice(("before", "after"))], [[[5, 9, 7, 1]], 5, ""]],)


def whole_day(seed: int) -> JSON:
    """Write a day's journal in small batches by writers that die; return how it compares to once."""
    disk, rng = live(seed=seed, orders=ORDERS).disk, Random(seed)
    deaths = Deaths()
    database = open_database(MEMORY, tables.tables, at=deaths.at)
    said = [_life(database, deaths, Tape(disk=disk), rng.randint(1, 12)) for _ in range(LIVES)]
    said.append(_life(database, deaths, Tape(disk=disk), 0))
    tape = Tape(disk=disk)
    executions = list(tape.read())
    calm = open_database(MEMORY, tables.tables)
    calm.run(lambda connection: project(connection, executions, tape.sequence))
    return [said, len(executions), _rows(database) == _rows(calm)]


def _life(database: Database, deaths: Deaths, tape: Tape, dies_at: int) -> JSON:
    """Write from the beginning of the journal, until death at the so-manieth batch; 0: to the end."""
    before, batch = -1, 0
    while tape.sequence != before:
        before, batch = tape.sequence, batch + 1
        executions = tape.poll(COMMANDS_AT_ONCE)
        deaths.next = ("before", "after")[dies_at % 2] if batch == dies_at else ""
        try:
            database.run(partial(project, executions=executions, until=tape.sequence))
        except Killed:
            return batch
        except IntegrityError:
            return "a trade was written twice"
    return "to the end"


def some_day(rng: Random) -> Iterator[Case]:
    yield (rng.randrange(1_000_000),)


def told(args: Case, got: JSON) -> str:
    """Say how a day was written on the learner's code."""
    assert isinstance(got, Sequence)
    lives, trades, _ = got
    assert isinstance(lives, Sequence)
    return (
        f"a day is written on your code: {trades} trades, each once, by {len(lives)} mortal writers"
    )


STAGES = {
    "exactly-once": [
        Stage("trades, positions, and the place", in_order, written),
        Stage("what was written is not written again", repeated, written),
        Stage("dying before and after the commit", dying, written, needs=(1,)),
        Stage("a day's journal, and a writer that dies", some_day, whole_day, summary=told),
    ],
}
