"""Where the records are, and how a question in words becomes one of `questions.py`.

    KIT_DATABASE is set     ──► that database, filled by `kit exchange project`
    it is not               ──► one in memory, filled with a made-up day, so that there is something to ask

Page: docs/exchange/records.md
"""

from collections.abc import Mapping
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Any

from chapters.errors import UsageError
from chapters.sim.real import RealDisk
from chapters.transaction import Database, chosen_address, open_database
from chapters.transaction.opening import MEMORY
from exchange.clearing.calendar import Calendar
from exchange.clearing.drop_copy import Tape
from exchange.day import TRADED, Day, live
from exchange.records import questions
from exchange.records.projector import COMMANDS_AT_ONCE, catch_up, project_day
from exchange.records.questions import Row
from exchange.records.tables import tables


def answer(what: str, words: Mapping[str, Any], *, seed: int = 7) -> list[Row]:
    """Return the rows that answer a question. Raises `UsageError` when there is no such question."""
    asked = {"positions": _positions, "trades": _trades, "fails": _fails, "settled": _settled}
    if what not in asked:
        raise UsageError(f"{what!r} cannot be asked; there are {', '.join(asked)}")
    database = records(seed)
    try:
        return asked[what](database, words)
    finally:
        database.close()


def records(seed: int) -> Database:
    """Return the database that KIT_DATABASE names, or one in memory with a day of that seed."""
    address = chosen_address()
    database = open_database(address, tables)
    if address == MEMORY:
        record(database, live(seed=seed))
    return database


def record(database: Database, day: Day, at_once: int = COMMANDS_AT_ONCE) -> int:
    """Write all of a day, trades and settlement; return how many trades were new."""
    written = catch_up(database, Tape(disk=day.disk), at_once)
    for on, lines in day.settled:
        database.run(partial(project_day, day=on, lines=lines))
    return written


def read_journal(folder: Path, at_once: int = COMMANDS_AT_ONCE) -> int:
    """Write the trades of a folder's journal into KIT_DATABASE; return how many were new."""
    address = chosen_address()
    if address == MEMORY:
        raise UsageError(
            "KIT_DATABASE is not set, and what is in memory is gone at the end: "
            "say KIT_DATABASE=sqlite:///records.db"
        )
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; say where an exchange keeps its journal")
    database = open_database(address, tables)
    try:
        return catch_up(database, Tape(disk=RealDisk(folder)), at_once)
    finally:
        database.close()


def _positions(database: Database, words: Mapping[str, Any]) -> list[Row]:
    return questions.positions(database, words["account"])


def _settled(database: Database, words: Mapping[str, Any]) -> list[Row]:
    return questions.settled(database, words["account"])


def _fails(database: Database, words: Mapping[str, Any]) -> list[Row]:
    day = _day(words["day"]) if words["day"] else Calendar().settles(TRADED)
    return questions.fails(database, day)


def _trades(database: Database, words: Mapping[str, Any]) -> list[Row]:
    day = _day(words["day"]) if words["day"] else TRADED
    calendar = Calendar()
    first, last = (calendar.instant_ns(day, _time(words[name])) for name in ("from", "until"))
    return questions.trades(database, words["symbol"], first, last)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day; write it as 2026-11-27") from None


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no time; write it as 10:30") from None
