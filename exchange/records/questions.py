"""Questions that somebody asks every day, and their answers as plain rows.

    positions   what has this account bought and not sold, at which average price?
    trades      what traded in this symbol between two times?
    fails       what was not delivered on this day, by whom, and what did it cost?
    settled     what became of this account's obligations, day by day?

Prices are told as text, as everywhere outside; money is exact text too. Page: docs/exchange/records.md
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Executable

from chapters.ledger import spell
from chapters.transaction import Database
from exchange.clearing.calendar import Calendar
from exchange.order_json import price_text
from exchange.orders import BUY
from exchange.records import tables

ROWS_MAX = 1_000  # of an answer; ask for a shorter time
Row = dict[str, Any]


def positions(database: Database, account: int) -> list[Row]:
    """Return an account's position in each symbol: lots, and what an open one cost on average."""
    rows = _ask(database, tables.POSITIONS_OF, {"account": account})
    return [
        {
            **{name: row[name] for name in ("account", "symbol", "lots", "trades")},
            "paid": price_text(-row["ticks"]),
            "average": price_text(round(-row["ticks"] / row["lots"])) if row["lots"] else "",
        }
        for row in rows
    ]


def trades(database: Database, symbol: str, from_ns: int, until_ns: int) -> list[Row]:
    """Return the trades of a symbol from one time until before another, at most `ROWS_MAX`."""
    venue = Calendar()
    words = {"symbol": symbol, "from_ns": from_ns, "until_ns": until_ns, "limit": ROWS_MAX}
    return [
        {
            "id": row["execution_id"],
            "at": venue.clock_of(row["time_ns"]),
            **{name: row[name] for name in ("symbol", "lots")},
            "price": price_text(row["price"]),
            "buyer": row["buyer"],
            "seller": row["seller"],
            "taker": "buyer" if row["taker_side"] == BUY else "seller",
        }
        for row in _ask(database, tables.TRADES_BETWEEN, words)
    ]


def fails(database: Database, day: date) -> list[Row]:
    """Return what was still owed after a day, with that day's fines."""
    return list(map(_line, _ask(database, tables.FAILS_OF, {"day": day.isoformat()})))


def settled(database: Database, account: int) -> list[Row]:
    """Return what became of an account's obligations, day by day."""
    return list(map(_line, _ask(database, tables.SETTLED_OF, {"account": account})))


def _line(row: Row) -> Row:
    names = ("day", "due", "account", "symbol", "settled", "left")
    gives = row["shares"] < 0 or (not row["shares"] and row["cash"] < 0)
    return {
        **{name: row[name] for name in names},
        "side": "gives" if gives else "gets",
        "shares": row["shares"],
        "cash": spell(row["cash"]),
        "fine": spell(row["fine"]),
    }


def _ask(database: Database, statement: Executable, words: Row) -> list[Row]:
    def ask(connection: Connection) -> list[Row]:
        return [dict(row) for row in connection.execute(statement, words).mappings()]

    return database.run(ask)
