"""From the journal into tables, each thing once, whoever is killed when.

    journal ─► executions ─► ┌ trades, positions ──┐ one
                             └ place: read up to 41 ┘ commit

Written twice, a position is wrong; left out, too. So how far the journal was read stands in the same
database as what was made of it, and both are committed together: there is no moment at which one is true
and the other is not. Who comes back reads the place and goes on. Two at once do not harm each other
either: the place is locked while one writes, and the other then finds nothing left. Invariant: the rows
are those of the journal up to the place. Page: docs/exchange/records.md
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection

from chapters.transaction import Database
from exchange.clearing.drop_copy import Execution, Tape
from exchange.clearing.settlement import Line
from exchange.records import tables

TRADES, SETTLEMENT = "trades", "settlement"  # who reads
COMMANDS_AT_ONCE = 512  # of the journal, for one commit


def project(connection: Connection, executions: Sequence[Execution], until: int) -> int:
    """Write the executions that are new, and that all up to command `until` are written.

    `executions` are all those of some commands in a row, the last of which is `until`; some of them
    may have been written before. Return how many were new. All in the transaction of `connection`.
    """
    before = place(connection, TRADES)
    fresh = [each for each in executions if each.sequence > before]
    if fresh:
        connection.execute(tables.ADD_TRADE, [trade_row(each) for each in fresh])
        for each in fresh:
            connection.execute(tables.ADD_POSITION, position_rows(each))
    if until > before:
        move(connection, TRADES, until)
    return len(fresh)


def place(connection: Connection, reader: str) -> int:
    """Return how far `reader` has come; nobody else moves it until this transaction ends."""
    connection.execute(tables.BEGIN, {"reader": reader})
    found: int = connection.execute(tables.LOCKED_PLACE, {"reader": reader}).scalar_one()
    return found


def move(connection: Connection, reader: str, place: int) -> None:
    """Let the place of `reader` be another, from the end of this transaction on."""
    connection.execute(tables.MOVE_PLACE, {"b_reader": reader, "place": place})


def project_day(connection: Connection, day: date, lines: Iterable[Line]) -> bool:
    """Write what became of each obligation on a day, unless that or a later one is written already."""
    if day.toordinal() <= place(connection, SETTLEMENT):
        return False
    if rows := [line_row(each) for each in lines]:
        connection.execute(tables.ADD_LINE, rows)
    move(connection, SETTLEMENT, day.toordinal())
    return True


def catch_up(database: Database, tape: Tape, at_once: int = COMMANDS_AT_ONCE) -> int:
    """Write all that the journal has by now, some commands a commit; return how many trades were new."""
    written, before = 0, -1
    while tape.sequence != before:
        before = tape.sequence
        executions = tape.poll(at_once)
        written += database.run(partial(project, executions=executions, until=tape.sequence))
    return written


def trade_row(each: Execution) -> dict[str, Any]:
    """Return an execution as a row of trades."""
    return {
        "execution_id": each.id,
        "sequence": each.sequence,
        "time_ns": each.time_ns,
        "symbol": each.symbol,
        "price": each.price,
        "lots": each.quantity,
        "buyer": each.buyer,
        "seller": each.seller,
        "taker_side": each.taker_side,
    }


def position_rows(each: Execution) -> list[dict[str, Any]]:
    """Return what an execution adds to the positions of its two sides: lots, and ticks for them."""
    lots, ticks = each.quantity, each.price * each.quantity
    return [
        {"account": each.buyer, "symbol": each.symbol, "lots": lots, "ticks": -ticks},
        {"account": each.seller, "symbol": each.symbol, "lots": -lots, "ticks": ticks},
    ]


def line_row(each: Line) -> dict[str, Any]:
    """Return a line of a day's settlement as a row."""
    owed = each.owed
    return {
        "day": each.day.isoformat(),
        "obligation": owed.id,
        "due": owed.due.isoformat(),
        "account": owed.account,
        "symbol": owed.symbol,
        "shares": owed.shares,
        "cash": owed.cash,
        "settled": each.settled,
        "left": each.left,
        "fine": each.fine,
    }
