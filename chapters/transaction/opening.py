"""SQLite or PostgreSQL by one address, and what has to be said to each so that it keeps its word.

SQLite: write-ahead log, so that readers go on beside the writer; `synchronous=FULL`, so that a commit
is on disk; and BEGIN IMMEDIATE, so that a transaction asks for the right to write before it reads:
otherwise two could read, and the second could not write any more. PostgreSQL: as it comes (READ
COMMITTED), so a value that was read may have changed when one writes; write by a condition instead.
Page: docs/chapters/transaction.md
"""

import os
import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import StaticPool

from chapters.transaction.database import Database, nowhere
from chapters.transaction.errors import BadAddress

DATABASE_VARIABLE = "KIT_DATABASE"  # sqlite:///FILE or postgresql://…
WAIT_S = 30  # for another writer, before a transaction is begun again
MEMORY = "sqlite://"


def open_database(
    address: str, tables: MetaData, *, at: Callable[[str], None] = nowhere
) -> Database:
    """Return the database at an address, with `tables` in it. Raises `BadAddress`."""
    url = read_address(address)
    try:
        engine = _sqlite(url) if url.get_backend_name() == "sqlite" else create_engine(url)
        tables.create_all(engine)
    except ModuleNotFoundError as error:
        raise BadAddress(
            f"{error.name} is missing: pip install 'system-design-kit[postgres]'"
        ) from error
    except OperationalError as error:
        shown = url.render_as_string()
        raise BadAddress(f"{shown} cannot be opened: {_first_line(error)}") from error
    return Database(engine, at=at)


def chosen_address() -> str:
    """Return the address that KIT_DATABASE names, or that of a database in memory."""
    return os.environ.get(DATABASE_VARIABLE, MEMORY)


def read_address(address: str) -> URL:
    """Return the parsed address, with the driver that the kit uses. Raises `BadAddress`."""
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise BadAddress(
            f"{address!r} is no address; say sqlite:///FILE or postgresql://…"
        ) from error
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise BadAddress(f"{backend} is not spoken here; say sqlite:///FILE or postgresql://…")
    return url


def _sqlite(url: URL) -> Engine:
    if url.database:
        engine = create_engine(url, connect_args={"timeout": WAIT_S})
    else:  # a database in memory lives as long as its one connection
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def settle(connection: Any, record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        try:  # straight to the driver: it is said before each transaction
            connection.connection.driver_connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError("BEGIN IMMEDIATE", {}, error) from error

    return engine


def _first_line(error: OperationalError) -> str:
    return str(error.orig).splitlines()[0]
